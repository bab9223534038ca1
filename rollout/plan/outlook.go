package plan

import (
	"context"
	"fmt"
	"math"

	"weir/analyze"
)

// OutlookSchema names the layout of an Outlook in JSON.
const OutlookSchema = "weir.power/1"

// An Outlook is what can be said of a release before it starts.
type Outlook struct {
	Schema    string `json:"schema"`
	App       string `json:"app"`
	Release   string `json:"release"`
	Control   string `json:"control"`
	Treatment string `json:"treatment"`
	Unit      string `json:"unit"`

	Method      analyze.Method `json:"method"`
	Alpha       float64        `json:"alpha"`
	UnitsPerDay float64        `json:"units_per_day"`
	Traffic     string         `json:"traffic"` // where that number is from
	Days        int            `json:"days"`    // the horizon
	Seed        uint64         `json:"seed"`

	Steps   []StepOutlook   `json:"steps"`
	Metrics []MetricOutlook `json:"metrics"`
	// Rule is the whole rule, looked at every hour; OneLook the whole rule at a
	// single look after so many days.
	Rule    Forecast   `json:"rule"`
	OneLook []OneLook  `json:"one_look"`
	Doubts  []string   `json:"doubts"`
	Decides bool       `json:"decides"`         // a power of 80 % within the horizon
	Today   *StartedAt `json:"today,omitempty"` // nil where the release has not begun
}

// StartedAt says how far a release is that has begun.
type StartedAt struct {
	Days float64 `json:"days"` // since its first unit
}

// A StepOutlook says when a step of the ramp is reached.
type StepOutlook struct {
	Share float64        `json:"share"`
	Day   analyze.Number `json:"day"` // null: not within the horizon
}

// A MetricOutlook is what one metric is planned with and what it can prove by itself.
type MetricOutlook struct {
	Name   string          `json:"name"`
	Role   analyze.Role    `json:"role"`
	Kind   analyze.Kind    `json:"kind"`
	Unit   string          `json:"unit"`
	Source string          `json:"source"`
	Level  analyze.Number  `json:"level"`
	Effect Effect          `json:"effect"` // planned with: points of a rate, else a share of the level
	Margin *analyze.Margin `json:"margin"`
	Tests  []Power         `json:"tests"`
}

// A OneLook is the whole rule at a single look.
type OneLook struct {
	Days    int   `json:"days"`
	Promote Share `json:"promote"`
}

// Options are how an outlook is computed.
type Options struct {
	Seed     uint64
	Releases int // simulated
	Days     int // the horizon
}

// Look computes a plan's outlook; effects are by metric, for the record. Progress, where it
// is not nil, is told of each simulated release.
func (p Plan) Look(ctx context.Context, effects []Effect, o Options, progress func(done, of int)) (Outlook, error) {
	out := Outlook{Schema: OutlookSchema, Unit: p.Unit, Method: p.Method, Alpha: p.Alpha, UnitsPerDay: p.UnitsPerDay, Days: o.Days, Seed: o.Seed}
	powers, err := p.Powers(o.Seed, o.Days)
	if err != nil {
		return out, err
	}
	for i, day := range p.StepDays(o.Days) {
		out.Steps = append(out.Steps, StepOutlook{p.Steps[i].Share, analyze.Number(day)})
	}
	for i, m := range p.Metrics {
		mo := MetricOutlook{Name: m.Name, Role: m.Role, Kind: m.Kind, Unit: m.Unit, Source: m.Source, Level: m.level(), Effect: effects[i], Margin: m.Margin}
		if m.binary() {
			mo.Kind = analyze.KindProportion
		}
		for _, x := range powers {
			if x.Metric == m.Name {
				mo.Tests = append(mo.Tests, x)
			}
		}
		out.Metrics = append(out.Metrics, mo)
	}
	looks := lookDays(o.Days)
	total := o.Releases * (1 + len(looks))
	through := 0
	done := func(int) {
		if through++; progress != nil {
			progress(through, total)
		}
	}
	every := p
	every.Method = analyze.Sequential
	if out.Rule, err = every.Simulate(ctx, o.Seed, o.Releases, o.Days, done); err != nil {
		return out, err
	}
	once := p
	once.Method, once.Policy.Look = analyze.Fixed, 1
	for _, d := range looks {
		f, err := once.Simulate(ctx, o.Seed, o.Releases, d, done)
		if err != nil {
			return out, err
		}
		out.OneLook = append(out.OneLook, OneLook{d, f.Promote})
	}
	out.Decides = float64(out.Rule.Days80) <= float64(o.Days)
	if p.Method == analyze.Fixed {
		out.Decides = out.OneLook[len(out.OneLook)-1].Promote.Value >= wanted
	}
	out.Doubts = p.doubts(out)
	return out, nil
}

