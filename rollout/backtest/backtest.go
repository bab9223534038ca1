package backtest

import (
	"context"
	"errors"
	"math"
	"time"

	"weir/analyze"
	"weir/rollout"
)

// Schema names the layout of a Result in JSON.
const Schema = "weir.backtest/1"

// A Result is what the rule would have said of a past release.
type Result struct {
	Schema    string  `json:"schema"`
	App       string  `json:"app"`
	Release   string  `json:"release"`
	Control   string  `json:"control"`
	Treatment string  `json:"treatment"`
	Unit      string  `json:"unit"`
	Alpha     float64 `json:"alpha"`

	Metrics []Metric `json:"metrics"`
	Looks   []Look   `json:"looks"`
	// End is the first look that would have ended the release; null where none would.
	End *Look `json:"end"`
	// Confirmed is the verdict that an analysis of the lake as of that look gives; empty where it was
	// not asked for.
	Confirmed string `json:"confirmed,omitempty"`
	// Invalid counts the looks that called the comparison invalid.
	Invalid int `json:"invalid"`
}

// A Metric is one metric of the release, with its true effect where that is known.
type Metric struct {
	Name   string          `json:"name"`
	Role   analyze.Role    `json:"role"`
	Kind   analyze.Kind    `json:"kind"`
	Unit   string          `json:"unit"`
	Good   analyze.Good    `json:"good"`
	Margin *analyze.Margin `json:"margin"`
	Truth  *Truth          `json:"truth"`
}

// A Truth is the true effect of the treatment on a metric; null where it is not known.
type Truth struct {
	Absolute analyze.Number `json:"absolute"` // strata weighted by traffic
	Overlap  analyze.Number `json:"overlap"`  // weighted as the test weights them
	Relative analyze.Number `json:"relative"`
}

// A Look is what the rule would have said at an hour.
type Look struct {
	At      time.Time       `json:"at"`
	Share   analyze.Number  `json:"share"` // of treatment, of the newest stratum
	Units   analyze.ByArm   `json:"units"`
	Verdict rollout.Verdict `json:"verdict"`
	Reasons []string        `json:"reasons"`
	Metrics []Seen          `json:"metrics"`
}

// A Seen is what a look says of one metric: the test's effect and bounds, or, where the margin
// is relative, the estimated lift.
type Seen struct {
	Value     analyze.Number    `json:"value"`
	Lower     analyze.Number    `json:"lower"`
	Upper     analyze.Number    `json:"upper"`
	Relative  bool              `json:"relative"`
	Direction analyze.Direction `json:"direction"`
	Check     analyze.Check     `json:"check"`
}

// ErrOneLook says that the release cannot be looked at over time.
var ErrOneLook = errors.New("the rows have no times of assignment, or are paired cases: there is only one look")

// ErrFixed says that the release is decided at one look.
var ErrFixed = errors.New("method fixed decides at one look: a backtest over looks needs method sequential")

// Run looks at a release every so many hours, from its first hour to its last that is mature.
func Run(ctx context.Context, d analyze.Data, p rollout.Policy, every int, progress func(done, of int)) (Result, error) {
	out := Result{Schema: Schema, App: d.App, Release: d.Release, Control: d.Control, Treatment: d.Treatment, Unit: d.Design.Unit, Alpha: d.Design.Alpha}
	switch {
	case d.Design.Kind == analyze.Paired || d.Design.Offline || d.Period.First == nil || len(d.Arrived) == 0:
		return out, ErrOneLook
	case d.Design.Method == analyze.Fixed:
		return out, ErrFixed
	}
	for _, m := range d.Metrics {
		kind := m.Metric.Kind
		if m.Binary {
			kind = analyze.KindProportion
		}
		out.Metrics = append(out.Metrics, Metric{Name: m.Metric.Name, Role: m.Metric.Role, Kind: kind, Unit: m.Metric.Unit, Good: m.Metric.Good, Margin: m.Metric.Margin})
	}
	hours := looks(d, every)
	for i, hour := range hours {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		l := look(d, p, hour)
		if l.Verdict == rollout.Invalid {
			out.Invalid++
		}
		if out.End == nil && (l.Verdict == rollout.Promote || l.Verdict == rollout.Rollback) {
			end := l
			out.End = &end
		}
		out.Looks = append(out.Looks, l)
		if progress != nil {
			progress(i+1, len(hours))
		}
	}
	return out, nil
}

// looks are the hours of the looks, the last one when the last unit is mature for every metric.
func looks(d analyze.Data, every int) []int64 {
	first, last := d.Arrived[0].Hour, d.Arrived[len(d.Arrived)-1].Hour
	wait := 0.0
	for _, m := range d.Metrics {
		wait = math.Max(wait, m.Metric.Columns[0].Window.Hours())
	}
	end := last + 1 + int64(math.Ceil(wait))
	if asOf := d.Period.AsOf.Unix() / 3600; asOf < end {
		end = asOf
	}
	var out []int64
	for h := first + int64(every); h < end; h += int64(every) {
		out = append(out, h)
	}
	return append(out, end)
}

// look is one look.
func look(d analyze.Data, p rollout.Policy, hour int64) Look {
	cut := Cut(d, hour)
	result := analyze.Evaluate(cut)
	decision := rollout.Decide(result, p)
	l := Look{At: at(hour), Share: result.Period.TreatmentShare, Units: analyze.ByArm{Control: result.Units.Control, Treatment: result.Units.Treatment}, Verdict: decision.Verdict, Reasons: decision.Reasons}
	for _, m := range result.Metrics {
		s := Seen{Value: m.Test.Value, Lower: m.Test.Lower, Upper: m.Test.Upper, Direction: m.Direction, Check: m.Margin.Check}
		if m.Margin.Relative || m.Kind == analyze.KindQuantile {
			s.Relative, s.Value, s.Lower, s.Upper = true, m.Relative.Value, m.Relative.Lower, m.Relative.Upper
		}
		l.Metrics = append(l.Metrics, s)
	}
	return l
}

// Off is how far what a look saw of a metric is from the truth, on the scale of what it saw; unknown where
// either is not known.
func (m Metric) Off(s Seen) analyze.Number {
	if m.Truth == nil {
		return analyze.Unknown
	}
	if s.Relative {
		return s.Value - m.Truth.Relative
	}
	return s.Value - m.Truth.Overlap
}
