package reports

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"weir/analyze"
)

const (
	dash  = "–" // a number that cannot be had
	minus = "−"
	// maxDecimals bounds the decimals of a number; what needs more, or is
	// larger than largest, is written with a power of ten.
	maxDecimals = 9
	smallest    = 1e-6
	largest     = 1e12
)

// A scale is how the numbers of one metric are written, so that they align
// and can be compared: one unit, one number of decimals.
type scale struct {
	factor   float64 // from the metric's unit to the written one
	decimals int
	power    bool   // written as 3.1e−9
	prefix   string // currency sign
	unit     string // of a level: %, ms, tokens
	diffUnit string // of a difference of levels: pp, ms, tokens
}

// currencies have a sign of their own; others are written with their code.
var currencies = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩"}

// scaleOf chooses the scale of a metric in unit whose levels reach magnitude
// and whose effect is known to within halfWidth. An unknown half-width leaves
// three significant digits of the magnitude.
func scaleOf(unit string, magnitude, halfWidth float64) scale {
	s := scaleOfUnit(unit, magnitude)
	if !finite(halfWidth) || halfWidth <= 0 {
		halfWidth = magnitude / 10
	}
	s.decimals = decimalsFor(halfWidth * s.factor)
	size := math.Abs(magnitude * s.factor)
	s.power = size >= largest || size > 0 && size < smallest
	if s.power {
		s.decimals = 1
	}
	return s
}

func scaleOfUnit(unit string, magnitude float64) scale {
	switch {
	case unit == "share":
		return scale{factor: 100, unit: "%", diffUnit: "pp"}
	case unit == "ms" && math.Abs(magnitude) >= 1000:
		return scale{factor: 1e-3, unit: "s", diffUnit: "s"}
	case currencies[unit] != "":
		return scale{factor: 1, prefix: currencies[unit]}
	}
	return scale{factor: 1, unit: unit, diffUnit: unit}
}

// relativeScale writes shares of control's level in per cent.
func relativeScale(halfWidth, magnitude float64) scale {
	s := scaleOf("share", magnitude, halfWidth)
	s.diffUnit = "%"
	return s
}

// decimalsFor returns the decimals that leave two significant digits of a
// half-width: 3.5 gives 1, 0.35 gives 2, 35 and more give 0. What rounds up to
// the next power of ten counts as that: 9.96 gives 0. Zero and what is not
// finite give 0.
func decimalsFor(halfWidth float64) int {
	if !finite(halfWidth) || halfWidth == 0 {
		return 0
	}
	_, exponent, _ := strings.Cut(strconv.FormatFloat(math.Abs(halfWidth), 'e', 1, 64), "e")
	e, err := strconv.Atoi(exponent)
	if err != nil {
		panic("reports: exponent of " + exponent)
	}
	return min(max(0, 1-e), maxDecimals)
}

// level writes a figure of one arm with its unit: 61.2 %, 1.42 s, $0.0031.
func (s scale) level(x analyze.Number) string {
	return s.write(x, s.unit, false)
}

// rounded writes a figure without an interval to three digits, with its unit.
func (s scale) rounded(x analyze.Number) string {
	if !x.Known() {
		return dash
	}
	return join(s.prefix+significant(float64(x)*s.factor), s.unit)
}

// change writes a difference with its sign and unit: +3.1 pp, −$0.0031.
func (s scale) change(x analyze.Number) string {
	return s.write(x, s.diffUnit, true)
}

// spread writes a standard error, in the unit of differences and unsigned.
func (s scale) spread(x analyze.Number) string {
	if !x.Known() {
		return dash
	}
	return s.digits(math.Abs(float64(x)*s.factor), false)
}

// limits writes the ends of an interval without their unit: −0.4 to +6.6.
// An end that is not known is open: −0.4 to ∞.
func (s scale) limits(lower, upper analyze.Number) string {
	if !lower.Known() && !upper.Known() {
		return dash
	}
	return s.limit(lower, minus+"∞") + " to " + s.limit(upper, "+∞")
}

func (s scale) limit(x analyze.Number, open string) string {
	if !x.Known() {
		return open
	}
	return s.digits(float64(x)*s.factor, true)
}

