package machine

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// Headroom is how much garbage may gather before it is collected, in bytes,
// where the live heap is smaller than that: an eighth of what the process may
// have, and no more than mostHeadroom.
const mostHeadroom = 64 << 20

// heapMinimum is the heap below which Go collects nothing while GOGC is 100; it
// grows with GOGC (Go's runtime, mgcpacer.go).
const heapMinimum = 4 << 20

var relax sync.Once

// RelaxGC lets garbage gather up to a fixed amount where the heap is small, from
// now on.
//
// Go collects when the heap has doubled (GOGC=100): a server whose live heap is
// a few megabytes collects many times a second, and each time costs much the
// same. With a headroom of H bytes the heap may grow to L + max(L, H) over a
// live heap of L: GOGC is 100 H/L after each collection, at least 100. So a heap
// larger than H is paced as ever, and no heap takes more than H bytes beyond
// what it would.
//
// Who sets GOGC is obeyed: nothing happens then. GOMEMLIMIT holds in any case;
// the headroom shrinks with it.
func RelaxGC() {
	headroom := uint64(mostHeadroom)
	if a := Allowed(); a > 0 {
		headroom = min(headroom, uint64(a)/8)
	}
	if os.Getenv("GOGC") != "" || headroom <= heapMinimum {
		return
	}
	relax.Do(func() { newPacer(headroom, func(percent int) { debug.SetGCPercent(percent) }).pace() })
}

// A pacer sets GOGC anew after each collection: it is garbage itself, and its
// finalizer does so and revives it.
type pacer struct {
	headroom uint64
	set      func(percent int)
	percent  int // that was set last
	roots    []metrics.Sample
}

func newPacer(headroom uint64, set func(percent int)) *pacer {
	// What the heap may grow by is GOGC percent of these together.
	return &pacer{headroom: headroom, set: set, percent: 100, roots: []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"},
	}}
}

func (p *pacer) pace() {
	runtime.SetFinalizer(p, (*pacer).pace)
	metrics.Read(p.roots)
	live := uint64(0)
	for _, s := range p.roots {
		live += s.Value.Uint64()
	}
	// Setting stops the world for a moment: small changes are not worth it.
	percent := percentFor(live, p.headroom)
	if math.Abs(float64(percent-p.percent)) > .1*float64(p.percent) || percent == 100 && p.percent != 100 {
		p.percent = percent
		p.set(percent)
	}
}

// percentFor is the GOGC at which a live heap may grow by that headroom.
func percentFor(live, headroom uint64) int {
	return int(max(100, 100*headroom/max(live, heapMinimum)))
}
