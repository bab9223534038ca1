package reports

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"weir/analyze"
)

func TestDecimalsFor(t *testing.T) {
	for _, c := range []struct {
		halfWidth float64
		want      int
	}{
		{3.5, 1}, {0.35, 2}, {0.035, 3}, {35, 0}, {350, 0}, {1e9, 0},
		{1, 1}, {10, 0}, {0.1, 2},
		{9.94, 1}, {9.96, 0}, // rounds up to 10
		{0.0996, 2}, {0.994, 2}, {0.996, 1},
		{-3.5, 1},
		{1e-8, 9}, {1e-12, maxDecimals}, {math.SmallestNonzeroFloat64, maxDecimals},
		{0, 0}, {math.NaN(), 0}, {math.Inf(1), 0},
	} {
		if got := decimalsFor(c.halfWidth); got != c.want {
			t.Errorf("decimalsFor(%v) = %d, want %d", c.halfWidth, got, c.want)
		}
	}
}

func TestScaleWritesLevelsAndChanges(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name                            string
		unit                            string
		magnitude, half                 float64
		level, change                   float64
		wantLevel, wantChange, wantSpan string // span: limits of change ± half
	}{
		{"rate", "share", 0.643, 0.035, 0.612, 0.031, "61.2 %", "+3.1 pp", "−0.4 to +6.6"},
		{"rate, narrow", "share", 0.1, 0.007, 0.098, 0.004, "9.80 %", "+0.40 pp", "−0.30 to +1.10"},
		{"rate, wide", "share", 0.9, 0.4, 0.612, -0.031, "61 %", "−3 pp", "−43 to +37"},
		{"rare rate", "share", 0.002, 0.0004, 0.0016, 0.0004, "0.160 %", "+0.040 pp", "0.000 to +0.080"},
		{"milliseconds", "ms", 874, 51, 812, 62, "812 ms", "+62 ms", "+11 to +113"},
		{"just below a second", "ms", 999.9, 51, 812, 62, "812 ms", "+62 ms", "+11 to +113"},
		{"seconds", "ms", 1510, 110, 1420, 90, "1.42 s", "+0.09 s", "−0.02 to +0.20"},
		{"a second", "ms", 1000, 110, 1000, -90, "1.00 s", "−0.09 s", "−0.20 to +0.02"},
		{"tokens", "tokens", 1910, 58, 1840, 70, "1,840 tokens", "+70 tokens", "+12 to +128"},
		{"money", "USD", 0.0034, 0.00019, 0.0031, 0.0003, "$0.00310", "+$0.00030", "+0.00011 to +0.00049"},
		{"money, negative", "USD", 0.0034, 0.0019, 0.0031, -0.0003, "$0.0031", "−$0.0003", "−0.0022 to +0.0016"},
		{"yuan", "CNY", 12, 0.3, 11.5, 0.5, "CN¥11.50", "+CN¥0.50", "+0.20 to +0.80"},
		{"another currency", "CHF", 12, 0.3, 11.5, 0.5, "11.50 CHF", "+0.50 CHF", "+0.20 to +0.80"},
		{"no unit", "", 4.19, 0.11, 4.12, 0.07, "4.12", "+0.07", "−0.04 to +0.18"},
		{"half-width unknown", "", 4.19, nan, 4.12, 0.07, "4.12", "+0.07", dash},
		{"half-width zero", "share", 0.612, 0, 0.612, 0, "61.2 %", "0.0 pp", "0.0 to 0.0"},
		{"nothing known", "share", 0, nan, nan, nan, dash, dash, dash},
		{"rounds to zero from below", "share", 0.5, 0.3, -0.0001, -0.0001, "0 %", "0 pp", "−30 to +30"},
		{"large", "tokens", 184e6, 8e6, 184_000_123, 7_000_333, "184,000,123 tokens", "+7,000,333 tokens", "−999,667 to +15,000,333"},
		{"larger", "tokens", 3.1e12, 1e11, 3.1e12, -1.5e11, "3.1e12 tokens", "−1.5e11 tokens", "−2.5e11 to −5.0e10"},
		{"tiny", "USD", 3.4e-9, 7e-10, 3.1e-9, 3e-10, "$3.1e−9", "+$3.0e−10", "−4.0e−10 to +1.0e−9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scaleOf(c.unit, c.magnitude, c.half)
			if got := s.level(analyze.Number(c.level)); got != c.wantLevel {
				t.Errorf("level %q, want %q", got, c.wantLevel)
			}
			if got := s.change(analyze.Number(c.change)); got != c.wantChange {
				t.Errorf("change %q, want %q", got, c.wantChange)
			}
			if got := s.limits(analyze.Number(c.change-c.half), analyze.Number(c.change+c.half)); got != c.wantSpan {
				t.Errorf("limits %q, want %q", got, c.wantSpan)
			}
		})
	}
}

func TestLimitsOpenOnOneSide(t *testing.T) {
	s := scaleOf("", 1, 0.5)
	if got := s.limits(analyze.Unknown, 0.25); got != "−∞ to +0.25" {
		t.Errorf("got %q", got)
	}
	if got := s.limits(-0.25, analyze.Number(math.Inf(1))); got != "−0.25 to +∞" {
		t.Errorf("got %q", got)
	}
}

