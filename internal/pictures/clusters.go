package main

import (
	"fmt"
	"math/rand/v2"

	"weir/analyze/cluster"
)

// clusters draws intervals of forty comparisons of equal versions: taking every
// request for a unit, and taking sessions whole.
func clusters() string {
	const runs, shown, sessions = 1000, 40, 400
	r := rand.New(rand.NewPCG(11, 3))
	var effects [2][]cluster.Effect
	for range runs {
		var rows, whole [2][][]float64 // (errors, requests) a request, and a session
		for arm := range 2 {
			for range sessions {
				bad := .04
				if r.Float64() < .15 { // a hard session fails again and again
					bad = .5
				}
				errors, requests := 0.0, 2+r.IntN(12)
				for range requests {
					failed := 0.0
					if r.Float64() < bad {
						failed = 1
					}
					errors += failed
					rows[arm] = append(rows[arm], []float64{failed, 1})
				}
				whole[arm] = append(whole[arm], []float64{errors, float64(requests)})
			}
		}
		ratio := cluster.Ratio{Num: 0, Den: 1}
		for i, units := range [][2][][]float64{rows, whole} {
			effects[i] = append(effects[i], cluster.Difference(ratio.Figure(cluster.MomentsOf(units[0])), ratio.Figure(cluster.MomentsOf(units[1])), .05))
		}
	}
	c := &canvas{width: 760, height: 420, title: "Requests are not units"}
	var missed [2]int
	for i, name := range []string{"every request counted as a unit", "sessions as units"} {
		p := panel{left: 24 + 372*float64(i), top: 88, right: 364 + 372*float64(i), bottom: 380, x0: -.08, x1: .08, y0: 0, y1: shown}
		c.line("control thin", p.x(0), p.top-6, p.x(0), p.bottom)
		for n, e := range effects[i] {
			class := "control thin"
			if e.Lower > 0 || e.Upper < 0 {
				class, missed[i] = worse, missed[i]+1
			}
			if n >= shown {
				continue
			}
			y := p.y(float64(n) + .5)
			c.line(class, p.x(max(p.x0, e.Lower)), y, p.x(min(p.x1, e.Upper)), y)
		}
		c.text("", "start", p.left, 74, "%s: %.1f %% miss", name, 100*float64(missed[i])/runs)
		c.text("small", "middle", p.x(0), p.bottom+18, "no difference")
	}
	c.text("head", "start", 16, 24, "Errors a request in comparisons of equal versions: 1,000 made, %d drawn", shown)
	c.text("small", "start", 16, 42, "Requests of a session succeed and fail together. Counted one by one they look like more evidence than they are.")
	c.about = fmt.Sprintf("95 %% intervals of %d comparisons without a difference: with requests as units %d exclude zero, with sessions as units %d.", runs, missed[0], missed[1])
	return c.String()
}
