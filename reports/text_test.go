package reports

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain text":              "plain text",
		"two\nlines\tand a tab":   "two\nlines\tand a tab",
		"windows\r\nline":         "windows\nline",
		"a lone \r return":        "a lone ⟦U+000D⟧ return",
		"price \u202e001":         "price ⟦U+202E⟧001",
		"\u2067isolated\u2069":    "⟦U+2067⟧isolated⟦U+2069⟧",
		"mark\u200f":              "mark⟦U+200F⟧",
		"escape \x1b[31m":         "escape ⟦U+001B⟧[31m",
		"null \x00":               "null ⟦U+0000⟧",
		"zero\u200bwidth\ufeff":   "zero⟦U+200B⟧width⟦U+FEFF⟧",
		"tag \U000E0041":          "tag ⟦U+E0041⟧",
		"separator\u2028":         "separator⟦U+2028⟧",
		"family 👩\u200d👧":         "family 👩\u200d👧",
		"ناخن\u200cگیر":           "ناخن\u200cگیر",
		"bad \xff":                "bad \ufffd",
		"<script>":                "<script>", // escaping is the renderers'
		"":                        "",
		"c1 control \u0085 there": "c1 control ⟦U+0085⟧ there",
	} {
		if got := visible(in); got != want {
			t.Errorf("visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestVisibleLeavesNothingThatActs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := visible(rapid.String().Draw(t, "text"))
		if strings.IndexFunc(out, acts) >= 0 || !utf8.ValidString(out) {
			t.Fatalf("%q", out)
		}
		if visible(out) != out {
			t.Fatalf("visible is not idempotent on %q", out)
		}
	})
}

func TestCutAndShorten(t *testing.T) {
	if s, left := cut("对话很长", 2); s != "对话" || left != 2 {
		t.Errorf("cut gives %q, %d", s, left)
	}
	if s, left := cut("short", 5); s != "short" || left != 0 {
		t.Errorf("cut gives %q, %d", s, left)
	}
	if got := shorten("longer than that", 7); got != "longer…" {
		t.Errorf("shorten gives %q", got)
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{"": "", "done": "Done.", "Done.": "Done.", "really?": "Really?", "éa": "Éa."} {
		if got := sentence(in); got != want {
			t.Errorf("sentence(%q) = %q, want %q", in, got, want)
		}
	}
	for want, words := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := series(words); got != want {
			t.Errorf("series(%v) = %q, want %q", words, got, want)
		}
	}
}

func TestRelabel(t *testing.T) {
	ms := []metric{{Name: "p95", Label: "p95"}, {Name: "latency_p95", Label: "latency p95"}, {Name: "latency_p95_ok", Label: "latency p95 ok"}}
	got := relabel([]string{"Latency_p95 is open", "latency_p95_ok and latency_p95\u202e"}, ms)
	want := []string{"Latency p95 is open", "latency p95 ok and latency p95⟦U+202E⟧"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text        string
		width, most int
		want        []string
	}{
		{"one two three", 7, 3, []string{"one two", "three"}},
		{"one two three four five", 7, 2, []string{"one two", "three…"}},
		{"unbreakably", 5, 3, []string{"unbr…"}},
		{"", 5, 3, []string{""}},
	} {
		if got := wrap(c.text, c.width, c.most); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestKeepJoinsUnits(t *testing.T) {
	got := keep("61.2 % or +3.1 pp, 3 s and 9 samples of 1,840 tokens (p .049, or p < .001; step .1)")
	want := "61.2\u00a0% or +3.1\u00a0pp, 3\u00a0s and 9 samples of 1,840\u00a0tokens (p\u00a0.049, or p\u00a0< .001; step .1)"
	if got != want {
		t.Errorf("got %q", got)
	}
}
