package live

import (
	"sync/atomic"

	"weir/internal/machine"
	"weir/internal/privacy"
	"weir/internal/webhook"
	"weir/rollout/spec"
	"weir/router"
	"weir/router/breaker"
	"weir/router/proxy"
)

// A generation is what serves one specification: built whole, swapped in by one
// pointer, and let go when its last request has ended.
type generation struct {
	*proxy.Proxy
	plans    plans
	hasher   *privacy.Hasher // nil: ids stay as they are
	redactor privacy.Redactor
	// receivers are told what happens.
	receivers []webhook.Receiver
}

// plans is the plan in force of a generation.
type plans struct{ atomic.Pointer[router.Plan] }

func (p *plans) Plan() *router.Plan { return p.Load() }

// generation builds what serves a release, to take over from another; nil: from
// none.
func (l *Live) generation(r *spec.Release, before *generation, breakers map[string]breaker.State) (*generation, error) {
	g := &generation{}
	var err error
	if r.Privacy.HashIDs {
		if g.hasher, err = privacy.ReadKey(r.Privacy.KeyFile); err != nil {
			return nil, r.FaultAt("privacy.key_file", err.Error(), "")
		}
	}
	if g.receivers, err = webhook.Receivers(r, nil); err != nil {
		return nil, err
	}
	kinds := make([]string, len(r.Privacy.Redact))
	for i, k := range r.Privacy.Redact {
		kinds[i] = k.String()
	}
	if g.redactor, err = privacy.NewRedactor(kinds...); err != nil {
		return nil, err
	}
	c := proxy.Config{
		Release: r, Plans: &g.plans, Memory: l.sticky, Recorder: recorder{l}, Breakers: breakers,
		Opened: l.opened, Observer: l.metrics, Hash: g.hasher.ID, Now: l.options.Now, Log: l.options.Log,
		Budget: bodies(machine.Allowed()),
	}
	if before != nil {
		c.Previous = before.Proxy
	}
	g.Proxy, err = proxy.New(c)
	return g, err
}

// bodies is how much of bodies may be held at a time, to decide and to record,
// where the process may have so much memory; 0: nobody knows.
func bodies(allowed int64) int64 {
	if allowed <= 0 {
		return proxy.DefaultBudget
	}
	return min(allowed/8, proxy.DefaultBudget)
}
