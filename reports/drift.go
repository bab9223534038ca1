package reports

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// driftOf draws how a judge scored the anchors, run by run; nil where it has scored them
// once at most.
func driftOf(rubric string, d JudgeDrift) *chart {
	if len(d.Runs) == 0 || d.Tolerance <= 0 {
		return nil
	}
	reach := 2 * d.Tolerance
	for _, r := range d.Runs {
		if finite(r.Mean) {
			reach = math.Max(reach, math.Abs(r.Mean)+d.Tolerance/2)
		}
	}
	first, last := d.Earlier, d.Earlier+len(d.Runs)
	if first > 0 {
		first++ // the first that is kept; else the first of all, to which others are compared
	}
	id := "drift-" + fmt.Sprintf("%x", rubric)
	c, f := sizedChart(id, visible(rubric), smallWidth, smallHeight, 14, float64(first), math.Max(float64(last), float64(first)+1), -reach, reach)
	step := max(1, (last-first+7)/8)
	for n := first; n <= last; n += step {
		c.XTicks = append(c.XTicks, tick{f.x(float64(n)), count(int64(n))})
	}
	c.XLabel = "runs since the first"
	for _, v := range []float64{-d.Tolerance, 0, d.Tolerance} {
		name := difference(v)
		if v != 0 {
			name = strings.TrimSuffix(name, "0")
		}
		c.YTicks = append(c.YTicks, tick{f.y(v), name})
	}
	var xs, low, high []float64
	var middle []point
	if d.Earlier == 0 {
		middle = append(middle, point{0, 0})
	}
	for i, r := range d.Runs {
		x := float64(d.Earlier + i + 1)
		middle = append(middle, point{x, r.Mean})
		if finite(r.Low) && finite(r.High) {
			xs, low, high = append(xs, x), append(low, r.Low), append(high, r.High)
		}
	}
	if len(xs) == 1 { // an interval is as wide as can be seen
		const seen = .03
		xs, low, high = []float64{xs[0] - seen*(f.x1-f.x0), xs[0]}, append(low, low[0]), append(high, high[0])
	}
	f.band("accent", xs, clampAll(low, -reach, reach), clampAll(high, -reach, reach))
	f.level("margin", d.Tolerance, "")
	f.level("margin", -d.Tolerance, "")
	f.level("zero", 0, "")
	f.line("accent", "", false, middle)
	for _, p := range middle {
		if finite(p.Y) {
			c.Marks = append(c.Marks, chartMark{Class: "accent", X: f.x(p.X), Y: f.y(p.Y)})
		}
	}
	c.Desc = driftText(d)
	return c
}

// difference writes one of two scores.
func difference(v float64) string {
	switch {
	case v > 0:
		return "+" + strconv.FormatFloat(v, 'f', 3, 64)
	case v < 0:
		return "−" + strconv.FormatFloat(-v, 'f', 3, 64)
	}
	return "0"
}

// driftText says what the picture shows.
func driftText(d JudgeDrift) string {
	n := d.Earlier + len(d.Runs)
	text := fmt.Sprintf("%s frozen dialogues were scored %.2f on average by the first run, and again by %s since.", count(int64(d.Anchors)), d.Reference, plural(int64(n), "run"))
	last := d.Runs[len(d.Runs)-1]
	if finite(last.Mean) {
		text += fmt.Sprintf(" The last one differs by %s.", difference(last.Mean))
	}
	if finite(last.Low) && finite(last.High) {
		text += fmt.Sprintf(" By all runs together the change lies between %s and %s; %.2f are tolerated either way.", difference(last.Low), difference(last.High), d.Tolerance)
	}
	if d.Changed {
		return text + " The judge counts as another one."
	}
	return text + " The judge counts as the same."
}

// drifts draws those of all rubrics, by name.
func drifts(all map[string]JudgeDrift) (charts []chart, texts []string) {
	for _, rubric := range slices.Sorted(maps.Keys(all)) {
		if c := driftOf(rubric, all[rubric]); c != nil {
			charts, texts = append(charts, *c), append(texts, c.Desc)
		}
	}
	return charts, texts
}
