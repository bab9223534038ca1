package proxy

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"weir/rollout/spec"
	"weir/router/protocol"
	"weir/trace"
)

// Headers that Weir states.
const (
	// HeaderVersion names the version: on requests to it, and on answers where
	// the specification's response_header is on.
	HeaderVersion = "X-Weir-Version"
	// HeaderTrace is the request's trace_id, to report outcomes under: on
	// requests and answers.
	HeaderTrace = "X-Weir-Trace-Id"
	// HeaderError says on an answer of Weir's own which error it is.
	HeaderError = "X-Weir-Error"
)

// writeGrace is how long a client has to take what is left to say once the
// total time-out is over.
const writeGrace = time.Second

// forward sends the request to its version, and the answer back as it comes.
func (x *exchange) forward() {
	ctx, cancel := context.WithCancelCause(x.in.Context())
	x.ctx, x.cancel = ctx, cancel
	x.timer = time.AfterFunc(x.version.Timeout.Total, x.expire)
	if !x.body.whole {
		// Upstream may answer while the client still sends.
		_ = x.control.EnableFullDuplex()
		x.body.tee = x.inputRoom()
		x.body.watch(max(x.Stall, x.version.Timeout.FirstByte), func() { _ = x.control.SetReadDeadline(time.Now()) })
	}
	res, err := x.roundTrip()
	switch {
	case err != nil:
		x.fail(err)
	case res.StatusCode == http.StatusSwitchingProtocols:
		x.tunnel(res)
	default:
		x.give(res)
	}
}

// expire ends a request whose time is over, also one that waits for a client
// that reads nothing, or sends nothing.
func (x *exchange) expire() {
	x.starved.Store(x.body.awaited())
	x.expired.Store(true)
	x.cancel(errTotal)
	_ = x.control.SetWriteDeadline(time.Now().Add(writeGrace))
}

// roundTrip sends the request to its version or, where that cannot be reached
// and may be stood in for, to the stable one.
func (x *exchange) roundTrip() (*http.Response, error) {
	res, err := x.attempt(protocol.Target{Detach: x.decision.Detach && !x.version.sharesAppWith(x.candidate)})
	if err == nil || !x.mayFallBack(err) {
		return res, err
	}
	x.fallBack(failureOf(x.ctx, err))
	return x.attempt(protocol.Target{})
}

// mayFallBack tells whether stable may answer in place of a version that
// failed: where nothing was sent, and no id in the request belongs to it.
func (x *exchange) mayFallBack(err error) bool {
	_, known := x.versions[x.plan().Stable()]
	return x.version.Fallback == spec.FallbackStable && (notSent(err) || !x.entered) && !x.gone() && !x.isExpired() &&
		len(x.context.Bound) == 0 && known && x.plan().Stable() != x.version.name
}

// fallBack counts the failure as the version's, and turns to stable.
func (x *exchange) fallBack(failure string) {
	x.failure, x.fell = failure, x.version.name
	x.settle(failure)
	x.version = x.versions[x.plan().Stable()]
	x.row.ServedVersion, x.row.Reason = x.version.name, trace.ReasonFallback
}

// attempt sends the request to the version that is its turn.
func (x *exchange) attempt(target protocol.Target) (*http.Response, error) {
	v := x.version
	x.asked = time.Now()
	x.Observer.Began(v.name)
	if x.entered = v.enter(x.asked); !x.entered {
		return nil, errOverflow
	}
	target.Workflow = v.Workflow
	target.AskUsage = v.AskUsage && !v.mute.Load() && x.call.Streaming && !x.call.UsageAsked
	res, err := x.send(target)
	if err == nil && x.target.AskUsage && res.StatusCode == http.StatusBadRequest {
		res, err = x.again(target, res)
	}
	x.upstream += time.Since(x.asked)
	return res, err
}

// again sends the request as it came, where it was refused with the question
// for token counts in it. A version that takes it so is not asked again.
func (x *exchange) again(target protocol.Target, refused *http.Response) (*http.Response, error) {
	_, _ = io.CopyN(io.Discard, refused.Body, 64<<10)
	_ = refused.Body.Close()
	target.AskUsage = false
	res, err := x.send(target)
	if err == nil && res.StatusCode < 400 {
		x.version.mute.Store(true)
		x.Log.Info("the version refuses stream_options: its token counts are unknown", "version", x.version.name)
	}
	return res, err
}

// send sends the request once, changed as the target demands.
func (x *exchange) send(target protocol.Target) (*http.Response, error) {
	v := x.version
	request := x.request()
	prefix := x.change(request, target)
	request.Body = x.body.reader(prefix)
	v.setHeaders(request)
	if x.body.replayable() {
		request.GetBody = func() (io.ReadCloser, error) { return x.body.reader(prefix), nil }
		return v.pool.send(request, x.early)
	}
	return v.fresh.send(request, x.early)
}

