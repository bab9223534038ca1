package reports

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"weir/analyze"
	"weir/rollout"
)

// A csvColumn is one column of the CSV: its name and its value for a metric.
type csvColumn struct {
	name  string
	value func(rollout.Analysis, analyze.MetricResult) string
}

// csvColumns are the columns in their order, which is only ever extended.
var csvColumns = []csvColumn{
	{"app", func(a rollout.Analysis, _ analyze.MetricResult) string { return a.App }},
	{"release", func(a rollout.Analysis, _ analyze.MetricResult) string { return a.Release }},
	{"control", func(a rollout.Analysis, _ analyze.MetricResult) string { return a.Control }},
	{"treatment", func(a rollout.Analysis, _ analyze.MetricResult) string { return a.Treatment }},
	{"as_of", func(a rollout.Analysis, _ analyze.MetricResult) string {
		return a.Period.AsOf.UTC().Format("2006-01-02T15:04:05Z")
	}},
	{"verdict", func(a rollout.Analysis, _ analyze.MetricResult) string { return a.Decision.Verdict.String() }},
	of("metric", func(m analyze.MetricResult) string { return m.Name }),
	of("role", func(m analyze.MetricResult) string { return string(m.Role) }),
	of("kind", func(m analyze.MetricResult) string { return string(m.Kind) }),
	of("good", func(m analyze.MetricResult) string { return string(m.Good) }),
	of("unit", func(m analyze.MetricResult) string { return m.Unit }),
	number("control_value", func(m analyze.MetricResult) analyze.Number { return m.Control.Value }),
	number("control_std_err", func(m analyze.MetricResult) analyze.Number { return m.Control.StdErr }),
	of("control_units", func(m analyze.MetricResult) string { return strconv.FormatInt(m.Control.Units, 10) }),
	number("control_missing", func(m analyze.MetricResult) analyze.Number { return m.Control.Missing }),
	number("treatment_value", func(m analyze.MetricResult) analyze.Number { return m.Treatment.Value }),
	number("treatment_std_err", func(m analyze.MetricResult) analyze.Number { return m.Treatment.StdErr }),
	of("treatment_units", func(m analyze.MetricResult) string { return strconv.FormatInt(m.Treatment.Units, 10) }),
	number("treatment_missing", func(m analyze.MetricResult) analyze.Number { return m.Treatment.Missing }),
	of("absolute_estimand", func(m analyze.MetricResult) string { return m.Absolute.Estimand }),
	number("absolute_value", func(m analyze.MetricResult) analyze.Number { return m.Absolute.Value }),
	number("absolute_std_err", func(m analyze.MetricResult) analyze.Number { return m.Absolute.StdErr }),
	number("absolute_lower", func(m analyze.MetricResult) analyze.Number { return m.Absolute.Lower }),
	number("absolute_upper", func(m analyze.MetricResult) analyze.Number { return m.Absolute.Upper }),
	number("absolute_p_value", func(m analyze.MetricResult) analyze.Number { return m.Absolute.PValue }),
	number("relative_value", func(m analyze.MetricResult) analyze.Number { return m.Relative.Value }),
	number("relative_lower", func(m analyze.MetricResult) analyze.Number { return m.Relative.Lower }),
	number("relative_upper", func(m analyze.MetricResult) analyze.Number { return m.Relative.Upper }),
	of("test_estimand", func(m analyze.MetricResult) string { return m.Test.Estimand }),
	number("test_value", func(m analyze.MetricResult) analyze.Number { return m.Test.Value }),
	number("test_lower", func(m analyze.MetricResult) analyze.Number { return m.Test.Lower }),
	number("test_upper", func(m analyze.MetricResult) analyze.Number { return m.Test.Upper }),
	number("test_p_value", func(m analyze.MetricResult) analyze.Number { return m.Test.PValue }),
	number("test_p_adjusted", func(m analyze.MetricResult) analyze.Number { return m.Test.PAdjusted }),
	number("naive_value", func(m analyze.MetricResult) analyze.Number { return m.Naive.Value }),
	number("margin_value", func(m analyze.MetricResult) analyze.Number { return m.Margin.Value }),
	of("margin_relative", func(m analyze.MetricResult) string { return strconv.FormatBool(m.Margin.Relative) }),
	number("margin_bound", func(m analyze.MetricResult) analyze.Number { return m.Margin.Bound }),
	number("margin_p_value", func(m analyze.MetricResult) analyze.Number { return m.Margin.PValue }),
	number("harm_p_value", func(m analyze.MetricResult) analyze.Number { return m.Margin.HarmPValue }),
	number("harm_p_adjusted", func(m analyze.MetricResult) analyze.Number { return m.Margin.HarmAdjusted }),
	of("margin_check", func(m analyze.MetricResult) string { return string(m.Margin.Check) }),
	number("more_superior", func(m analyze.MetricResult) analyze.Number { return m.More.Superior }),
	number("more_non_inferior", func(m analyze.MetricResult) analyze.Number { return m.More.NonInferior }),
	of("direction", func(m analyze.MetricResult) string { return string(m.Direction) }),
	of("missing_differs", func(m analyze.MetricResult) string { return strconv.FormatBool(m.MissingDiffers) }),
	of("method", func(m analyze.MetricResult) string { return m.Method }),
	of("warnings", func(m analyze.MetricResult) string { return strings.Join(m.Warnings, "; ") }),
}

func of(name string, value func(analyze.MetricResult) string) csvColumn {
	return csvColumn{name, func(_ rollout.Analysis, m analyze.MetricResult) string { return value(m) }}
}

// number is written as the shortest decimal that reads back the same; unknown is empty.
func number(name string, value func(analyze.MetricResult) analyze.Number) csvColumn {
	return of(name, func(m analyze.MetricResult) string {
		x := value(m)
		if !x.Known() {
			return ""
		}
		return strconv.FormatFloat(float64(x), 'g', -1, 64)
	})
}

// CSV writes a header and a row for each metric, with unrounded numbers. An
// unknown number is empty.
func (r Report) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	row := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		row[i] = c.name
	}
	out.Write(row) // an error is kept for Error
	for _, m := range r.record.Analysis.Metrics {
		for i, c := range csvColumns {
			row[i] = c.value(r.record.Analysis, m)
		}
		out.Write(row)
	}
	out.Flush()
	return out.Error()
}
