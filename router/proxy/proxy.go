package proxy

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"weir/rollout/spec"
	"weir/router"
	"weir/router/breaker"
	"weir/router/protocol"
)

// A Proxy forwards requests. It is one generation of a specification.
type Proxy struct {
	Config
	versions  map[string]*version
	candidate *version
	sources   *sources
	dialogues *dialogues
	peeks     *protocol.Pool // what is held to decide
	captures  *protocol.Pool // what is held to record
	capture   string         // salt of the draw whose texts are kept
	broken    atomic.Pointer[broken]
	closed    atomic.Bool
}

// broken is a plan with the candidate's breaker open, made of another.
type broken struct{ of, plan *router.Plan }

// New builds a proxy. It starts nothing and reaches no version. The error says
// which part of the specification cannot be served.
func New(config Config) (*Proxy, error) {
	c := config.complete()
	p := &Proxy{
		Config: c, versions: map[string]*version{},
		capture: router.Salt(c.Release.App, c.Release.Release, router.PurposeCapture),
	}
	if previous := c.Previous; previous != nil {
		p.dialogues, p.peeks, p.captures = previous.dialogues, previous.peeks, previous.captures
		p.Previous = nil // it may go
		config.Previous = previous
	} else {
		p.dialogues = newDialogues(rememberedDialogues, c.Now())
		p.peeks, p.captures = protocol.NewPool(c.Budget), protocol.NewPool(c.Budget)
	}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(c.Release.Versions)) {
		v, err := newVersion(name, c, config.Previous)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		p.versions[name] = v
	}
	for _, arm := range []string{c.Release.Stable, c.Release.Candidate} {
		if _, ok := c.Release.Versions[arm]; !ok {
			faults = append(faults, c.Release.FaultAt(spec.At("versions", arm), "missing", "a version needs an upstream to be served"))
		}
	}
	var err error
	if p.sources, err = newSources(c.Release); err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	p.candidate = p.versions[c.Release.Candidate]
	return p, nil
}

// Run probes the versions that have a health path, until ctx is done. Probes
// are reported; they move no traffic.
func (p *Proxy) Run(ctx context.Context) error {
	var group errgroup.Group
	for _, v := range p.versions {
		if v.Health.Path != "" {
			group.Go(func() error { v.probe(ctx, p.Observer); return nil })
		}
	}
	<-ctx.Done()
	return group.Wait()
}

// Close lets go of the connections to the versions: unused ones now, others
// with the request that uses them. Requests under way go on. It may be called
// more than once.
func (p *Proxy) Close() error {
	p.closed.Store(true)
	for _, v := range p.versions {
		v.release()
	}
	if p.sources != nil {
		return p.sources.close()
	}
	return nil
}

// Breakers is what the breakers have seen, by version: to keep, and to go on
// from.
func (p *Proxy) Breakers() map[string]breaker.State {
	out := make(map[string]breaker.State, len(p.versions))
	for name, v := range p.versions {
		out[name] = v.breaker.State()
	}
	return out
}

// Resume closes every breaker. Whoever changes the allocation puts a plan in
// force that says so.
func (p *Proxy) Resume() {
	for _, v := range p.versions {
		v.breaker.Resume()
		v.open.Store(false)
	}
}

// version is one by its name; nil where there is none.
func (p *Proxy) version(name string) *version {
	if p == nil {
		return nil
	}
	return p.versions[name]
}

// InFlight is how many requests are under way at a version, those of earlier
// generations among them.
func (p *Proxy) InFlight(version string) int64 {
	if v := p.version(version); v != nil {
		return v.inFlight.Load()
	}
	return 0
}

// plan is the plan in force: the one that is given, or what it is once the
// candidate's breaker has opened.
func (p *Proxy) plan() *router.Plan {
	plan := p.Plans.Plan()
	if !p.candidate.open.Load() {
		return plan
	}
	if b := p.broken.Load(); b != nil && b.of == plan {
		return b.plan
	}
	b := &broken{plan, plan.Broken()}
	p.broken.Store(b)
	return b.plan
}

// ServeHTTP forwards one request and records it.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := p.arrive(w, r)
	if x == nil {
		return // refused, or gone, before it was whole enough to decide on
	}
	defer x.finish()
	x.decide()
	x.forward()
}
