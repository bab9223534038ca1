package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// isolation compares v1's requests while v2 is ill with v1's requests while v2
// is well, as many requests being sent to either: through the router and, to
// tell what is the machine's doing, through a bare httputil.ReverseProxy and
// straight to the applications. v2's application and callers leave the processors
// to the others, as if they had machines of their own: what moves v1 comes through
// the proxy. No breaker opens, and nothing falls back: v1 has the same requests to
// answer in all runs.
func isolation(s settings, on *stage) ([]line, error) {
	bare, err := start("bare", on.upstream.url, on.second.url)
	if err != nil {
		return nil, err
	}
	defer bare.stop()
	conditions := append([]second{well, well}, chosen(s)...) // the second time the same, to show what is noise
	direct := &process{role: "direct", command: on.upstream.command, url: on.upstream.url, second: on.second.url}
	proxies := []*process{on.router, bare, direct}
	runs := make([][][]run, len(proxies)) // of each, by condition, a turn
	for p := range proxies {
		runs[p] = make([][]run, len(conditions))
	}
	for turn := range s.rounds {
		for i := range conditions {
			c := (i + turn) % len(conditions)
			for p, proxy := range proxies {
				r, err := proxy.beside(max(s.rate/2, 1), s.length, conditions[c])
				if err != nil {
					return nil, err
				}
				runs[p][c] = append(runs[p][c], r)
			}
		}
	}
	weir, control, alone := runs[0], runs[1], runs[2]
	lines := make([]line, 0, len(conditions)-1)
	for c := 1; c < len(conditions); c++ {
		name, asked := string(conditions[c]), "< +20 %"
		if c == 1 {
			name, asked = "well again", "noise"
		}
		lines = append(lines, line{
			fmt.Sprintf("v1's p99 at %d requests/s, v2: %s", max(s.rate/2, 1), name), asked, moved(weir[0], weir[c], run.p99),
			fmt.Sprintf("%s to %s; p50 %s; processor time %s. Bare proxy: %s; p50 %s; processor time %s. No proxy: %s; p50 %s",
				milliseconds(middle(weir[0], run.p99)), milliseconds(middle(weir[c], run.p99)), moved(weir[0], weir[c], run.p50), moved(weir[0], weir[c], run.processor),
				moved(control[0], control[c], run.p99), moved(control[0], control[c], run.p50), moved(control[0], control[c], run.processor),
				moved(alone[0], alone[c], run.p99), moved(alone[0], alone[c], run.p50)),
		})
	}
	return lines, nil
}

// A run is v1's requests beside v2 in one condition.
type run struct {
	sample
	used time.Duration // processor time of the proxy
}

func (r run) p50() float64       { return float64(r.at(.5)) }
func (r run) p99() float64       { return float64(r.at(.99)) }
func (r run) processor() float64 { return float64(r.used) }

// beside makes requests to v1, while callers of their own make a tenth as many to
// v2.
func (p *process) beside(rate int, length time.Duration, v2 second) (run, error) {
	before, err := p.processorTime()
	if err != nil {
		return run{}, err
	}
	callers, err := startCallers(p, max(rate/10, 1), length, v2)
	if err != nil {
		return run{}, err
	}
	v1 := openLoop(rate, length, p.ask)
	after, err := p.processorTime() // v2's callers may have more to come
	ill := callers.end()
	return run{v1, after - before}, cmp.Or(v1.err, ill, err)
}

// moved is how much more the one is than the other, turn by turn.
func moved(from, to []run, of func(run) float64) string {
	return percent(ratios(each(to, of), each(from, of)))
}

func middle(runs []run, of func(run) float64) float64 { return median(each(runs, of)) }

func each(runs []run, of func(run) float64) []float64 {
	out := make([]float64, len(runs))
	for i, r := range runs {
		out[i] = of(r)
	}
	return out
}

// chosen are the illnesses to be measured, and all of them in turn.
func chosen(s settings) []second {
	all := make([]second, 0, len(illnesses)+1)
	for _, name := range names() {
		if s.ills == "" || slices.Contains(strings.Split(s.ills, ","), name) {
			all = append(all, second(name))
		}
	}
	return all
}
