package replay

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"time"

	"weir/trace"
)

// maxReply bounds what is read of a reply; the rest is thrown away.
const maxReply = 4 << 20

// A reply is what a version answered to one turn.
type reply struct {
	answer       strings.Builder
	conversation string
	model        string
	input        *int64
	output       *int64
	cached       *int64
	cost         *float64
	toolCalls    string
	passages     []trace.Passage

	failure   string // why there is no answer; empty where there is one
	ended     bool   // a stream said that it was over
	truncated bool
	first     time.Time // of the first text of a stream
}

// whole reads a reply that is not streamed.
func (p *reply) whole(r Request, body io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(body, maxReply+1))
	if err != nil {
		return err
	}
	if len(raw) > maxReply {
		raw, p.truncated = raw[:maxReply], true
	}
	v := decode(raw)
	if x, ok := at(v, r.Error); r.Error != "" && ok && x != nil {
		p.failure = "error_in_reply"
		return nil
	}
	p.read(r, v)
	answer := textAt(v, r.Answer)
	if _, ok := at(v, r.Answer); r.Answer == "" || !ok {
		if r.Answer != "" && p.toolCalls == "" {
			p.failure = "no_answer" // a reply of another form than the protocol's
		}
		answer = string(raw)
	}
	p.answer.WriteString(answer)
	return nil
}

// read takes what stands beside the answer.
func (p *reply) read(r Request, v any) {
	p.conversation = textAt(v, r.Conversation)
	p.model = textAt(v, r.Model)
	p.input, p.output, p.cached = countAt(v, r.InputTokens), countAt(v, r.OutputTokens), countAt(v, r.CachedTokens)
	p.toolCalls = textAt(v, r.ToolCalls)
	if r.CostUSD != "" {
		p.cost = numberAt(v, r.CostUSD)
	}
	p.retrieve(v, r.Retrieval)
	p.noUsage()
}

// noUsage makes an all-zero usage unknown: nobody answers from no tokens at all.
func (p *reply) noUsage() {
	if p.input != nil && p.output != nil && *p.input == 0 && *p.output == 0 {
		p.input, p.output, p.cached, p.cost = nil, nil, nil, nil
	}
}

// retrieve takes the passages that an application says it used.
func (p *reply) retrieve(v any, path string) {
	x, _ := at(v, path)
	list, _ := x.([]any)
	if path == "" {
		return
	}
	for i, e := range list {
		passage := trace.Passage{Rank: int64(i + 1), DocID: textAt(e, "document_id"), Score: numberAt(e, "score"), Text: textAt(e, "content")}
		if rank := countAt(e, "position"); rank != nil {
			passage.Rank = *rank
		}
		p.passages = append(p.passages, passage)
	}
}

var errLongLine = errors.New("a line of the stream is longer than a reply may be")

// streamed reads server-sent events; now tells when the first text came.
func (p *reply) streamed(r Request, body io.Reader, now func() time.Time) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxReply)
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
		if !ok {
			continue
		}
		r.stream(p, bytes.TrimSpace(data))
		if p.first.IsZero() && p.answer.Len() > 0 {
			p.first = now()
		}
		if p.answer.Len() > maxReply {
			return errLongLine
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if !p.ended && p.failure == "" {
		p.failure = "truncated_stream"
	}
	p.noUsage()
	return nil
}

// openAIEvent takes one event of a chat completion.
func (p *reply) openAIEvent(data []byte) {
	if string(data) == "[DONE]" {
		p.ended = true
		return
	}
	v := decode(data)
	if x, ok := at(v, "error"); ok && x != nil {
		p.failure = "error_in_stream"
		return
	}
	p.answer.WriteString(textAt(v, "choices.0.delta.content"))
	if m := textAt(v, "model"); m != "" {
		p.model = m
	}
	if n := countAt(v, "usage.prompt_tokens"); n != nil {
		p.input, p.output = n, countAt(v, "usage.completion_tokens")
		p.cached = countAt(v, "usage.prompt_tokens_details.cached_tokens")
	}
}

// difyEvent takes one event of a chat message.
func (p *reply) difyEvent(data []byte) {
	v := decode(data)
	if id := textAt(v, "conversation_id"); id != "" {
		p.conversation = id
	}
	switch textAt(v, "event") {
	case "message", "agent_message":
		p.answer.WriteString(textAt(v, "answer"))
	case "message_replace":
		p.answer.Reset()
		p.answer.WriteString(textAt(v, "answer"))
	case "error":
		p.failure = "error_in_stream"
	case "message_end":
		p.ended = true
		p.input, p.output = countAt(v, "metadata.usage.prompt_tokens"), countAt(v, "metadata.usage.completion_tokens")
		p.cost = numberAt(v, "metadata.usage.total_price")
		p.retrieve(v, "metadata.retriever_resources")
	}
}