// request is what is sent on to the version, but for its body.
func (x *exchange) request() *http.Request {
	in, upstream := x.in, x.version.upstream
	target := &url.URL{
		Scheme: upstream.Scheme, Host: upstream.Host,
		Path: in.URL.Path, RawPath: in.URL.RawPath, RawQuery: in.URL.RawQuery, // as it came, whatever it is
		ForceQuery: in.URL.ForceQuery,
	}
	spelt, _, _ := strings.Cut(in.RequestURI, "?")
	if upstream.Path != "" && upstream.Path != "/" && in.URL.Path != "*" { // * is the server as a whole
		target.Path, target.RawPath = joined(upstream, in.URL)
		if strings.HasPrefix(spelt, "/") {
			spelt = strings.TrimSuffix(upstream.EscapedPath(), "/") + spelt
		}
	}
	if spelt != target.EscapedPath() && strings.HasPrefix(spelt, "/") && !strings.HasPrefix(spelt, "//") {
		target.Opaque = spelt // it has characters that a URL would spell otherwise
	}
	request := http.Request{
		Method: in.Method, URL: target, Host: upstream.Host, Header: x.header(), ContentLength: in.ContentLength,
		Trailer: in.Trailer, // which fills while the body flows
		Proto:   "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return request.WithContext(x.ctx)
}

// header is that of the request, as it is sent on.
func (x *exchange) header() http.Header {
	out := forwardable(x.in.Header, 7)
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		delete(out, name)
	}
	if x.body.whole || !x.in.ProtoAtLeast(1, 1) {
		delete(out, "Expect") // what it waits for has happened, or cannot be told (RFC 9110, section 10.1.1)
	}
	dropDisguised(out, stated, x.version.headers)
	if x.from.chain != "" {
		x.state(out, "X-Forwarded-For", x.from.chain)
	}
	x.state(out, "X-Forwarded-Host", x.from.host)
	x.state(out, "X-Forwarded-Proto", x.from.proto)
	x.state(out, "Traceparent", continued(x.in.Header.Get("Traceparent"), x.row.TraceID, x.span))
	x.state(out, HeaderTrace, x.row.TraceID)
	x.state(out, HeaderVersion, x.version.name)
	return out
}

// early gives a head with a status of 1xx on, to a client that knows of such.
func (x *exchange) early(status int, header http.Header) {
	if !x.in.ProtoAtLeast(1, 1) {
		return // RFC 9110, section 15.2
	}
	dropSingleHop(header)
	dropStated(header)
	h := x.w.Header()
	addAll(h, header)
	x.w.WriteHeader(status)
	clear(h)
}

// change lets the protocol make of the request what the target demands, and
// returns the beginning of its body.
func (x *exchange) change(request *http.Request, target protocol.Target) []byte {
	x.target = protocol.Target{}
	rewriter, ok := x.version.protocol.(protocol.Rewriter)
	if !ok || target == (protocol.Target{}) || x.body.encoded && !x.body.plainWhole {
		return x.body.prefix
	}
	out := protocol.Outgoing{Path: request.URL.EscapedPath(), Query: request.URL.RawQuery, Body: x.body.plain, Whole: x.body.plainWhole}
	instead, changed := rewriter.Rewrite(out, x.call, target)
	if !changed {
		return x.body.prefix
	}
	x.target = target
	if instead.Path != out.Path {
		request.URL.Path, request.URL.RawPath, request.URL.Opaque = unescaped(instead.Path), instead.Path, ""
	}
	request.URL.RawQuery = instead.Query
	if x.body.encoded {
		request.Header.Del("Content-Encoding")
		request.ContentLength = int64(len(instead.Body))
	} else if request.ContentLength >= 0 {
		request.ContentLength += int64(len(instead.Body) - len(x.body.prefix))
	}
	request.Header.Del("Content-Length")
	if target.AskUsage {
		request.Header.Set("Accept-Encoding", "identity") // what is taken out again must be legible
	}
	return instead.Body
}

// joined is a path below the upstream's.
func joined(upstream, request *url.URL) (path, raw string) {
	base := strings.TrimSuffix(upstream.Path, "/")
	escaped := strings.TrimSuffix(upstream.EscapedPath(), "/") + "/" + strings.TrimPrefix(request.EscapedPath(), "/")
	return base + "/" + strings.TrimPrefix(request.Path, "/"), escaped
}

func unescaped(path string) string {
	if p, err := url.PathUnescape(path); err == nil {
		return p
	}
	return path
}
