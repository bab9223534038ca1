package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"weir/analyze/sequential"
)

const (
	peekRuns  = 2000 // releases simulated
	peekShown = 40   // of them drawn
	peekHours = 336  // two weeks, a look an hour
	peekUnits = 20   // units an hour, both arms together
	peekFrom  = 24   // the first look: from the second day on
)

// peeking draws the running difference of equal versions in units of its own standard
// error, look by look, against the line of a test that looks once and against the line
// that holds at every look.
func peeking() string {
	r := rand.New(rand.NewPCG(4, 2))
	tuned := sequential.Tuning(peekUnits*peekHours/2, .05)
	limit := func(hour int) float64 {
		v := float64(hour * peekUnits)
		return sequential.Radius(v, tuned, .05) / math.Sqrt(v)
	}
	c := &canvas{width: 760, height: 360, title: "Looking every hour"}
	p := panel{left: 56, top: 56, right: 744, bottom: 310, x0: 0, x1: 14, y0: -4.2, y1: 4.2}
	c.line(hairline+" thin", p.left, p.y(0), p.right, p.y(0))
	fooled, alarmed := 0, 0
	for run := range peekRuns {
		sum, crossed, past := 0.0, false, false
		var points [][2]float64
		for hour := 1; hour <= peekHours; hour++ {
			for range peekUnits {
				sum += r.NormFloat64()
			}
			if hour < peekFrom {
				continue
			}
			z := sum / math.Sqrt(float64(hour*peekUnits))
			crossed = crossed || math.Abs(z) > 1.96
			past = past || math.Abs(z) > limit(hour)
			if hour%4 == 0 {
				points = append(points, p.at(float64(hour)/24, z))
			}
		}
		class := "control thin faint"
		if crossed {
			class, fooled = "worse thin", fooled+1
		}
		if past {
			alarmed++
		}
		if run < peekShown {
			c.path(class, points)
		}
	}
	percent := func(n int) float64 { return 100 * float64(n) / peekRuns }
	for _, sign := range []float64{-1, 1} {
		c.line("control dashed", p.left, p.y(sign*1.96), p.right, p.y(sign*1.96))
		var bound [][2]float64
		for hour := peekFrom; hour <= peekHours; hour += 4 {
			bound = append(bound, p.at(float64(hour)/24, sign*limit(hour)))
		}
		c.path(treatment, bound)
	}
	c.text("head", "start", 16, 24, "Releases without any difference, looked at every hour: %d of them", peekShown)
	c.text("small", "start", 16, 42, "Of 2,000, %.0f %% cross the dashed line of a test that looks once; %.1f %% cross the blue line, which holds at every look.", percent(fooled), percent(alarmed))
	for _, v := range []float64{-3, -1.96, 0, 1.96, 3} {
		c.text("small", "end", p.left-8, p.y(v)+4, "%+.3g", v)
	}
	for day := 0; day <= 14; day += 2 {
		c.text("small", "middle", p.x(float64(day)), p.bottom+18, "%d", day)
	}
	c.text("small", "end", p.right, p.bottom+36, "days; the difference in units of its standard error")
	c.about = fmt.Sprintf("Of %d simulated releases without a difference %.0f %% leave the band of 1.96 standard errors at some look, %.1f %% leave the wider band that holds at every look.", peekRuns, percent(fooled), percent(alarmed))
	return c.String()
}
