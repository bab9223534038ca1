package reports

import (
	"fmt"
	"math"
	"strings"
)

// A chart is a picture with two axes, laid out in the units of the drawing, y downwards.
type chart struct {
	ID                       string
	Title, Desc              string
	Width, Height            float64
	Left, Right, Top, Bottom float64
	XTicks, YTicks           []tick
	XLabel                   string
	Rules                    []chartRule // lines with a meaning
	Areas                    []chartArea
	Lines                    []chartLine
	Bars                     []chartBar
	Marks                    []chartMark
	Ticks                    []chartTick // marks on curves
	RightTicks               []tick      // labels at the right
	Keys                     []chartKey
	Hatch                    *chartBar // where nothing is known; nil for nowhere
	Aside                    string    // said beside the title
}

// A chartTick is a short upright mark on a curve, above or below it.
type chartTick struct {
	Class string
	X, Y  float64
	Up    bool
}

// A chartKey names a curve beside the title.
type chartKey struct {
	Class, Name string
	Dashed      bool
	X           float64
}

// A chartRule is a straight line across the picture: upright at X, else level at Y.
type chartRule struct {
	Class   string
	X, Y    float64
	Upright bool
	Label   string
	LabelY  float64
}

// A chartLine is a curve with its name at the end.
type chartLine struct {
	Class, Path, Name string
	NameX, NameY      float64
	Dashed            bool
}

// A chartArea is a filled shape.
type chartArea struct{ Class, Path string }

// A chartBar is one bar of a histogram.
type chartBar struct {
	X, Y, Width, Height float64
	Class               string
}

// A chartMark is a dot.
type chartMark struct {
	Class, Label string
	X, Y         float64
}

// A frame maps numbers to a chart's coordinates.
type frame struct {
	chart          *chart
	x0, x1, y0, y1 float64
}

// chartWidth is small, so that letters are still read on a telephone.
const chartWidth = 480

// newChart makes an empty picture; its numbers span [x0, x1] and [y0, y1].
func newChart(id, title string, height, right, x0, x1, y0, y1 float64) (*chart, frame) {
	return sizedChart(id, title, chartWidth, height, right, x0, x1, y0, y1)
}

// sizedChart makes an empty picture of any width.
func sizedChart(id, title string, width, height, right, x0, x1, y0, y1 float64) (*chart, frame) {
	c := &chart{ID: id, Title: title, Width: width, Height: height, Left: 44, Right: width - right, Top: 42, Bottom: height - 44}
	if width > smallWidth {
		c.Left = 52
	}
	return c, frame{c, x0, x1, y0, y1}
}

func (f frame) x(v float64) float64 {
	return f.chart.Left + (v-f.x0)/(f.x1-f.x0)*(f.chart.Right-f.chart.Left)
}

func (f frame) y(v float64) float64 {
	v = math.Max(math.Min(v, math.Max(f.y0, f.y1)), math.Min(f.y0, f.y1))
	return f.chart.Bottom - (v-f.y0)/(f.y1-f.y0)*(f.chart.Bottom-f.chart.Top)
}

// A point is a place in numbers.
type point struct{ X, Y float64 }

// path is a line through points; those that are no numbers leave a gap.
func (f frame) path(points []point) string {
	var b strings.Builder
	draw := false
	for _, p := range points {
		if !finite(p.X) || !finite(p.Y) {
			draw = false
			continue
		}
		command := "M"
		if draw {
			command = "L"
		}
		fmt.Fprintf(&b, "%s%s %s", command, px(f.x(p.X)), px(f.y(p.Y)))
		draw = true
	}
	return b.String()
}

// line adds a curve, named at its last point.
func (f frame) line(class, name string, dashed bool, points []point) {
	l := chartLine{Class: class, Path: f.path(points), Dashed: dashed, Name: name, NameX: f.chart.Right + 8}
	for _, p := range points {
		if finite(p.Y) {
			l.NameY = f.y(p.Y) + 4
		}
	}
	f.chart.Lines = append(f.chart.Lines, l)
}

// spread moves the names of lines apart where they would overlap.
func (c *chart) spread() {
	const least = 16
	order := make([]*chartLine, 0, len(c.Lines))
	for i := range c.Lines {
		if c.Lines[i].Name != "" {
			order = append(order, &c.Lines[i])
		}
	}
	for range order {
		for i := range order {
			for j := range order {
				if i == j {
					continue
				}
				if d := order[j].NameY - order[i].NameY; d >= 0 && d < least && (d > 0 || j > i) {
					order[j].NameY = order[i].NameY + least
				}
			}
		}
	}
	lowest := 0.0
	for _, l := range order {
		lowest = math.Max(lowest, l.NameY)
	}
	if over := lowest - (c.Bottom + 14); over > 0 {
		for _, l := range order {
			l.NameY -= over
		}
	}
}

// band adds a filled area between two curves over the same xs.
func (f frame) band(class string, xs, lower, upper []float64) {
	var there, back []point
	for i := range xs {
		if finite(lower[i]) && finite(upper[i]) {
			there = append(there, point{xs[i], upper[i]})
			back = append([]point{{xs[i], lower[i]}}, back...)
		}
	}
	if len(there) > 1 {
		f.chart.Areas = append(f.chart.Areas, chartArea{class, f.path(append(there, back...)) + "Z"})
	}
}

// level adds a horizontal line with a meaning.
func (f frame) level(class string, v float64, label string) {
	f.chart.Rules = append(f.chart.Rules, chartRule{Class: class, Y: f.y(v), Label: label, X: f.chart.Right - 34, LabelY: f.y(v) - 5})
}

// upright adds a vertical line with a meaning.
func (f frame) upright(class string, v float64, label string) {
	f.chart.Rules = append(f.chart.Rules, chartRule{Class: class, X: f.x(v), Upright: true, Label: label, LabelY: f.chart.Top - 8})
}

// A stepMark is a step of the ramp: when it is reached, and its share.
type stepMark struct {
	at   float64
	name string
}

// stepMarks adds an upright for each. Names of steps that lie close together stand
// together, at the first.
func (f frame) stepMarks(marks []stepMark) {
	const apart = 40 // what a name takes
	first := -1      // rule that the last name stands at
	for _, m := range marks {
		f.upright("step", m.at, m.name)
		rules := f.chart.Rules
		last := len(rules) - 1
		if first >= 0 && rules[last].X-rules[first].X < apart*float64(1+strings.Count(rules[first].Label, ",")) {
			rules[first].Label, rules[last].Label = rules[first].Label+", "+m.name, ""
		} else {
			first = last
		}
	}
}

// dayTicks labels days along the bottom, some eight of them.
func (f frame) dayTicks(days float64) {
	step := 1.0
	for _, s := range []float64{1, 2, 5, 7, 14, 28} {
		step = s
		if days/s <= 9 {
			break
		}
	}
	for d := 0.0; d <= days; d += step {
		f.chart.XTicks = append(f.chart.XTicks, tick{f.x(d), count(int64(d))})
	}
}

// shareTicks labels shares from 0 to 100 % at the left.
func (f frame) shareTicks() {
	for _, v := range []float64{0, .25, .5, .75, 1} {
		f.chart.YTicks = append(f.chart.YTicks, tick{f.y(v), count(int64(100*v)) + " %"})
	}
}