func TestSpread(t *testing.T) {
	s := scaleOf("share", 0.6, 0.035)
	if got := s.spread(0.0049); got != "0.5" {
		t.Errorf("got %q", got)
	}
	if got := s.spread(analyze.Unknown); got != dash {
		t.Errorf("got %q", got)
	}
}

func TestDeclared(t *testing.T) {
	percent := scale{factor: 100, diffUnit: "%"}
	for _, c := range []struct {
		s    scale
		x    float64
		want string
	}{
		{scaleOf("share", 0.6, 0.035), 0.03, "3 pp"},
		{scaleOf("share", 0.6, 0.035), 0.07, "7 pp"}, // 0.07 * 100 is not 7 in binary
		{scaleOf("share", 0.6, 0.035), 0.0025, "0.25 pp"},
		{percent, 0.1, "10 %"}, {percent, 0.15, "15 %"}, {percent, 1.1, "110 %"},
		{scaleOf("ms", 800, 50), 50, "50 ms"}, {scaleOf("ms", 1800, 50), 50, "0.05 s"},
		{scaleOf("USD", 1, 0.1), 0.0005, "$0.0005"}, {scaleOf("USD", 1, 0.1), -0.5, "−$0.5"},
		{scaleOf("tokens", 1, 1), 5e6, "5,000,000 tokens"},
		{scaleOf("", 1, 0.1), 0.05, "0.05"}, {scaleOf("", 1, 0.1), 0, "0"},
		{percent, math.NaN(), dash},
	} {
		if got := c.s.declared(analyze.Number(c.x)); got != c.want {
			t.Errorf("declared(%v) = %q, want %q", c.x, got, c.want)
		}
	}
}

func TestProbability(t *testing.T) {
	for _, c := range []struct {
		p    float64
		want string
	}{
		{0, "< .001"}, {0.00099, "< .001"}, {0.001, ".001"}, {0.0494, ".049"}, {0.05, ".050"},
		{0.0994, ".099"}, {0.0995, ".10"}, {0.1, ".10"}, {0.41, ".41"}, {0.994, ".99"}, {0.995, "> .99"},
		{0.9999, "> .99"}, {1, "1"}, {math.NaN(), dash},
	} {
		if got := probability(analyze.Number(c.p)); got != c.want {
			t.Errorf("probability(%v) = %q, want %q", c.p, got, c.want)
		}
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want string
	}{
		{0, "0 %"}, {1, "100 %"}, {0.2, "20 %"}, {0.998, "99.8 %"}, {0.9994, "99.9 %"}, {0.9995, "> 99.9 %"}, {0.99999, "> 99.9 %"},
		{0.0005, "0.1 %"}, {0.0004, "< 0.1 %"}, {1e-12, "< 0.1 %"}, {0.171, "17.1 %"}, {0.95, "95 %"}, {math.NaN(), dash},
	} {
		if got := share(analyze.Number(c.x)); got != c.want {
			t.Errorf("share(%v) = %q, want %q", c.x, got, c.want)
		}
	}
}

func TestCounts(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 38112: "38,112", 1234567: "1,234,567", -1234: "−1,234",
		math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "−9,223,372,036,854,775,808",
	} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 7: "7", 42: "42", 99: "99", 100: "100", 4217: "4,200", 4250: "4,300", 99_600: "100,000", 1_234_567: "1,200,000"} {
		if got := roughly(n); got != want {
			t.Errorf("roughly(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 1440: "1.4 kB", 812_400: "812 kB", 9_412_881: "9.4 MB", 25e9: "25 GB", 3e15: "3,000 TB"} {
		if got := bytesOf(n); got != want {
			t.Errorf("bytesOf(%d) = %q, want %q", n, got, want)
		}
	}
	if got := plural(1, "session") + ", " + plural(2, "session"); got != "1 session, 2 sessions" {
		t.Error(got)
	}
}

// What is written reads back within half a unit of its last digit, with the right sign.
func TestDigitsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		half := math.Pow(10, rapid.Float64Range(-5, 5).Draw(t, "half-width's power"))
		x := rapid.Float64Range(-1e5, 1e5).Draw(t, "x")
		s := scaleOf("", math.Max(math.Abs(x), half), half)
		if s.power {
			t.Skip("power of ten")
		}
		text := s.change(analyze.Number(x))
		plain := strings.NewReplacer(minus, "-", ",", "", "+", "").Replace(text)
		got, err := strconv.ParseFloat(plain, 64)
		if err != nil {
			t.Fatalf("%q does not read back: %v", text, err)
		}
		if math.Abs(got-x) > 0.5001*math.Pow(10, -float64(s.decimals)) {
			t.Fatalf("%v is written %q", x, text)
		}
		if got != 0 && !strings.HasPrefix(text, map[bool]string{true: "+", false: minus}[x > 0]) {
			t.Fatalf("%v is written %q, without its sign", x, text)
		}
		if got == 0 && strings.ContainsAny(text, "+"+minus) {
			t.Fatalf("zero is written %q", text)
		}
	})
}

// Two significant digits of the half-width are kept: one less decimal would
// leave one digit or none.
func TestDecimalsKeepTwoDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		half := math.Pow(10, rapid.Float64Range(-7, 0.99).Draw(t, "power"))
		text := strconv.FormatFloat(half, 'f', decimalsFor(half), 64)
		digits := strings.TrimLeft(strings.ReplaceAll(text, ".", ""), "0")
		if len(digits) != 2 {
			t.Fatalf("half-width %v is written %s", half, text)
		}
	})
}
