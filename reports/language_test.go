package reports

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Words that are the same in every language: names of methods and units, and those that the
// fixtures give to metrics, versions, rules and files.
var sameInChinese = regexp.MustCompile(`(?i)^(weir|utc|pp|ms|s|pp|p|n|usd|vs|kb|mb|gb|b|h|min|sha|json|stdin|ecdf|p50|p95|p99|v1|v2|holm|cochran|hajek|mantel|haenszel|woodruff|newcombe|fisher|welch|kappa|en|zh|tokens?|fixed_weights|alpha|anchors|judge|mcnemar|delta|cochran-mantel-haenszel)$`)

var latinWord = regexp.MustCompile(`[A-Za-z][A-Za-z'_-]*[A-Za-z]`)

// left lists the Latin words of a text that nobody named.
func left(text string, named map[string]bool) []string {
	var out []string
	for _, w := range latinWord.FindAllString(text, -1) {
		if !sameInChinese.MatchString(w) && !named[strings.ToLower(w)] {
			out = append(out, w)
		}
	}
	return out
}

// names of a fixture: what people chose, which stays as it is.
func names(f fixture) map[string]bool {
	out := map[string]bool{}
	add := func(s string) {
		for _, w := range latinWord.FindAllString(s, -1) {
			out[strings.ToLower(w)] = true
		}
	}
	a := f.record.Analysis
	for _, s := range []string{a.App, a.Release, a.Control, a.Treatment, f.record.Schema, f.record.WeirVersion} {
		add(s)
	}
	for _, m := range a.Metrics {
		add(m.Name)
		add(label(m.Name))
		if m.Judge != nil {
			add(m.Judge.Criterion)
		}
		for _, b := range m.Breakdowns {
			add(b.By)
			for _, p := range b.Parts {
				add(p.Name)
			}
		}
	}
	for _, e := range a.Units.Excluded {
		if rule, ok := strings.CutPrefix(e.Reason, "rule "); ok {
			add(rule)
		}
	}
	if j := f.options.Background.Judge; j != nil {
		for _, x := range j.Figures {
			add(x.Criterion)
			add(x.Model)
		}
		for _, c := range j.LastRun.Rubrics[0].Canaries {
			add(c.Canary)
		}
		for rubric := range j.Drifts {
			add(rubric)
		}
	}
	return out
}

// written says whether an element's text is other people's, or code.
func written(e element) bool {
	if slices.Contains([]string{"code", "pre", "style", "bdi"}, e.name) || e.attr["lang"] == "en" || strings.Contains(e.attr["class"], "said") {
		return true
	}
	return false
}

// No sentence of a Chinese page is left in English.
func TestChineseIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range fixtures() {
		if f.name == "extremes" { // its texts are no sentences of Weir's
			continue
		}
		f.options.Language = Chinese
		named := names(f)
		for _, e := range elements(t, htmlOf(t, f.record, f.options)) {
			texts := []string{e.text, e.attr["aria-label"], e.attr["title"]}
			if written(e) {
				continue
			}
			for _, text := range texts {
				text = strings.TrimSpace(text)
				if words := left(text, named); len(words) > 0 && !seen[text] {
					seen[text] = true
					t.Errorf("%s: <%s> %q is not Chinese: %v", f.name, e.name, text, words)
				}
			}
		}
	}
}

