package analyze

import (
	"fmt"
	"math"
	"strings"
)

// An evaluator computes one metric's result.
type evaluator struct {
	data Data
	in   MetricData
	raw  MetricData // of a judge's metric, what in was made of
	out  MetricResult
	test string // the test at one look that was used
}

func (e *evaluator) warn(format string, args ...any) {
	e.out.Warnings = append(e.out.Warnings, fmt.Sprintf(format, args...))
}

func (e *evaluator) evaluate() MetricResult {
	m := e.in.Metric
	e.out = MetricResult{
		Name: m.Name, Role: m.Role, Kind: m.Kind, Good: m.Good, Unit: m.Unit, Quantile: m.Quantile,
		Control:   ArmResult{Value: Unknown, StdErr: Unknown, Missing: Unknown, DesignEffect: Unknown},
		Treatment: ArmResult{Value: Unknown, StdErr: Unknown, Missing: Unknown, DesignEffect: Unknown},
		Absolute:  Effect{Estimand: e.estimand(), Value: Unknown, StdErr: Unknown, Lower: Unknown, Upper: Unknown, PValue: Unknown},
		Relative:  unknownInterval(),
		Test:      Test{Estimand: e.testEstimand(), Value: Unknown, Lower: Unknown, Upper: Unknown, PValue: Unknown, PAdjusted: Unknown, Sided: 2},
		Naive:     Naive{Value: Unknown, Note: "pooled over strata"},
		Margin:    MarginCheck{Value: Unknown, Bound: Unknown, PValue: Unknown, HarmPValue: Unknown, HarmAdjusted: Unknown, Check: CheckNone},
		More:      More{Superior: Unknown, NonInferior: Unknown},
		Direction: NotEstimable,
		Warnings:  append([]string{}, e.in.Warnings...),
	}
	if m.Margin != nil {
		e.out.Margin.Value, e.out.Margin.Relative, e.out.Margin.Check = Number(m.Margin.Value), m.Margin.Relative, CheckOpen
	}
	if m.Kind == KindMean && m.Rate && e.in.Binary {
		e.out.Kind = KindProportion
	}
	switch {
	case e.in.Absent != "":
		e.warn("not estimable: %s", e.in.Absent)
	case !e.in.finite():
		e.warn("not estimable: a moment is not a finite number; the rows hold values too large to sum up")
	default:
		e.compare()
	}
	e.out.Restart = e.in.Restart
	e.scaleRestarted()
	e.out.Belief = believe(m.Good, e.out.Control, e.out.Treatment, e.data.Design.Alpha)
	e.compareMissing()
	e.out.Method = e.method()
	return e.out
}

// compare fills in the figures and what is tested.
func (e *evaluator) compare() {
	e.judge()
	if e.data.Design.Kind == Paired {
		e.paired()
	} else {
		e.independent()
	}
	e.ownScale()
}

func (e *evaluator) estimand() string {
	if e.data.Design.Kind == Paired {
		return "cases"
	}
	return "traffic"
}

func (e *evaluator) testEstimand() string {
	if e.data.Design.Kind == Paired {
		return "cases"
	}
	return "overlap"
}

// What an arm can have too few units for.
const (
	figure = "a figure"
	test   = "a test"
)

// tooFew warns, and reports true, where an arm has fewer than least.
func (e *evaluator) tooFew(control, treatment, least int64, what, goal string) bool {
	d := e.data
	for _, x := range []struct {
		version string
		n       int64
	}{{d.Control, control}, {d.Treatment, treatment}} {
		if x.n < least {
			e.warn("not estimable: %s has %d of the %d %s %s needs%s", x.version, x.n, least, what, goal, e.immature())
			return true
		}
	}
	return false
}

// immature explains a shortage by units that have yet to mature.
func (e *evaluator) immature() string {
	if n := e.in.Immature.Control + e.in.Immature.Treatment; n > 0 {
		return fmt.Sprintf(" (%d more are not mature yet)", n)
	}
	return ""
}

// take copies a test at one look.
func (e *evaluator) take(h horizon) {
	e.out.Test.Value, e.out.Test.Lower, e.out.Test.Upper, e.out.Test.PValue = Number(h.absolute.Value), Number(h.lower), Number(h.upper), Number(h.p)
	if e.in.Metric.Margin == nil {
		return
	}
	e.out.Margin.Bound, e.out.Margin.PValue, e.out.Margin.HarmPValue = Number(h.bound), Number(h.passP), Number(h.harmP)
}

// degenerate reports whether a standard error gives nothing to test against.
func degenerate(stdErr float64) bool { return !(stdErr > 0) || math.IsInf(stdErr, 1) }

func (e *evaluator) arm(a Arm) *ArmResult {
	if a == Control {
		return &e.out.Control
	}
	return &e.out.Treatment
}

// method says in a line how the figures were computed.
func (e *evaluator) method() string {
	d, m := e.data.Design, e.in.Metric
	parts := []string{}
	switch {
	case d.Kind == Paired:
		parts = append(parts, "paired by case")
	default:
		parts = append(parts, "two-sample, clustered by "+d.Unit)
	}
	if d.Kind == Stratified {
		parts = append(parts, "stratified by epoch and rule")
	}
	switch m.Kind {
	case KindQuantile:
		parts = append(parts, "Woodruff quantile, tested by rates above thresholds")
	case KindRatio:
		parts = append(parts, "ratio of sums (delta method)")
	}
	if a := e.out.Adjustment; a != nil {
		parts = append(parts, fmt.Sprintf("adjusted by the user's past (correlation %.2f)", float64(a.Correlation)))
	}
	parts = append(parts, e.out.Judge.method()...)
	if e.in.Frozen.Cap.Known() {
		parts = append(parts, fmt.Sprintf("capped at %.6g in the test", float64(e.in.Frozen.Cap)))
	}
	if d.Method == Sequential {
		parts = append(parts, "asymptotic confidence sequence")
	} else if e.test != "" {
		parts = append(parts, e.test)
	}
	return strings.Join(parts, ", ")
}
