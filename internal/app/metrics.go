package app

import (
	"strings"

	"weir/analyze"
	"weir/analyze/lake"
	"weir/rollout/spec"
)

// The least number of units in each arm from which on a metric is tested:
// sums of tokens, cost and latency have heavy tails.
const (
	minimumUnits    = 100
	minimumSumUnits = 250
)

// defaultCap is the quantile of control's units at which such sums are capped
// in a sequential test.
const defaultCap = .99

// metric gives the analysis's form of a metric of the spec.
func metric(m spec.Metric, unit spec.Unit) analyze.Metric {
	out := analyze.Metric{
		Name: m.Name, Role: analyze.Role(m.Role.String()), Good: analyze.Good(m.Good.String()),
		Rate: isRate(m), Unit: unitOf(m), Minimum: minimumUnits, Margin: margin(m.Margin),
	}
	column := analyze.Column{
		Value: m.Value, Per: m.Per.String(), Agg: aggregation(m), OnlyOK: m.Rows == spec.RowsOK,
		Window: m.MatureAfter, Fill: fill(m), Pass: m.Pass,
	}
	count := column
	count.Count, count.Fill = true, nil
	if m.Per == spec.PerRequest && !lake.IsColumn(m.Value) { // outcomes are of sessions: their requests are counted
		session := m
		session.Over = "requests"
		count = over(session)
	}
	switch {
	case m.Judge != "":
		judged(&out, m)
		return out
	case m.Quantile > 0:
		quantile(&out, m, column, count)
		return out
	case m.Over != "":
		out.Kind, out.Columns, out.Shown = analyze.KindRatio, []analyze.Column{column, over(m)}, analyze.Form{Num: 0, Den: 1}
	case m.Per == spec.PerRequest || m.Per == spec.PerSession && unit == spec.UnitUser:
		out.Kind, out.Columns, out.Shown = analyze.KindRatio, []analyze.Column{column, count}, analyze.Form{Num: 0, Den: 1}
	default:
		out.Kind, out.Columns, out.Shown = analyze.KindMean, []analyze.Column{column}, analyze.Form{Num: 0, Den: analyze.Ones}
	}
	out.Tested = out.Shown
	if heavy(m) {
		out.Minimum = minimumSumUnits
	}
	if limit := limit(m); limit != nil {
		capped := column
		capped.Limit = limit
		out.Tested.Num = len(out.Columns)
		out.Columns = append(out.Columns, capped)
		if limit.Declared {
			out.Shown = out.Tested
		}
	}
	if m.Covariate == spec.CovariatePast {
		out.Shown.Covariate, out.Tested.Covariate = len(out.Columns), len(out.Columns)
		out.Columns = append(out.Columns, analyze.Column{Value: m.Value, Per: m.Per.String(), Window: m.MatureAfter, Past: true})
	}
	out.Margined = out.Tested
	return out
}

// over is the denominator of a metric that is divided by another value.
func over(m spec.Metric) analyze.Column {
	d := spec.Metric{Value: m.Over, Per: m.Per, Good: m.Good, Missing: spec.MissingExclude}
	if rate, _ := d.Rate(); rate {
		d.Missing = spec.MissingZero
	}
	return analyze.Column{Value: m.Over, Per: m.Per.String(), Agg: aggregation(d), Window: m.MatureAfter, Fill: fill(d)}
}

// judged fills in the columns of a judge's metric: parts of the judgments and labels of
// its criterion.
func judged(out *analyze.Metric, m spec.Metric) {
	out.Kind, out.Judged, out.Rate = analyze.KindJudge, true, false
	for _, part := range analyze.JudgedParts() {
		out.Columns = append(out.Columns, analyze.Column{Value: m.Judge, Per: m.Per.String(), Agg: "mean", Window: m.MatureAfter, Part: part})
	}
	out.Shown = analyze.JudgedForm()
	out.Tested, out.Margined = out.Shown, out.Shown
}