// Nor is one of what stands on a terminal or in Markdown, of a report or a study.
func TestChineseTextIsWhole(t *testing.T) {
	seen := map[string]bool{}
	code := regexp.MustCompile("`[^`]*`|<[^>]*>|\\x1b\\[[0-9;]*m|[a-z_./-]+\\.(html|json|yaml)")
	whole := func(name string, named map[string]bool, write func(io.Writer) error) {
		t.Helper()
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			text := strings.ReplaceAll(code.ReplaceAllString(html.UnescapeString(strings.TrimSpace(line)), ""), "\\", "")
			if words := left(text, named); len(words) > 0 && !seen[text] {
				seen[text] = true
				t.Errorf("%s: %q is not Chinese: %v", name, text, words)
			}
		}
	}
	for _, f := range fixtures() {
		if f.name == "extremes" {
			continue
		}
		f.options.Language, f.options.Width = Chinese, 400 // lines are not broken, so that sentences stay whole
		r := New(f.record, f.options)
		whole(f.name+", table", names(f), r.Table)
		whole(f.name+", Markdown", names(f), func(w io.Writer) error { return r.MarkdownWithPictures(w, "report") })
	}
	chosen := map[string]bool{}
	for _, w := range []string{"support-bot", "rag", "resolution", "quality", "handoff", "latency_p", "support-quality", "goals", "non_inferior", "baseline", "lake"} {
		chosen[w] = true // names, and words of the spec and the command line
	}
	for _, doubt := range []string{ // of plans that no fixture has
		"the step to 5 % takes 3.2 days to get its 20 treated units; leave it out, or ask for fewer",
		"the ramp ends at 10 %: half of the information must come from shares of 20 % or more, so it can never promote",
		"quality is on the judge's own scale until each version has 50 labels: it can be shown to be within its margin, but not to be better",
		"no single test is too weak, but together they promote 61 % of such releases within 14 days",
		"handoff is shown to be within its margin within 14 days in 40 % of such releases",
	} {
		if words := left(Chinese.Say(doubt), chosen); len(words) > 0 {
			t.Errorf("%q is not Chinese: %v", Chinese.Say(doubt), words)
		}
	}
	for name, study := range studies() {
		s := study(Options{Language: Chinese, Width: 400})
		whole(name+", table", chosen, s.Table)
		whole(name+", Markdown", chosen, s.Markdown)
		var page bytes.Buffer
		if err := s.HTML(&page); err != nil {
			t.Fatal(err)
		}
		for _, e := range elements(t, page.Bytes()) {
			if words := left(e.text, chosen); len(words) > 0 && !written(e) && !seen[e.text] {
				seen[e.text] = true
				t.Errorf("%s: <%s> %q is not Chinese: %v", name, e.name, e.text, words)
			}
		}
	}
}

