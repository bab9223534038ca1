package reports

import (
	"testing"

	"weir/analyze"
)

func TestNaiveIsShownWhereItMisleads(t *testing.T) {
	for _, c := range []struct {
		name         string
		naive        float64
		lower, upper analyze.Number
		want         string
	}{
		{"the same", 0.031, -0.004, 0.066, ""},
		{"other, inside the interval", 0.06, -0.004, 0.066, ""},
		{"other sign", -0.002, -0.004, 0.066, "−0.2 pp (pooled over strata)"},
		{"zero has no sign", -0.0002, -0.004, 0.066, ""},
		{"above the interval", 0.07, -0.004, 0.066, "+7.0 pp (pooled over strata)"},
		{"below an interval open above", -0.1, -0.004, unknown, "−10.0 pp (pooled over strata)"},
		{"unknown", float64(unknown), -0.004, 0.066, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := resolution()
			m.Naive.Value = analyze.Number(c.naive)
			m.Absolute.Lower, m.Absolute.Upper = c.lower, c.upper
			if got := metricOf(m).Naive; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCure(t *testing.T) {
	for _, c := range []struct {
		warnings []string
		want     string
	}{
		{[]string{"a doubt", "not estimable: v2 has 3 of 20."}, "v2 has 3 of 20"},
		{[]string{"a doubt."}, "a doubt"},
		{nil, "no reason is recorded"},
	} {
		if got := cure(c.warnings); got != c.want {
			t.Errorf("cure(%q) = %q, want %q", c.warnings, got, c.want)
		}
	}
}

func TestMoreIsShownForWhatIsOpen(t *testing.T) {
	goal, guard, open := resolution(), handoff(), latency()
	guard.More.Superior = 900
	monitor := satisfaction()
	monitor.More.Superior = 900
	better := directed(resolution(), analyze.Better)
	for want, m := range map[string]analyze.MetricResult{"needs about 4,200 more": goal, "needs about 2,200 more": open} {
		if got := metricOf(m).More; got != want {
			t.Errorf("%s: %q, want %q", m.Name, got, want)
		}
	}
	for _, m := range []analyze.MetricResult{guard, better, monitor} {
		if got := metricOf(m).More; got != "" {
			t.Errorf("%s: %q, want nothing", m.Name, got)
		}
	}
}

// A quantile's test is of rates, in points; what is shown stays in its unit.
func TestQuantileTestIsOfRates(t *testing.T) {
	m := metricOf(latency())
	if m.Test.Value != "+1.1 pp" || m.Absolute.Value != "+0.09 s" || m.Effect.Value != "+6.3 %" {
		t.Errorf("test %s, absolute %s, effect %s", m.Test.Value, m.Absolute.Value, m.Effect.Value)
	}
	inUnit := margined(latency(), 50, false, 122, 0.2, 1, analyze.CheckOpen)
	if got := metricOf(inUnit); got.Effect.Value != "+0.09 s" || got.Margin != "0.05 s" {
		t.Errorf("effect %s, margin %s", got.Effect.Value, got.Margin)
	}
}