// quantile fills in the columns of a quantile metric: rows at or below each
// arm's own quantile, of all rows, for the figure; rows above control's frozen quantile
// for a difference; and the same with treatment's threshold a margin worse.
func quantile(out *analyze.Metric, m spec.Metric, column, count analyze.Column) {
	at := func(t analyze.Threshold) analyze.Column {
		c := column
		t.Quantile = m.Quantile
		c.Above = &t
		return c
	}
	margin := analyze.Threshold{Scale: 1}
	worse := 1.0
	if out.Good == analyze.Up {
		worse = -1
	}
	if out.Margin != nil && out.Margin.Relative {
		margin.Scale += worse * out.Margin.Value
	} else if out.Margin != nil {
		margin.Shift = worse * out.Margin.Value
	}
	out.Kind, out.Quantile = analyze.KindQuantile, m.Quantile
	out.Columns = []analyze.Column{at(analyze.Threshold{OwnQuantile: true}), count, at(analyze.Threshold{Scale: 1}), at(margin)}
	out.Shown = analyze.Form{Num: 0, Den: 1}
	out.Tested = analyze.Form{Num: 2, Den: 1}
	out.Margined = analyze.Form{Num: 3, Den: 1}
}

// margin gives the analysis's form of a margin; nil where there is none.
func margin(m spec.Margin) *analyze.Margin {
	if m.Kind == spec.MarginNone {
		return nil
	}
	return &analyze.Margin{Value: m.Value, Relative: m.Kind == spec.MarginRelative}
}

// isRate reports whether a metric is a share of what happens or does not; of an outcome
// of the user's own its margin says so.
func isRate(m spec.Metric) bool {
	if rate, known := m.Rate(); known {
		return rate
	}
	return m.Margin.Kind == spec.MarginPoints
}

// unitOf names the unit of a metric's figure.
func unitOf(m spec.Metric) string {
	switch {
	case isRate(m):
		return "share"
	case strings.HasSuffix(m.Value, "_ms"):
		return "ms"
	case strings.HasSuffix(m.Value, "_tokens"):
		return "tokens"
	case m.Value == "cost_usd":
		return "USD"
	case m.Value == "requests":
		return "requests"
	}
	return ""
}

// aggregation is how several values of one session or user are joined: as
// declared, else any for what happens or does not, sum for columns, mean for
// other outcomes.
func aggregation(m spec.Metric) string {
	switch {
	case m.Agg != spec.AggDefault:
		return m.Agg.String()
	case m.Per == spec.PerRequest:
		return "sum"
	case m.Value == "compliance":
		return "all"
	case isRate(m):
		return "any"
	case lake.IsColumn(m.Value):
		return "sum"
	}
	return "mean"
}

// fill is what stands for a missing value; nil where the unit is left out.
func fill(m spec.Metric) *analyze.Fill {
	switch m.Missing {
	case spec.MissingZero:
		return &analyze.Fill{}
	case spec.MissingWorst:
		if m.Good == spec.Up {
			return &analyze.Fill{Control: 1}
		}
		return &analyze.Fill{Treatment: 1}
	}
	return nil
}

// heavy reports whether a metric sums up tokens, cost or time.
func heavy(m spec.Metric) bool {
	unit := unitOf(m)
	return m.Quantile == 0 && (unit == "ms" || unit == "tokens" || unit == "USD")
}

// limit is where a unit's sum is capped; nil where it is not.
func limit(m spec.Metric) *analyze.Limit {
	switch {
	case m.Cap.Kind == spec.CapQuantile:
		return &analyze.Limit{Quantile: m.Cap.Value, Declared: true}
	case m.Cap.Kind == spec.CapValue:
		return &analyze.Limit{Value: m.Cap.Value, Declared: true}
	case m.Cap.Kind == spec.CapDefault && heavy(m):
		return &analyze.Limit{Quantile: defaultCap}
	}
	return nil
}
