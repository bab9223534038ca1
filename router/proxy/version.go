package proxy

import (
	"context"
	"net/http"
	"net/url"
	"runtime"
	"sync/atomic"
	"time"

	"weir/rollout/spec"
	"weir/router/breaker"
	"weir/router/protocol"
	"weir/router/protocol/dify"
	"weir/router/protocol/openai"
)

const (
	// idleConnections is how long an unused connection is kept. It is below what
	// common servers keep them (5 s: Node, Uvicorn), so that a request seldom
	// meets a connection that its server is about to close.
	idleConnections = 4 * time.Second
	probeEvery      = 10 * time.Second
	probeTimeout    = 5 * time.Second
)

// A version is where requests of one version go: connections, limit and
// breaker of its own, so that none waits for another's.
type version struct {
	name string
	spec.Version
	upstream *url.URL
	headers  http.Header // set on every request
	protocol protocol.Protocol

	pool connections
	// fresh opens a connection for each request: for bodies that cannot be sent
	// twice, which a connection closed meanwhile would lose.
	fresh connections

	standing
}

// A standing is what is known of a version across generations.
type standing struct {
	inFlight *atomic.Int64
	entered  *atomic.Int64 // when the last request did, in Unix nanoseconds
	mute     *atomic.Bool  // it refuses to be asked for token counts
	breaker  *breaker.Breaker
	open     *atomic.Bool // the breaker is open
	lane     *lane        // of its floods
}

func newVersion(name string, c Config, previous *Proxy) (*version, error) {
	v := &version{name: name, Version: c.Release.Versions[name], headers: http.Header{}}
	v.protocol = protocolOf(v.Protocol)
	address, err := c.Release.ExpandEnv(v.Upstream, c.Environment)
	if err != nil {
		return nil, err
	}
	if v.upstream, err = spec.ParseUpstream(address); err != nil {
		return nil, c.Release.FaultAt(spec.At("versions", name, "upstream"), "what the environment gives "+err.Error(), "set one such as http://127.0.0.1:9001")
	}
	for header, value := range v.SetHeaders {
		if value, err = c.Release.ExpandEnv(value, c.Environment); err != nil {
			return nil, err
		}
		v.headers.Set(header, value)
	}
	v.connect()
	v.standing = standingOf(name, c, previous)
	return v, nil
}

// standingOf goes on from the generation before: with what is under way in any
// case, with its breaker within a release.
func standingOf(name string, c Config, previous *Proxy) standing {
	state, s := c.Breakers[name], standing{
		inFlight: new(atomic.Int64), entered: new(atomic.Int64), mute: new(atomic.Bool), open: new(atomic.Bool),
		lane: newLane(runtime.GOMAXPROCS(0)),
	}
	if before := previous.version(name); before != nil {
		s.inFlight, s.entered, s.mute, s.lane = before.inFlight, before.entered, before.mute, before.lane
		switch r := previous.Release; {
		case r.App != c.Release.App || r.Release != c.Release.Release:
			state = breaker.State{}
		case r.Breaker == c.Release.Breaker:
			return before.standing
		default:
			state = before.breaker.State()
		}
	}
	s.breaker = breaker.New(c.Release.Breaker, state)
	s.open.Store(state.Open())
	return s
}

// protocolOf is what reads the bodies of a protocol.
func protocolOf(p spec.Protocol) protocol.Protocol {
	switch p {
	case spec.ProtocolOpenAI:
		return openai.Protocol{}
	case spec.ProtocolDify:
		return dify.Protocol{}
	default:
		return protocol.Plain{}
	}
}

// sharesAppWith tells whether two versions are workflows of one application,
// which knows the ids of both.
func (v *version) sharesAppWith(w *version) bool {
	return v.Workflow != "" && w.Workflow != "" && *v.upstream == *w.upstream &&
		v.headers.Get("Authorization") == w.headers.Get("Authorization")
}

// setHeaders sets what the specification sets on every request.
func (v *version) setHeaders(r *http.Request) {
	for name, values := range v.headers {
		r.Header[name] = values
	}
	if host := v.headers.Get("Host"); host != "" {
		r.Host = host
	}
}

// enter counts a request that is to be sent, unless the version has as many
// under way as it may.
func (v *version) enter(now time.Time) bool {
	v.entered.Store(now.UnixNano())
	if v.inFlight.Add(1) > int64(v.MaxInFlight) {
		v.inFlight.Add(-1)
		return false
	}
	return true
}

// busy tells whether the version has requests, or had one a moment ago.
func (v *version) busy(now time.Time) bool {
	return v.inFlight.Load() > 0 || now.Sub(time.Unix(0, v.entered.Load())) < company
}

// release closes connections that nobody uses.
func (v *version) release() {
	v.pool.CloseIdleConnections()
	v.fresh.CloseIdleConnections()
}

// probe asks for the health path again and again. Any answer below 500 is up.
func (v *version) probe(ctx context.Context, observer Observer) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		up := v.answers(ctx)
		if ctx.Err() != nil {
			return
		}
		observer.Probed(v.name, up)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (v *version) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.upstream.Scheme+"://"+v.upstream.Host+v.Health.Path, nil)
	if err != nil {
		return false
	}
	v.setHeaders(r)
	res, err := v.pool.send(r, func(int, http.Header) {})
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode < 500
}
