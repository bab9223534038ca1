package rollout

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/analyze"
)

// effect says a metric's effect with its interval, as its test sees it.
func effect(m analyze.MetricResult) string {
	e := analyze.Interval{Value: m.Test.Value, Lower: m.Test.Lower, Upper: m.Test.Upper}
	scale := scaleOf(m)
	if m.Kind == analyze.KindQuantile || m.Margin.Relative {
		e = m.Relative
	}
	digits := decimals(float64(scale.factor) * float64(e.Upper-e.Lower) / 2)
	return fmt.Sprintf("%s (%s to %s)", scale.write(e.Value, digits), scale.write(e.Lower, digits), scale.write(e.Upper, digits))
}

// margin says a metric's margin in its own scale.
func margin(m analyze.MetricResult) string {
	scale := scaleOf(m)
	return fmt.Sprintf("%g%s", math.Round(scale.factor*float64(m.Margin.Value)*1e6)/1e6, scale.unit)
}

// bound says a margin's one-sided bound in the margin's scale, to two digits of its distance
// from the effect.
func bound(m analyze.MetricResult) string {
	scale := scaleOf(m)
	value := m.Test.Value
	if m.Kind == analyze.KindQuantile || m.Margin.Relative {
		value = m.Relative.Value
	}
	return scale.write(m.Margin.Bound, decimals(scale.factor*math.Abs(float64(m.Margin.Bound-value))))
}

// A scale is how a metric's effects are written.
type scale struct {
	factor float64
	unit   string
}

// scaleOf is percent for relative margins and for quantiles, points for shares, else the
// metric's own unit.
func scaleOf(m analyze.MetricResult) scale {
	switch {
	case m.Margin.Relative, m.Kind == analyze.KindQuantile:
		return scale{100, " %"}
	case m.Unit == "share":
		return scale{100, " pp"}
	case m.Unit == "":
		return scale{1, ""}
	default:
		return scale{1, " " + m.Unit}
	}
}

// write writes a difference with its sign and unit.
func (s scale) write(x analyze.Number, digits int) string {
	if !x.Known() {
		return "unknown"
	}
	return strings.Replace(fmt.Sprintf("%+.*f", digits, s.factor*float64(x)), "-", "−", 1) + s.unit
}

// decimals are those that show two significant digits of an error.
func decimals(half float64) int {
	if !(half > 0) || math.IsInf(half, 1) {
		return 1
	}
	return min(max(1-int(math.Floor(math.Log10(half))), 0), 9)
}

func pValue(p analyze.Number) string {
	if p < .001 {
		return "< .001"
	}
	return strings.TrimPrefix(fmt.Sprintf("%.3f", float64(p)), "0")
}

// capital gives a sentence its first letter.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}