// What a newcomer meets where there is no data, or little, is Chinese too; names stay as they are.
func TestChineseSays(t *testing.T) {
	for in, want := range map[string]string{
		"there is nothing to compare": "没有可比较的数据",
		`no data: app "better", release "sim-1" needs rows of both "v1" and "v2" before 2026-03-02 00:00 UTC; the lake holds: app better, release sim-1, version v1: 12920 rows; app better, release sim-1, version v2: 9155 rows`: `没有数据：应用 "better" 的发布 "sim-1" 需要 "v1" 和 "v2" 两版在 2026-03-02 00:00 UTC 之前的行；数据湖中有：应用 better，发布 sim-1，版本 v1：12920 行；应用 better，发布 sim-1，版本 v2：9155 行`,
		"no data: the lake holds no traces; bring some in with weir import, simulate or serve":                         "没有数据：数据湖是空的；请用 weir import、simulate 或 serve 引入数据",
		"No goal is proven better yet: resolution +4.2 pp (−0.6 pp to +9.1 pp).":                                       "还没有目标被证明更好：resolution +4.2 pp（−0.6 pp 至 +9.1 pp）。",
		"No goal is proven better yet: resolution +4.2 pp (−0.6 pp to +9.1 pp); tone −2 % (−4 % to +1 %).":             "还没有目标被证明更好：resolution +4.2 pp（−0.6 pp 至 +9.1 pp）；tone −2 %（−4 % 至 +1 %）。",
		"What v1 is like is assumed of resolution, handoff and tokens: state it with --baseline, or plan with --lake.": "v1 的 resolution、handoff 和 tokens 水平是假定的：请用 --baseline 给定，或用 --lake 制定计划。",
		"Proven within their margins: handoff, errors, tokens.":                                                        "已证明在容许界限内：handoff、errors、tokens。",
		"Two-sample, clustered by session, ratio of sums (delta method), asymptotic confidence sequence.":              "两样本，按会话聚类，和之比（delta 方法），渐近置信序列。",
		"1 session a day (stated)":     "每天 1 个会话（给定）",
		"2,000 users a day (the lake)": "每天 2,000 个用户（数据湖）",
		"The rule would have promoted it after 5.9 days, on 7 Mar 2026 22:00 UTC, with 1 session on v2.":      "该规则会在 5.9 天后（2026 年 3 月 7 日 22:00 UTC）全量发布，当时 v2 上有 1 个会话。",
		"The rule would have rolled it back after 5.9 days, on 7 Mar 2026 22:00 UTC, with 8,648 users on v2.": "该规则会在 5.9 天后（2026 年 3 月 7 日 22:00 UTC）回滚，当时 v2 上有 8,648 个用户。",
		"Effects of v2 against v1, in margins, good to the right":                                             "v2 相对 v1 的效果，以容许界限为单位，越靠右越好",
		"latency p95 over time, in margins, good upwards":                                                     "latency p95 随时间的变化，以容许界限为单位，越靠上越好",
		"Distribution of time to the first token":                                                             "首 token 时间的分布",
	} {
		if got := strings.ReplaceAll(Chinese.Say(in), thinSpace, " "); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// A page in Chinese says the same figures as the page in English.
func TestChineseSaysTheSameFigures(t *testing.T) {
	figure := regexp.MustCompile(`[+−]?[0-9][0-9.,]*[0-9]`)
	for _, f := range fixtures() {
		english := htmlOf(t, f.record, f.options)
		f.options.Language = Chinese
		chinese := htmlOf(t, f.record, f.options)
		count := func(page []byte) map[string]int {
			out := map[string]int{}
			for _, e := range elements(t, page) {
				if e.name == "td" || e.name == "small" {
					for _, n := range figure.FindAllString(e.text, -1) {
						out[n]++
					}
				}
			}
			return out
		}
		want, got := count(english), count(chinese)
		for n, c := range want {
			if got[n] != c {
				t.Errorf("%s: %s stands %d times in the English tables, %d times in the Chinese", f.name, n, c, got[n])
			}
		}
	}
}

func TestCatalogue(t *testing.T) {
	c, err := parseCatalogue("# a comment\nopen\n未决\n\n{1} is better {2}\n{1}更好{2}\n\n({1}, between {2:n} and {3:n})\n（{1}，介于 {2} 与 {3}）\n\nnothing but {1:n}\n只有 {1}\n")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"open": "未决", "Open": "未决", "unknown words": "unknown words", "42 %": "42 %",
		"resolution is better (+3.1 points, between −0.4 and +6.6)": "resolution更好（+3.1 points，介于 −0.4 与 +6.6）",
		"Nothing but this.":         "只有 this.",
		"Nothing but this and that": "Nothing but this and that",
	} {
		if got := c.say(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	for _, bad := range []string{"a\n\n", "a\nb\n\na\nc\n", "{1} x\n{2} 的\n"} {
		if _, err := parseCatalogue(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestSpaced(t *testing.T) {
	for in, want := range map[string]string{
		"v2的会话": "v2 的会话", "共 38,112 个": "共 38,112 个", "提升+3.1": "提升 +3.1", "plain English": "plain English", "中 文": "中文",
	} {
		if got := spaced(in); got != strings.ReplaceAll(want, " ", thinSpace) && got != want {
			t.Errorf("%q is %q", in, got)
		}
	}
}

// English is as it was composed.
func TestEnglishIsTheZeroLanguage(t *testing.T) {
	var a, b bytes.Buffer
	rec := holding()
	if err := New(rec, Options{}).HTML(&a); err != nil {
		t.Fatal(err)
	}
	if err := New(rec, Options{Language: English}).HTML(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("they differ")
	}
}

// warnings finds what the analysis may say of its doubts: the formats of its warnings.
func warnings(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, dir := range []string{"../analyze", "../analyze/lake", "../rollout", "../internal/app"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) == 0 {
					return true
				}
				said, ok := call.Fun.(*ast.SelectorExpr)
				literal, isText := call.Args[0].(*ast.BasicLit)
				if ok && isText && said.Sel.Name == "warn" && literal.Kind == token.STRING {
					format, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, format)
				}
				return true
			})
		}
	}
	return out
}

// Whatever the analysis warns of has a rendering.
func TestWarningsHaveRenderings(t *testing.T) {
	verb := regexp.MustCompile(`%[-+#0]*[0-9.]*[a-zA-Z]`)
	formats := warnings(t)
	if len(formats) < 30 {
		t.Fatalf("only %d warnings were found", len(formats))
	}
	for _, format := range formats {
		text := verb.ReplaceAllStringFunc(strings.ReplaceAll(format, "%%", "%"), func(v string) string {
			switch v[len(v)-1] {
			case 's':
				return "x1"
			case 'q':
				return `"x1"`
			}
			return "7"
		})
		if text == "not estimable: x1" || text == "not estimable: x1 has 7 of the 7 x1 x1 needsx1" || strings.HasPrefix(text, "x1, although") {
			continue // what they hold has messages of its own
		}
		if words := left(chinese().say(text), map[string]bool{"x1": true, "weir": true}); len(words) > 4 {
			t.Errorf("%q is not rendered: %v", text, words)
		}
	}
}
