package lake

import (
	"context"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// What is the same in all units of a cell has that mean to the last digit and no spread, though other cells differ: a rate
// without an event is 0.
func TestConstantCells(t *testing.T) {
	exchanges, outcomes := messyRows(3, logKind{own: true, timed: true})
	still := map[string]bool{} // sessions after the first epoch
	for i := range exchanges {
		if e := &exchanges[i]; e.Epoch != nil && *e.Epoch > 1 {
			e.ErrorType, e.Status = "", some(int64(200))
			still[e.SessionID] = true
		}
	}
	for i := range outcomes {
		if outcomes[i].Name == "stars" {
			outcomes[i].Value += .1 * float64(i%7)
			if still[outcomes[i].SessionID] || outcomes[i].SessionID == "" {
				outcomes[i].Value = 4.7
			}
		}
	}
	data, err := write(t, exchanges, outcomes).Data(context.Background(), messyQuery())
	check(t, err)
	constant := map[string]int{}
	for _, m := range data.Metrics {
		x := m.Metric.Tested.Num
		for _, c := range m.Cells {
			want := map[string]float64{"errors": 0, "stars": 4.7}
			level, known := want[m.Metric.Name]
			if !known || math.Abs(c.Mean[x]-level) > 1e-9 {
				continue
			}
			constant[m.Metric.Name]++
			if c.Mean[x] != level {
				t.Errorf("%s, hour %d: a mean of %g, want %g", m.Metric.Name, c.Hour, c.Mean[x], level)
			}
			for j := range c.Mean {
				i, j := max(x, j), min(x, j)
				if v := c.Cross[i*(i+1)/2+j]; v != 0 {
					t.Errorf("%s, hour %d: a spread of %g beside component %d", m.Metric.Name, c.Hour, v, j)
				}
			}
		}
	}
	for _, name := range []string{"errors", "stars"} {
		if constant[name] < 5 {
			t.Errorf("%d constant cells of %s", constant[name], name)
		}
	}
}

// A centre lies within a 1024th of the range of the mean, and whole numbers differ from it exactly, so that their sums, and those
// of their squares, are those of whole numbers in any order.
func TestCentre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := float64(rapid.IntRange(1, 1<<20).Draw(t, "width"))
		least := float64(rapid.IntRange(-1<<20, 1<<20).Draw(t, "least"))
		c := centre(least+width*rapid.Float64Range(0, 1).Draw(t, "mean"), width)
		if !(c >= least-width/1024 && c <= least+width+width/1024) {
			t.Fatalf("centre %g of %g to %g", c, least, least+width)
		}
		n, sum, square := 0.0, 0.0, 0.0
		for range 1000 {
			d := least - c
			n, sum, square = n+1, sum+d, square+d*d
		}
		if c+sum/n != least {
			t.Fatalf("the mean of %g around %g is %g", least, c, c+sum/n)
		}
		if off := sum / n; width <= 1<<10 && square-n*off*off != 0 {
			t.Fatalf("the variance of %g around %g is %g", least, c, square-n*off*off)
		}
	})
	for _, x := range [][2]float64{{.1, 0}, {5, math.Inf(1)}, {math.NaN(), 1}, {1, math.NaN()}, {1e9, 1e-6}} {
		if c := centre(x[0], x[1]); c != x[0] && !math.IsNaN(x[0]) {
			t.Errorf("centre %g of mean %g, width %g", c, x[0], x[1])
		}
	}
}
