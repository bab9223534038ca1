package sim

import (
	"fmt"
	"strings"

	"weir/trace"
)

// Languages of the simulated texts, BCP 47.
const (
	english = "en"
	chinese = "zh-Hans"
)

// A script is the text of all dialogues in one language. Everything in it is
// made up; %d is an order number.
type script struct {
	prompt   string
	topics   []topic
	further  []turn // between the first request and the last
	resolved turn   // the last request of a resolved session
	open     turn   // of another
	padding  string // what a verbose answer adds: words, no information
}

// A turn is what the user says and what the version answers.
type turn struct{ input, output string }

// A topic is how a dialogue begins, and what the shop's handbook says of it.
type topic struct {
	turn
	document, passage string
	tool              string // called with the order number; empty: none
}

// appendContents adds the texts of a session, one row an exchange.
func (g *generator) appendContents(to []datedContent, s *session, rows []row, random source) []datedContent {
	text := scripts[languages[s.profile>>8&15]]
	subject := random.below(len(text.topics))
	order := 100000 + random.below(900000)
	for i := range rows[:s.requests] {
		r := &rows[i]
		c := text.content(r, subject, text.turn(s, i, subject, order), order)
		c.App = g.App
		if r.ErrorType != "" && !s.law.unreachable {
			c.Output = ""
		}
		to = append(to, datedContent{date: trace.Date(r.StartedAt), Content: c})
	}
	return to
}

// turn is what is said at one request of the session, counted from 0.
func (t script) turn(s *session, i, subject, order int) turn {
	said := t.line(i, s.requests, subject, order, s.resolved)
	if s.law.verbose {
		said.output = strings.Join([]string{t.padding, said.output, t.padding}, " ")
	}
	return said
}

// line is what is said at turn i of n, counted from 0.
func (t script) line(i, n, subject, order int, resolved bool) turn {
	switch {
	case i == 0:
		first := t.topics[subject].turn
		return turn{fmt.Sprintf(first.input, order), fmt.Sprintf(first.output, order)}
	case i < n-1:
		return t.further[(i-1)%len(t.further)]
	case resolved:
		return t.resolved
	}
	return t.open
}

// content is one exchange's text, with what was retrieved for it and where its
// time went.
func (t script) content(r *row, subject int, said turn, order int) trace.Content {
	known := t.reply(subject, order)
	start, searched, answered := 0.0, milliseconds(0.08*r.latency), milliseconds(0.92*r.latency)
	c := trace.Content{
		TraceID: r.TraceID, Input: said.input, Output: said.output, Prompt: t.prompt,
		Retrieval: known.Passages,
		Spans: []trace.Span{
			{Name: "retrieval", StartMS: &start, DurationMS: &searched},
			{Name: "model", StartMS: &searched, DurationMS: &answered},
		},
	}
	if known.Tool != "" && r.turn == 1 {
		c.ToolCalls = fmt.Sprintf(`[{"name":%q,"arguments":{"order":%d}}]`, known.Tool, order)
	}
	return c
}

var scripts = map[string]script{english: inEnglish, chinese: inChinese}

var inEnglish = script{
	prompt: "You are the support assistant of Example Shop, a simulated shop. Answer from the passages.",
	topics: []topic{
		{turn{"Where is my order %d? It should have been here on Monday.", "Order %d left our warehouse and arrives within two working days."},
			"sim-delivery-1", "Orders arrive within three working days after they leave the warehouse.", "order_status"},
		{turn{"I want to send back order %d. How do I get my money?", "You can return order %d within 30 days; the label is in your account under Returns, and the refund takes five days."},
			"sim-returns-1", "Returns are free for 30 days. Refunds are paid within five working days after arrival.", ""},
		{turn{"The lamp of order %d does not switch on.", "I am sorry. For order %d please check the fuse in the plug first; if it is whole, we replace the lamp."},
			"sim-warranty-1", "Lamps have a warranty of two years. Faulty ones are replaced, not repaired.", ""},
		{turn{"I need an invoice with my company's name for order %d.", "You can change the name on the invoice of order %d in your account under Orders, Invoice, Edit."},
			"sim-invoice-1", "Invoices can be edited in the account for 90 days.", "invoice_link"},
	},
	further: []turn{
		{"And what if I am not at home?", "Then the parcel waits for you at the next pick-up point for seven days."},
		{"Do I have to print anything?", "No. The code on your telephone is enough."},
		{"How long does that take?", "Usually two working days, at most five."},
	},
	resolved: turn{"Thank you, that solved it.", "You are welcome. Is there anything else?"},
	open:     turn{"That does not help me.", "I am sorry that I could not solve this. You can reach a colleague from nine to five."},
	padding:  "Thank you very much for reaching out to us today. I completely understand how important this is to you, and I want to make sure that you have the best possible experience with us.",
}

var inChinese = script{
	prompt: "你是示例商店（模拟）的客服助手。请根据资料回答。",
	topics: []topic{
		{turn{"我的订单%d在哪里？本来星期一就该到了。", "订单%d已经出库，两个工作日内送达。"},
			"sim-delivery-1", "订单出库后三个工作日内送达。", "order_status"},
		{turn{"我想退订单%d，怎么退款？", "订单%d可在30天内退货，退货单在账户的“退货”里，退款需要五天。"},
			"sim-returns-1", "30天内免费退货。收到退货后五个工作日内退款。", ""},
		{turn{"订单%d的台灯不亮了。", "很抱歉。请先检查订单%d台灯插头里的保险丝，如果完好，我们会为您更换。"},
			"sim-warranty-1", "台灯保修两年，有故障的只换不修。", ""},
		{turn{"订单%d需要开公司抬头的发票。", "您可以在账户的“订单—发票—编辑”里修改订单%d的发票抬头。"},
			"sim-invoice-1", "发票可在90天内在账户中修改。", "invoice_link"},
	},
	further: []turn{
		{"如果我不在家怎么办？", "包裹会在最近的自提点保留七天。"},
		{"需要打印什么吗？", "不需要，手机上的二维码就可以。"},
		{"大概要多久？", "一般两个工作日，最多五个。"},
	},
	resolved: turn{"谢谢，问题解决了。", "不客气，还有什么可以帮您？"},
	open:     turn{"这个回答没有用。", "很抱歉没能解决您的问题，您可以在九点到五点联系人工客服。"},
	padding:  "非常感谢您今天联系我们。我完全理解这件事对您有多重要，我们希望为您提供最好的体验。",
}
