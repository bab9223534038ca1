package spec

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParseShare(t *testing.T) {
	for _, c := range []struct {
		text string
		want Share
	}{
		{"0", 0}, {"1", 1}, {"0%", 0}, {"100%", 1}, {"5%", 0.05}, {"0.1%", 0.001}, {"33.3 %", 0.333}, {"0.05", 0.05}, {"5e-2", 0.05},
	} {
		if got, err := parseShare(literal{text: c.text}); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", c.text, float64(got), err, float64(c.want))
		}
	}
	for _, text := range []string{"", "%", "-1%", "101%", "1.1", "-0.1", "5 pp", "1e1%", "NaN", "Inf", "0x1p-2", "five"} {
		if got, err := parseShare(literal{text: text}); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

// What is written reads back as the same number: shares, margins, caps.
func TestWrittenReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(0, 1).Draw(t, "v")
		if got, err := parseShare(literal{text: Share(v).String()}); err != nil || got != Share(v) {
			t.Fatalf("share %v is written %v and read as %v, %v", v, Share(v), got, err)
		}
		m := Margin{v + 1e-9, rapid.SampledFrom([]MarginKind{MarginAbsolute, MarginPoints, MarginRelative}).Draw(t, "kind")}
		if got, err := parseMargin(literal{text: m.String()}); err != nil || got != m {
			t.Fatalf("margin %+v is written %v and read as %+v, %v", m, m, got, err)
		}
	})
}

func TestShareString(t *testing.T) {
	for v, want := range map[Share]string{0: "0%", 1: "100%", 0.05: "5%", 0.001: "0.1%", 0.333: "33.3%", 0.29: "29%", 1e-7: "0.00001%"} {
		if got := v.String(); got != want {
			t.Errorf("%v: got %s, want %s", float64(v), got, want)
		}
	}
}
