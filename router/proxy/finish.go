package proxy

import (
	"cmp"
	"encoding/json"
	"net/http"
	"time"

	"weir/router/protocol"
	"weir/trace"
)

// fail is called where the version gave no answer.
func (x *exchange) fail(err error) {
	w := x.w
	switch fault := x.blame(); {
	case fault == nil && x.gone(), left(fault):
		x.status = statusClientGone
		x.end("")
		w.WriteHeader(statusClientGone) // nobody reads it
		return
	case fault != nil:
		var message string
		x.status, message = bodyAnswer(fault)
		x.end("")
		x.head(w.Header())
		x.dropBody()
		refuse(w, x.status, message)
		return
	}
	failure := failureOf(x.ctx, err)
	status, message := answerFor(failure)
	x.status = status
	x.end(failure)
	x.head(w.Header())
	if failure == ErrorOverflow {
		w.Header().Set("Retry-After", "1")
	}
	x.dropBody()
	writeError(w, status, failure, message)
}

// dropBody lets go of the rest of a body that nobody wants any more, and of its
// connection: the answer would wait for it, however long it takes to come.
func (x *exchange) dropBody() {
	if x.body.whole {
		return
	}
	x.w.Header().Set("Connection", "close")
	_ = x.control.SetReadDeadline(time.Now())
	x.body.idle()
}

// refuse answers a request whose body cannot be read. Nothing more is read from
// its connection: where the body ends is not known.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Connection", "close")
	writeError(w, status, "bad_body", message)
}

