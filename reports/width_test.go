package reports

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWrapColumns(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"one two three four five six", 20, []string{"one two three four", "five six"}},
		{"an-identifier-longer-than-a-line and more", 20, []string{"an-identifier-longer", "-than-a-line and", "more"}},
		{"", 20, []string{""}},
		{"这样的发布有一半在第\u20097.9\u2009天前。", 22, []string{"这样的发布有一半在第", "7.9\u2009天前。"}},
		{"计划至少应该达到的是\u200980 %。", 20, []string{"计划至少应该达到的是", "80 %。"}},
		{"一二三四五六七八九十。", 20, []string{"一二三四五六七八九", "十。"}},
		{"一二三四五六七八九（十一）", 20, []string{"一二三四五六七八九", "（十一）"}},
		{"放量\u20095 %（第\u20090.0\u2009天），20 %（60\u2009天内不到）", 26, []string{"放量\u20095 %（第\u20090.0\u2009天），", "20 %（60\u2009天内不到）"}},
	} {
		if got := wrapColumns(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("wrapColumns(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// Wherever a Chinese text is broken, no closing sign begins a line, no opening one ends it, no
// figure is cut, nothing is lost, and lines are no wider than they may be.
func TestChineseLinesBreakWhereTheyMay(t *testing.T) {
	pieces := []string{"若", "会话", "，", "。", "；", "：", "（", "）", "、", " ", thinSpace, "80 %", "7.9", "−0.6 pp", "4,000", "v2", "latency p95"}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 60).Draw(t, "pieces") {
			b.WriteString("字" + p) // so that neither signs nor figures run together
		}
		text, width := b.String()+"字", rapid.IntRange(20, 60).Draw(t, "width")
		lines := wrapColumns(text, width)
		for _, l := range lines {
			if columns(l) > width {
				t.Fatalf("%q is wider than %d", l, width)
			}
			if strings.IndexAny(l, "，。；：）、") == 0 {
				t.Fatalf("%q begins with a closing sign", l)
			}
			if strings.HasSuffix(l, "（") {
				t.Fatalf("%q ends with an opening sign", l)
			}
		}
		for _, f := range []string{"80 %", "7.9", "−0.6 pp", "4,000"} {
			if got, want := strings.Count(strings.Join(lines, "\n"), f), strings.Count(text, f); got != want {
				t.Fatalf("%q stands %d times in %q, not %d times", f, got, lines, want)
			}
		}
		bare := strings.NewReplacer(" ", "", thinSpace, "", noBreak, "", "\n", "")
		if got, want := bare.Replace(strings.Join(lines, "")), bare.Replace(text); got != want {
			t.Fatalf("%q became %q", want, got)
		}
	})
}
