package main

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// simpson draws a ramp during which sessions get harder: v2 is better in every
// step, and worse in the pool.
func simpson() string {
	r := rand.New(rand.NewPCG(7, 1))
	shares, rates := []float64{.05, .20, .50}, []float64{.72, .62, .52}
	const sessions, gain = 8000, .03
	var units, solved [2][3]float64
	for i := range shares {
		for range sessions {
			arm := 0
			if r.Float64() < shares[i] {
				arm = 1
			}
			units[arm][i]++
			if r.Float64() < rates[i]+gain*float64(arm) {
				solved[arm][i]++
			}
		}
	}
	c := &canvas{width: 760, height: 360, title: "Simpson's paradox in a ramp"}
	p := panel{left: 56, top: 64, right: 560, bottom: 310, x0: -.4, x1: 2.4, y0: 48, y1: 78}
	for v := 50.0; v <= 75; v += 5 {
		c.line(hairline+" thin", p.left, p.y(v), 744, p.y(v))
		c.text("small", "end", p.left-8, p.y(v)+4, "%.0f %%", v)
	}
	var pooled [2]float64
	for arm, class := range []string{control, treatment} {
		var points [][2]float64
		var all, good float64
		for i := range shares {
			rate := 100 * solved[arm][i] / units[arm][i]
			points = append(points, p.at(float64(i), rate))
			c.dot(class+" faint", p.x(float64(i)), p.y(rate), 20*math.Sqrt(units[arm][i]/sessions))
			all, good = all+units[arm][i], good+solved[arm][i]
		}
		dashed := ""
		if arm == 0 {
			dashed = " dashed"
		}
		c.path(class+dashed, points)
		pooled[arm] = 100 * good / all
		c.dot(class, 640, p.y(pooled[arm]), 7)
		c.text("", "start", 654, p.y(pooled[arm])+4, "v%d %.1f %%", arm+1, pooled[arm])
	}
	for i, s := range shares {
		c.text("small", "middle", p.x(float64(i)), p.bottom+18, "v2 at %.0f %%", 100*s)
	}
	c.text("small", "middle", 660, p.bottom+18, "all in one pool")
	c.text("small", "start", p.x(0)+14, p.y(100*solved[1][0]/units[1][0])-10, "v2")
	c.text("small", "start", p.x(0)+26, p.y(100*solved[0][0]/units[0][0])+14, "v1")
	c.text("head", "start", 16, 24, "v2 resolves more in every step, and %.1f points less in the pool", pooled[0]-pooled[1])
	c.text("small", "start", 16, 42, "Sessions got harder while the share grew, so most of v2's are hard ones. A circle is as large as the sessions behind it.")
	c.about = fmt.Sprintf("Resolution by step of the ramp: v2 is above v1 at 5, 20 and 50 %%. Pooled, v1 has %.1f %% and v2 %.1f %%.", pooled[0], pooled[1])
	return c.String()
}
