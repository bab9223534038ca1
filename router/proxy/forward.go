package proxy

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
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

var silent = log.New(io.Discard, "", 0)

// Bodies flow through buffers: small ones for streams, which are many and
// slow, large ones for the rest.
const (
	streamBuffer = 4 << 10
	bodyBuffer   = 32 << 10
)

var streamBuffers, bodyBuffers = newBuffers(streamBuffer), newBuffers(bodyBuffer)

func newBuffers(size int) *sync.Pool {
	return &sync.Pool{New: func() any { b := make([]byte, size); return &b }}
}

// Get gives a buffer for the answer.
func (x *exchange) Get() []byte {
	if x.streamed {
		return *streamBuffers.Get().(*[]byte)
	}
	return *bodyBuffers.Get().(*[]byte)
}

// Put takes it back.
func (x *exchange) Put(b []byte) {
	if len(b) == streamBuffer {
		streamBuffers.Put(&b)
	} else {
		bodyBuffers.Put(&b)
	}
}

// forward sends the request to its version, and the answer back as it comes.
func (x *exchange) forward() {
	ctx, cancel := context.WithCancelCause(x.in.Context())
	x.cancel = cancel
	x.expired = make(chan struct{})
	x.timer = time.AfterFunc(x.version.Timeout.Total, x.expire)
	if !x.body.whole {
		// Upstream may answer while the client still sends.
		_ = http.NewResponseController(x.w).EnableFullDuplex()
		x.body.tee = x.inputRoom()
	}
	in := x.in.WithContext(ctx)
	in.Body = x.body.reader(x.body.prefix)
	proxy := httputil.ReverseProxy{
		Rewrite: x.rewrite, Transport: x, ModifyResponse: x.open, ErrorHandler: x.fail,
		BufferPool: x, ErrorLog: silent, // streams it flushes by itself, the rest [answer.flush]
	}
	proxy.ServeHTTP(x.w, in)
}

// expire ends a request whose time is over, also one that waits for a client
// that reads nothing.
func (x *exchange) expire() {
	close(x.expired)
	x.cancel(errTotal)
	control := http.NewResponseController(x.w)
	_ = control.SetWriteDeadline(time.Now().Add(writeGrace))
}

// rewrite makes what is sent on of what came, whatever version it goes to.
func (x *exchange) rewrite(r *httputil.ProxyRequest) {
	h := r.Out.Header
	r.Out.URL.RawQuery = r.In.URL.RawQuery // as it came, whatever it is
	x.from.set(h)
	h.Set("Traceparent", continued(h.Get("Traceparent"), x.row.TraceID, x.span))
	h.Set(HeaderTrace, x.row.TraceID)
	if x.body.whole {
		h.Del("Expect") // what it waits for has happened
	}
}

// RoundTrip sends the request to its version or, where that cannot be reached
// and may be stood in for, to the stable one.
func (x *exchange) RoundTrip(out *http.Request) (*http.Response, error) {
	res, err := x.attempt(out, protocol.Target{Detach: x.decision.Detach && !x.version.sharesAppWith(x.candidate)})
	if err == nil || !x.mayFallBack(err) {
		return res, err
	}
	x.fallBack(failureOf(out.Context(), err))
	return x.attempt(out, protocol.Target{})
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
func (x *exchange) attempt(out *http.Request, target protocol.Target) (*http.Response, error) {
	v := x.version
	x.asked = time.Now()
	x.Observer.Began(v.name)
	if x.entered = v.enter(); !x.entered {
		return nil, errOverflow
	}
	target.Workflow = v.Workflow
	target.AskUsage = v.AskUsage && !v.mute.Load() && x.call.Streaming && !x.call.UsageAsked
	res, err := x.send(out, target)
	if err == nil && x.target.AskUsage && res.StatusCode == http.StatusBadRequest {
		res, err = x.again(out, target, res)
	}
	x.upstream += time.Since(x.asked)
	return res, err
}

// again sends the request as it came, where it was refused with the question
// for token counts in it. A version that takes it so is not asked again.
func (x *exchange) again(out *http.Request, target protocol.Target, refused *http.Response) (*http.Response, error) {
	_, _ = io.CopyN(io.Discard, refused.Body, 64<<10)
	_ = refused.Body.Close()
	target.AskUsage = false
	res, err := x.send(out, target)
	if err == nil && res.StatusCode < 400 {
		x.version.mute.Store(true)
		x.Log.Info("the version refuses stream_options: its token counts are unknown", "version", x.version.name)
	}
	return res, err
}

// send sends the request once, changed as the target demands.
func (x *exchange) send(out *http.Request, target protocol.Target) (*http.Response, error) {
	v := x.version
	request := out.WithContext(out.Context())
	if request.URL = new(*out.URL); v.Fallback != spec.FallbackNone || target.AskUsage {
		request.Header = out.Header.Clone() // there may be another attempt
	}
	request.Trailer = x.in.Trailer // which fills while the body flows
	request.URL.Scheme, request.URL.Host, request.Host = v.upstream.Scheme, v.upstream.Host, v.upstream.Host
	if v.upstream.Path != "" && v.upstream.Path != "/" {
		request.URL.Path, request.URL.RawPath = joined(v.upstream, request.URL)
	}
	prefix := x.change(request, target)
	request.Body = x.body.reader(prefix)
	if x.body.replayable() {
		request.GetBody = func() (io.ReadCloser, error) { return x.body.reader(prefix), nil }
	}
	request.Header.Set(HeaderVersion, v.name)
	v.setHeaders(request)
	if x.body.replayable() {
		return v.pool.RoundTrip(request)
	}
	return v.fresh.RoundTrip(request)
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
		request.URL.Path, request.URL.RawPath = unescaped(instead.Path), instead.Path
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
