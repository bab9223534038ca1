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
	if m.Kind == analyze.KindQuantile || m.Margin.Relative {
		e := m.Relative
		return fmt.Sprintf("%s (%s to %s)", percent(e.Value), percent(e.Lower), percent(e.Upper))
	}
	return fmt.Sprintf("%s (%s to %s)", amount(m.Test.Value, m.Unit), amount(m.Test.Lower, m.Unit), amount(m.Test.Upper, m.Unit))
}

// margin says a metric's margin in its own scale.
func margin(m analyze.MetricResult) string {
	if m.Margin.Relative {
		return strings.TrimPrefix(percent(m.Margin.Value), "+")
	}
	return strings.TrimPrefix(amount(m.Margin.Value, m.Unit), "+")
}

// bound says a margin's one-sided bound in the margin's scale.
func bound(m analyze.MetricResult) string {
	if m.Margin.Relative {
		return percent(m.Margin.Bound)
	}
	return amount(m.Margin.Bound, m.Unit)
}

// amount writes a difference with its unit: points for shares.
func amount(x analyze.Number, unit string) string {
	switch {
	case !x.Known():
		return "unknown"
	case unit == "share":
		return signed(100*float64(x)) + " pp"
	case unit == "":
		return signed(float64(x))
	default:
		return signed(float64(x)) + " " + unit
	}
}

// percent writes a relative difference.
func percent(x analyze.Number) string {
	if !x.Known() {
		return "unknown"
	}
	return signed(100*float64(x)) + " %"
}

// signed writes a number with its sign and about three significant digits.
func signed(x float64) string {
	decimals := 0
	if a := math.Abs(x); a > 0 {
		decimals = max(0, 2-int(math.Floor(math.Log10(a))))
	}
	decimals = min(decimals, 6)
	if math.Abs(x) >= .1 {
		decimals = min(decimals, 2)
	}
	s := fmt.Sprintf("%+.*f", decimals, x)
	return strings.Replace(s, "-", "−", 1)
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
