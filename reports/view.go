package reports

import (
	"strings"

	"weir/analyze"
)

// A view is what other methods say of one metric: shown, and in no verdict.
type view struct {
	Label        string
	ChanceBetter string // 97 %
	ExpectedLoss string // 0.1 % of v1's level
	Checks       []string
	DesignEffect string // 1.8 / 2.1
	Past         string // 1.1 % before, 4.8 % now
	PastWorse    bool
}

// viewsOf lists the metrics of which there is any.
func viewsOf(r analyze.Result) []view {
	var out []view
	for _, m := range r.Metrics {
		if v := viewOf(m); v.ChanceBetter+v.DesignEffect+v.Past != "" || len(v.Checks) > 0 {
			out = append(out, v)
		}
	}
	return out
}

func viewOf(m analyze.MetricResult) view {
	abs, _, test := scalesOf(m)
	v := view{Label: label(m.Name)}
	if b := m.Belief; b != nil {
		v.ChanceBetter, v.ExpectedLoss = share(b.ChanceBetter), share(b.ExpectedLoss)
	}
	for _, c := range m.CrossChecks {
		v.Checks = append(v.Checks, crossCheck(c, abs))
	}
	if a, b := m.Control.DesignEffect, m.Treatment.DesignEffect; a.Known() && b.Known() && a > 0 && b > 0 {
		s := scale{factor: 1, decimals: 1}
		v.DesignEffect = s.level(a) + " / " + s.level(b)
	}
	if p := m.Past; p != nil {
		if m.Kind == analyze.KindQuantile {
			abs = test
		}
		above := ""
		if m.Kind == analyze.KindQuantile {
			above = " above the frozen threshold"
		}
		v.Past, v.PastWorse = abs.level(p.Before.Value)+" before, "+abs.level(p.Now.Value)+" now"+above, p.Worse
	}
	return v
}

// crossCheck says one in a line: Hajek +3.1 pp (1.2 to 5.0).
func crossCheck(c analyze.CrossCheck, abs scale) string {
	name, _, _ := strings.Cut(visible(c.Method), ",")
	if c.Scale == "ratio" {
		return name + " " + scale{factor: 1, decimals: 3}.level(c.Value) + strings.TrimSuffix(", "+pText(c.PValue, analyze.Unknown), ", ")
	}
	return name + " " + effect{abs.change(c.Value), abs.limits(c.Lower, c.Upper), ""}.Text()
}