// declared writes a number as somebody wrote it, without rounding: a margin.
func (s scale) declared(x analyze.Number) string {
	if !x.Known() {
		return dash
	}
	scaled := float64(x) * s.factor
	text := strconv.FormatFloat(scaled, 'g', 12, 64) // twelve digits hide what the factor added
	rounded, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic("reports: " + err.Error())
	}
	text = group(strconv.FormatFloat(math.Abs(rounded), 'f', -1, 64))
	if rounded < 0 {
		text = minus + s.prefix + text
	} else {
		text = s.prefix + text
	}
	return join(text, s.diffUnit)
}

func (s scale) write(x analyze.Number, unit string, sign bool) string {
	if !x.Known() {
		return dash
	}
	text := s.digits(float64(x)*s.factor, sign)
	if s.prefix != "" {
		at := strings.IndexFunc(text, unicode.IsDigit)
		text = text[:at] + s.prefix + text[at:]
	}
	return join(text, unit)
}

// digits writes a scaled number. What rounds to zero has no sign.
func (s scale) digits(x float64, sign bool) string {
	form := byte('f')
	if s.power {
		form = 'e'
	}
	text := strconv.FormatFloat(math.Abs(x), form, s.decimals, 64)
	mantissa, _, _ := strings.Cut(text, "e")
	zero := !strings.ContainsAny(mantissa, "123456789")
	if s.power {
		text = power(text)
	} else {
		text = group(text)
	}
	switch {
	case zero:
		return text
	case x < 0:
		return minus + text
	case sign:
		return "+" + text
	}
	return text
}

// power turns 3.1e-09 into 3.1e−9.
func power(text string) string {
	mantissa, exponent, _ := strings.Cut(text, "e")
	sign := ""
	if exponent[0] == '-' {
		sign = minus
	}
	exponent = strings.TrimLeft(exponent[1:], "0")
	if exponent == "" {
		return mantissa
	}
	return mantissa + "e" + sign + exponent
}

// group separates the thousands of an unsigned decimal by commas.
func group(text string) string {
	whole, fraction, dotted := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dotted {
		return whole + "." + fraction
	}
	return whole
}

func join(text, unit string) string {
	if unit == "" {
		return text
	}
	return text + " " + unit
}

// count writes a whole number: 38,112.
func count(n int64) string {
	if n < 0 {
		return minus + group(strings.TrimPrefix(strconv.FormatInt(n, 10), "-"))
	}
	return group(strconv.FormatInt(n, 10))
}

// roughly rounds a count to two significant digits, which is what an estimate
// of work still to do can bear: 4,217 gives 4,200.
func roughly(n int64) string {
	digits := math.Floor(math.Log10(math.Max(1, math.Abs(float64(n)))))
	step := math.Pow(10, math.Max(0, digits-1))
	return count(int64(math.Round(float64(n)/step) * step))
}

// share writes a share that has no interval, in per cent with at most one
// decimal. It never says 0 % or 100 % of what is neither.
func share(x analyze.Number) string {
	if !x.Known() {
		return dash
	}
	switch v := float64(x); {
	case v > 0 && v < 0.0005:
		return "< 0.1 %"
	case v < 1 && v >= 0.9995:
		return "> 99.9 %"
	default:
		return strings.TrimSuffix(strconv.FormatFloat(100*v, 'f', 1, 64), ".0") + " %"
	}
}

// probability writes a p-value without its leading zero: .41, .049, < .001. Two
// decimals from .1 on, three below. Unknown is a dash.
func probability(p analyze.Number) string {
	if !p.Known() {
		return dash
	}
	switch v := float64(p); {
	case v < 0.001:
		return "< .001"
	case v < 0.0995:
		return unled(strconv.FormatFloat(v, 'f', 3, 64))
	case v < 0.995:
		return unled(strconv.FormatFloat(v, 'f', 2, 64))
	case v < 1:
		return "> .99"
	}
	return "1"
}

func unled(text string) string { return strings.TrimPrefix(text, "0") }

// bytesOf writes a size: 812 B, 1.4 kB, 3.2 MB.
func bytesOf(n int64) string {
	size := float64(n)
	for _, unit := range []string{"B", "kB", "MB", "GB"} {
		if size < 1000 {
			return sized(size, unit)
		}
		size /= 1000
	}
	return sized(size, "TB")
}

func sized(size float64, unit string) string {
	decimals := 0
	if size < 10 && unit != "B" {
		decimals = 1
	}
	return group(strconv.FormatFloat(size, 'f', decimals, 64)) + " " + unit
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