// writeError answers in Weir's own name.
func writeError(w http.ResponseWriter, status int, kind, message string) {
	type detail struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	}
	body, err := json.Marshal(map[string]detail{"error": {kind, message}})
	if err != nil {
		panic("proxy: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(HeaderError, kind)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// learn remembers an id that the version hands out, as soon as it is seen.
func (x *exchange) learn(id string) {
	if id = x.hashed(id); id == "" {
		return
	}
	key, entry := x.decision.Bind(id, x.version.name)
	x.Memory.Put(key, entry, x.context.At)
	x.learned = append(x.learned, id)
	x.dialogues.learn(id, origin{x.row.SessionID, x.row.TraceID})
}

// finish ends what is left: a request whose client left, a stream that broke
// off, an upgraded connection.
func (x *exchange) finish() {
	if x.timer != nil {
		x.timer.Stop()
		x.cancel(nil)
	}
	x.end("") // the client left, or took nothing of what was sent
	x.body.close()
	x.body.room.Release()
	if x.closed.Load() {
		x.version.release()
	}
}

// end records the exchange, once.
func (x *exchange) end(failure string) {
	if x.ended {
		return
	}
	x.ended = true
	now := time.Now()
	reply := protocol.Reply{}
	if x.reader != nil {
		if x.answer != nil {
			x.answer.digest()
		}
		reply = x.reader.End(x.complete(), now)
	}
	if x.status == 0 {
		x.status = statusClientGone
	}
	if failure == "" {
		failure = statusFailure(x.status)
	}
	if failure == "" && x.status < 400 {
		failure = replyFailure(reply, x.complete())
	}
	for _, id := range reply.Learned {
		x.learn(id)
	}
	x.adopt(reply.Session)
	x.fill(reply, now)
	x.row.ErrorType = cmp.Or(x.failure, failure)
	x.kept.Content = x.content(reply)
	x.Recorder.Record(trace.Record{Ended: &x.kept})
	x.rate(x.call.Ratings)
	x.report(failure, reply, now)
	x.scan.Release()
	x.keep.Release()
	x.body.tee.Release()
}

// adopt takes the session that the answer gives where the request gave none.
// Whatever the dialogue's ids are, later calls that carry one belong to it.
func (x *exchange) adopt(session string) {
	if x.row.SessionID == "" && session != "" {
		x.row.SessionID = x.hashed(session)
	}
	if x.row.SessionID == "" {
		return
	}
	if x.row.Turn == nil && x.context.Session == "" && len(x.context.Bound) == 0 && !x.call.FollowUp && !x.call.Aside {
		x.row.Turn = new(int64(1))
		x.dialogues.began(x.row.SessionID)
	}
	for _, id := range x.learned {
		x.dialogues.learn(id, origin{x.row.SessionID, x.row.TraceID})
	}
}

// fill writes the outcome into the row.
func (x *exchange) fill(reply protocol.Reply, now time.Time) {
	r, f := x.row, &x.figures
	f.latency, f.upstream = milliseconds(now.Sub(x.began)), milliseconds(x.upstream)
	f.status, f.streamed = int64(x.status), x.streamed
	r.LatencyMS, r.UpstreamMS, r.Status, r.Streamed = &f.latency, &f.upstream, &f.status, &f.streamed
	if !reply.FirstToken.IsZero() {
		f.ttft = milliseconds(reply.FirstToken.Sub(x.began))
		r.TTFTMS = &f.ttft
	}
	if !x.version.Capture.Metadata {
		return
	}
	f.truncated = reply.Truncated || x.keep.Short() || x.body.tee.Short() || !x.body.whole && len(x.body.prefix) > 0
	r.Truncated = &f.truncated
	r.Model = bounded(cmp.Or(reply.Model, x.call.Model))
	r.InputTokens, r.OutputTokens, r.CachedTokens = reply.Usage.Input, reply.Usage.Output, reply.Usage.Cached
	r.CostUSD = costOf(x.Release.Prices, r.Model, reply.Usage)
	if r.UsageSource = reply.Usage.Source; r.UsageSource == "" && x.call.Operation != "" && !x.call.FollowUp && !x.call.Aside {
		r.UsageSource = trace.UsageUnknown
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// inputRoom is the room for what flows through from the client, where that is
// text to keep.
func (x *exchange) inputRoom() *protocol.Room {
	if _, plain := x.version.protocol.(protocol.Plain); !plain || !x.keeps || len(x.body.prefix) > 0 || !protocol.Textual(x.in.Header) {
		return nil
	}
	return protocol.NewRoom(MaxBody, x.captures)
}

// content is the text of the exchange; nil where none is kept.
func (x *exchange) content(reply protocol.Reply) *trace.Content {
	if !x.keeps {
		return nil
	}
	input := x.call.Input
	if input == "" && protocol.Textual(x.in.Header) {
		input = protocol.Valid(x.body.close())
	}
	c := &trace.Content{
		TraceID: x.row.TraceID, App: x.row.App, Input: input, Prompt: x.call.Prompt,
		Output: reply.Output, Retrieval: reply.Retrieval, Spans: reply.Spans,
	}
	if len(reply.ToolCalls) > 0 {
		if calls, err := json.Marshal(reply.ToolCalls); err == nil {
			c.ToolCalls = string(calls)
		}
	}
	return c
}

// rate reports the outcomes that the call carried, where it was answered well.
func (x *exchange) rate(ratings []protocol.Rating) {
	if x.status >= 300 {
		return
	}
	for _, rating := range ratings {
		if rating.Value == nil {
			continue
		}
		o := trace.Outcome{
			OutcomeID: x.row.TraceID + ":" + rating.Name, App: x.row.App, Name: rating.Name, Value: *rating.Value,
			Comment: rating.Comment, Source: "proxy", OccurredAt: x.row.StartedAt, ReceivedAt: x.row.StartedAt,
		}
		if from, ok := x.dialogues.origin([]string{x.hashed(rating.About)}); ok {
			o.TraceID = from.trace
		} else if o.SessionID = x.row.SessionID; o.SessionID == "" {
			o.TraceID = x.decision.UnitID // of a unit without an id: its first request
		}
		x.Recorder.Record(trace.Record{Outcome: &o})
	}
}

// report counts the outcome where versions are watched.
func (x *exchange) report(failure string, reply protocol.Reply, now time.Time) {
	x.observe(failure, reply, now)
	if x.entered {
		x.version.inFlight.Add(-1)
		x.entered = false
	}
}

// settle counts a failed attempt, before another is made.
func (x *exchange) settle(failure string) {
	x.report(failure, protocol.Reply{}, time.Now())
}

func (x *exchange) observe(failure string, reply protocol.Reply, now time.Time) {
	v := x.version
	o := Observation{Error: failure, Latency: now.Sub(x.began), Session: cmp.Or(x.row.SessionID, x.decision.UnitID)}
	if !reply.FirstToken.IsZero() {
		o.TTFT = reply.FirstToken.Sub(x.began)
	}
	if reply.Usage.Input != nil {
		o.InputTokens = *reply.Usage.Input
	}
	if reply.Usage.Output != nil {
		o.OutputTokens = *reply.Usage.Output
	}
	x.Observer.Ended(v.name, o)
	if failure == "" && !x.complete() && x.status != http.StatusSwitchingProtocols {
		return // who left says nothing of the version
	}
	if v.breaker.Observe(failure != "", x.Now()) {
		v.open.Store(true)
		x.Opened(v.name, v.breaker.State())
	}
}
