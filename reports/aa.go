package reports

import (
	"fmt"
	"math"
	"strconv"

	"weir/analyze"
	"weir/rollout/aa"
)

// NewAA makes the view of an A/A test: whether the analysis cries wolf on these units.
func NewAA(r aa.Result, app, release string, opts Options) Study {
	if opts.Width == 0 {
		opts.Width = 100
	}
	p := studyPage{App: visible(app), Release: visible(release), Verdict: aaVerdict(r), Facts: []string{
		count(int64(r.Units)) + " units", plural(int64(r.Runs), "run"), string(r.Method) + ", alpha " + strconv.FormatFloat(r.Alpha, 'g', -1, 64),
	}}
	p.Sheets = []sheet{aaMetrics(r), {
		Title: "The whole rule", Head: []string{"", "share of runs"}, Left: 1,
		Rows: [][]string{{"promoted", rate(r.Promote)}, {"rolled back", rate(r.Rollback)}},
	}}
	for _, m := range r.Metrics {
		if m.Absent == "" && m.Fixed.Value.Known() {
			p.Charts = append(p.Charts, histogram(r, m))
		}
	}
	p.Notes = []string{
		"Arms are drawn anew for every unit, by the propensity of its stratum, in the order in which units came; the units stay what they were. What is then found is a false alarm.",
		"It tests that no unit would have been different. It cannot see units that influence each other, a version that starves the other, or an assignment that was not by chance.",
	}
	if r.Method == analyze.Sequential {
		p.Notes = append(p.Notes, "The sequence holds at all looks together, so that at these it stays well below alpha; the histograms are of the test at a single look, whose p-values should be even: the line is what is expected of a twentieth, and 95 of 100 bars lie within the band.")
	}
	for _, m := range r.Metrics {
		if m.Absent != "" {
			p.Notes = append(p.Notes, visible(m.Name)+": "+visible(m.Absent))
		}
	}
	return newStudy(opts, r, p)
}

// An alarm is how often something was said that should not have been.
type alarm struct {
	what string
	aa.Share
}

func aaVerdict(r aa.Result) studyVerdict {
	v := studyVerdict{Class: "better", Glyph: "●", Word: "Calm", Headline: fmt.Sprintf("No test of these metrics finds a difference where there is none more often than alpha allows, in %s runs.", count(int64(r.Runs)))}
	for _, m := range r.Metrics {
		for _, x := range []alarm{{"the test", m.FalseAlarms}, {"the test at one look", m.Fixed}, {"harm", m.Harm}} {
			if x.Value.Known() && x.TooMany(r.Alpha, r.Runs) {
				v.Reasons = append(v.Reasons, fmt.Sprintf("%s: %s has %s false alarms", visible(m.Name), x.what, rate(x.Share)))
			}
		}
	}
	for _, x := range []alarm{{"promoted", r.Promote}, {"rolled back", r.Rollback}} {
		if x.TooMany(r.Alpha, r.Runs) {
			v.Reasons = append(v.Reasons, fmt.Sprintf("%s in %s of the runs, by the whole rule", x.what, rate(x.Share)))
		}
	}
	if len(v.Reasons) > 0 {
		v.Class, v.Glyph, v.Word = "worse", "▼", "Alarms"
		v.Headline = "On these units the analysis finds differences where there are none more often than alpha allows: do not rely on it before you know why."
	}
	return v
}

// rate writes a share of runs with its error: 4.8 % ± 0.7.
func rate(s aa.Share) string {
	if !s.Value.Known() {
		return dash
	}
	return fmt.Sprintf("%.1f %% ± %.1f", 100*float64(s.Value), 100*float64(s.StdErr))
}

func aaMetrics(r aa.Result) sheet {
	method := "false alarms, all looks"
	if r.Method == analyze.Fixed {
		method = "false alarms"
	}
	s := sheet{Title: "Each metric", Head: []string{"metric", "role", method, "at one look", "interval holds 0", "at one look", "false harm", "not estimable"}, Left: 2, Metrics: true}
	for _, m := range r.Metrics {
		s.Rows = append(s.Rows, []string{visible(m.Name), string(m.Role), rate(m.FalseAlarms), rate(m.Fixed), rate(m.Coverage), rate(m.FixedCoverage), rate(m.Harm), rate(m.Refused)})
	}
	return s
}

// histogram draws a metric's p-values at one look beside their expectation.
func histogram(r aa.Result, m aa.Metric) chart {
	total, most := 0, 0
	for _, n := range m.PValues {
		total += n
		most = max(most, n)
	}
	expected := float64(total) / aa.Bins
	slack := 2 * math.Sqrt(expected*(1-1.0/aa.Bins))
	top := math.Max(float64(most), expected+slack) * 1.15
	c, f := newChart("aa-"+visible(m.Name), visible(m.Name)+", p at one look", 190, 120, 0, 1, 0, top)
	f.chart.XLabel = "p-value"
	for _, v := range []float64{0, .25, .5, .75, 1} {
		c.XTicks = append(c.XTicks, tick{f.x(v), strconv.FormatFloat(v, 'g', -1, 64)})
	}
	f.band("open", []float64{0, 1}, []float64{expected - slack, expected - slack}, []float64{expected + slack, expected + slack})
	for i, n := range m.PValues {
		class := ""
		if float64(i+1)/aa.Bins <= r.Alpha+1e-9 && float64(n) > expected+1.5*slack {
			class = "worse"
		}
		x0, x1 := f.x(float64(i)/aa.Bins), f.x(float64(i+1)/aa.Bins)
		c.Bars = append(c.Bars, chartBar{X: x0 + 1, Y: f.y(float64(n)), Width: x1 - x0 - 2, Height: c.Bottom - f.y(float64(n)), Class: class})
	}
	f.line("strong", "expected "+strconv.FormatFloat(expected, 'f', 0, 64), false, []point{{0, expected}, {1, expected}})
	for _, v := range []float64{0, float64(most)} {
		c.YTicks = append(c.YTicks, tick{f.y(v), count(int64(v))})
	}
	c.Desc = fmt.Sprintf("Histogram of %d p-values by twentieths; %.0f are expected in each, most have %d. Below alpha: %s.", total, expected, most, rate(m.Fixed))
	return *c
}