// level is control's figure: unknown for a quantile, whose units are counts.
func (m Metric) level() analyze.Number {
	if m.Kind == analyze.KindQuantile {
		return analyze.Unknown
	}
	return analyze.Number(m.Shown.Estimate(m.Control.Moments()).Value)
}

// lookDays are the days of single looks: 1, 2, 4, 7, 14, 28 ... and the horizon.
func lookDays(days int) []int {
	var out []int
	for _, d := range []int{2, 4, 7, 14, 28, 56} {
		if d < days {
			out = append(out, d)
		}
	}
	return append(out, days)
}

// The conditions of a promotion that a ramp must be able to meet.
const (
	largeShare = .2
	slowStep   = 3 // days that an early step should take at most
)

// doubts says what keeps the plan from deciding.
func (p Plan) doubts(o Outlook) []string {
	out := []string{}
	last := p.Steps[len(p.Steps)-1]
	if _, propensity := p.inTest(last); propensity < largeShare {
		out = append(out, fmt.Sprintf("the ramp ends at %s: half of the information must come from shares of 20 %% or more, so it can never promote", percent(last.Share)))
	}
	before := 0.0
	for i, s := range o.Steps {
		if i == len(o.Steps)-1 {
			break
		}
		next := float64(o.Steps[i+1].Day)
		switch hold := p.Steps[i].Hold.Hours() / 24; {
		case math.IsNaN(next) || math.IsInf(next, 1):
			return append(out, fmt.Sprintf("the step to %s does not get its %d treated units within %d days", percent(s.Share), p.Steps[i].Units, o.Days))
		case next-before > math.Max(hold, slowStep):
			out = append(out, fmt.Sprintf("the step to %s takes %.1f days to get its %d treated units; leave it out, or ask for fewer", percent(s.Share), next-before, p.Steps[i].Units))
		}
		before = next
	}
	for _, m := range p.Metrics {
		if m.ownScale() && m.Role == analyze.Goal {
			out = append(out, fmt.Sprintf("%s is on the judge's own scale until each version has %d labels: it can be shown to be within its margin, but not to be better", m.Name, analyze.MinLabels))
		}
	}
	for _, m := range o.Metrics {
		for _, t := range m.Tests {
			if d := p.doubt(m, t, o.Days); d != "" {
				out = append(out, d)
			}
		}
	}
	if f := o.Rule; p.Method == analyze.Sequential && f.Promote.Value < wanted && len(out) == 0 {
		out = append(out, fmt.Sprintf("no single test is too weak, but together they promote %.0f %% of such releases within %d days", 100*f.Promote.Value, o.Days))
	}
	return out
}

// doubt says why one test cannot be relied on within the horizon; empty where it can. Of several goals
// one being better is enough, so that a goal without a planned effect is no doubt.
func (p Plan) doubt(m MetricOutlook, t Power, days int) string {
	c := t.Sequential
	if p.Method == analyze.Fixed {
		c = t.Fixed
	}
	if c.Days80.Known() || t.Question == Better && (m.Effect == 0 || p.Policy.NonInferiorGoals) {
		return ""
	}
	at := 0.0
	if len(c.ByDay) > 0 {
		at = c.ByDay[len(c.ByDay)-1]
	}
	what := "shown to be better"
	if t.Question == Within {
		what = "shown to be within its margin"
	}
	text := fmt.Sprintf("%s is %s within %d days in %.0f %% of such releases", m.Name, what, days, 100*at)
	if !c.Detectable.Known() {
		return text
	}
	detectable := fmt.Sprintf("%.2g %%", 100*float64(c.Detectable))
	if m.Unit == "share" {
		detectable = fmt.Sprintf("%.2g points", 100*float64(c.Detectable))
	}
	if t.Question == Within && m.Margin != nil && !m.Margin.Relative && m.Unit != "share" {
		detectable = fmt.Sprintf("%.3g", float64(c.Detectable))
	}
	if t.Question == Better {
		return text + "; an effect of " + detectable + " would be in 80 %"
	}
	return text + "; a margin of " + detectable + " would be in 80 %"
}

func percent(share float64) string { return fmt.Sprintf("%g %%", math.Round(1e4*share)/100) }
