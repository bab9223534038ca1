package proxy

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"weir/router"
	"weir/router/protocol"
	"weir/trace"
)

// arrive reads who asks for what, as far as the decision needs it. It returns
// nil where the body's beginning did not come: then the request has been
// answered, and belongs to no version.
func (p *Proxy) arrive(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{Proxy: p, w: w, control: *http.NewResponseController(w), in: r, began: time.Now()}
	x.row = &x.kept.Exchange
	x.row.App, x.row.StartedAt = p.Release.App, p.Now().UTC()
	x.row.TraceID, x.span = newIDs(p.Random)

	stable := p.versions[p.Release.Stable]
	if !p.peek(x, stable) {
		return nil
	}
	x.call = stable.protocol.Call(x.told())
	x.identify()
	return x
}

// peek reads the body's beginning where somebody wants to know it. The time
// for it is bounded as that of the whole request is.
func (p *Proxy) peek(x *exchange, stable *version) bool {
	wanted := x.readable(stable.protocol)
	if wanted && x.in.ContentLength != 0 {
		_ = x.control.SetReadDeadline(time.Now().Add(stable.Timeout.Total))
	}
	var err error
	x.body, err = peekBody(x.in, p.peeks, wanted)
	if err != nil {
		status, message := bodyAnswer(err)
		refuse(x.w, status, message)
		return false
	}
	if wanted && x.in.ContentLength != 0 {
		_ = x.control.SetReadDeadline(time.Time{})
	}
	return true
}

// readable tells whether the body is held to be read: by a protocol, or for
// the specification's sources. A body that is no document is left alone.
func (x *exchange) readable(by protocol.Protocol) bool {
	if _, plain := by.(protocol.Plain); !plain {
		return true
	}
	t := protocol.MediaType(x.in.Header)
	return x.sources.body && (t == "application/json" || strings.HasSuffix(t, "+json"))
}

// told is what a protocol is told of the request.
func (x *exchange) told() protocol.Request {
	return protocol.Request{
		Method: x.in.Method, Path: x.in.URL.EscapedPath(), Query: x.in.URL.RawQuery,
		Header: x.in.Header, Body: x.body.plain, Whole: x.body.plainWhole,
	}
}

// identify fills in who asks, and what the router decides by.
func (x *exchange) identify() {
	h, fields := x.in.Header, protocol.NewFields(x.body.plain, x.body.plainWhole)
	x.from = x.sources.forwardedBy(x.in)
	session := x.hashed(cmp.Or(x.sources.first(x.sources.Session, h, fields), x.call.Session))
	user := x.hashed(cmp.Or(x.sources.first(x.sources.User, h, fields), x.call.User))
	bound := make([]string, 0, len(x.call.Bound))
	for _, id := range x.call.Bound {
		if id = x.hashed(id); id != "" {
			bound = append(bound, id)
		}
	}
	attributes := x.sources.attributes(h, fields)

	x.row.SessionID, x.row.UserID = session, user
	x.row.Attributes, x.row.Device = attributes, attributes["device"]
	x.row.Region, x.row.Language = x.sources.region(h, fields, x.from.client), languageOf(h)
	x.context = router.Context{
		Session: session, User: user, Bound: bound, FollowUp: x.call.FollowUp, Aside: x.call.Aside,
		Headers: func() map[string]string { return firstValues(h) }, Attributes: attributes,
		Region: x.row.Region, Method: x.in.Method, Path: x.in.URL.Path,
		Fresh: x.row.TraceID, At: x.row.StartedAt,
	}
}

// hashed is an id as everyone but the client and the version sees it. One that
// is longer than any row should hold is none.
func (x *exchange) hashed(id string) string {
	if id = bounded(id); id == "" {
		return ""
	}
	return x.Hash(id)
}

// decide fixes where the request goes, and records that it begins.
func (x *exchange) decide() {
	x.decision = router.Assign(x.plan(), x.context, x.Memory)
	if err := x.decision.Err; err != nil {
		x.Log.Warn("a rule cannot be evaluated", "error", err)
	}
	x.decision.Record(x.row)
	if x.version = x.versions[x.decision.Version]; x.version == nil {
		// The plan is of another generation than the proxy.
		x.version = x.versions[x.Release.Stable]
		x.row.ServedVersion, x.row.Reason = x.version.name, trace.ReasonDefault
	}
	x.place()
	x.keeps = x.version.Capture.Metadata && x.version.Capture.Content > 0 &&
		(x.version.Capture.Content >= 1 || router.Draw(x.capture, x.decision.UnitID) < float64(x.version.Capture.Content))
	x.Recorder.Record(trace.Record{Begun: x.row})
}

// place finds the request's place in its dialogue.
func (x *exchange) place() {
	if x.row.SessionID == "" {
		if from, ok := x.dialogues.origin(x.context.Bound); ok {
			x.row.SessionID = from.session
		}
	}
	if x.row.SessionID == "" || x.call.FollowUp || x.call.Aside {
		return
	}
	anew := x.decision.AssignedAt.Equal(x.context.At) || x.dialogues.complete(x.context.At, x.Release.Sessions.Idle)
	x.row.Turn = x.dialogues.turn(x.row.SessionID, anew)
}

// firstValues are headers as rules see them.
func firstValues(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		if len(values) > 0 {
			out[name] = values[0]
		}
	}
	return out
}
