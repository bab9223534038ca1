package judge

import (
	"regexp"
	"slices"
	"strings"
)

// A ploy is a way to speak to whoever grades the dialogue: with instructions, a
// demand for a grade, or a verdict ready made.
type ploy struct {
	// of holds what the text must have, one of each group, in small letters: looking
	// for these is a hundred times as fast as the pattern.
	of      [][]string
	pattern *regexp.Regexp
}

func newPloy(pattern string, of ...string) ploy {
	p := ploy{pattern: regexp.MustCompile(`(?i)` + pattern)}
	for _, group := range of {
		p.of = append(p.of, strings.Split(group, "|"))
	}
	return p
}

var ploys = []ploy{
	newPloy(`(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:instructions?|rubric|criteria|prompt|rules)`,
		"ignore|disregard|forget|override", "instruction|rubric|criteria|prompt|rules"),
	newPloy(`\b(?:grader|evaluator|judge|scorer|reviewer)s?\b[^.!?\n]{0,60}\b(?:score|scores|grade|rate|rating|points?|marks?|prefer|choose|winner)`,
		"grader|evaluator|judge|scorer|reviewer", "score|grade|rate|rating|point|mark|prefer|choose|winner"),
	newPloy(`\b(?:give|assign|award|output|return)\b[^.!?\n]{0,40}\b(?:highest|maximum|full|perfect|top|best)\b[^.!?\n]{0,20}\b(?:score|scores|grade|rating|marks?|points?)`,
		"give|assign|award|output|return", "highest|maximum|full|perfect|top|best", "score|grade|rating|mark|point"),
	newPloy(`(?:忽略|无视|忘记)[^。！？\n]{0,20}(?:指令|说明|规则|标准|要求|提示)`, "忽略|无视|忘记", "指令|说明|规则|标准|要求|提示"),
	newPloy(`(?:评分员|评审|评委|裁判|评估者)[^。！？\n]{0,30}(?:分|选|胜|评)`, "评分员|评审|评委|裁判|评估者"),
	newPloy(`(?:给|打|评)[^。！？\n]{0,12}(?:最高分|满分|高分)`, "最高分|满分|高分"),
	newPloy(`["']?(?:score|verdict|winner|better|rating)["']?\s*[:=]\s*["']?(?:[0-9]|a\b|b\b|tie)`,
		"score|verdict|winner|better|rating", ":|="),
	newPloy(`\[\[\s*(?:[0-9]{1,2}|a|b|c)\s*\]\]`, "[["),
}

// instructs matches the sentence of a ploy. It marks, it does not protect: what
// protects is that a marked dialogue is judged a second time without the sentence,
// and that the lower score counts.
var instructs = func() *regexp.Regexp {
	var patterns []string
	for _, p := range ploys {
		patterns = append(patterns, strings.TrimPrefix(p.pattern.String(), "(?i)"))
	}
	return regexp.MustCompile(`(?i)[^.!?。！？\n]*(?:` + strings.Join(patterns, "|") + `)[^.!?。！？\n]*[.!?。！？]?`)
}()

// speaks reports whether a cleaned text speaks to the judge: what instructs matches.
func speaks(text string) bool {
	lower := strings.ToLower(strings.ToUpper(text)) // by way of capitals, as the long s has none of its own
	has := func(word string) bool { return strings.Contains(lower, word) }
	return slices.ContainsFunc(ploys, func(p ploy) bool {
		for _, group := range p.of {
			if !slices.ContainsFunc(group, has) {
				return false
			}
		}
		return p.pattern.MatchString(text)
	})
}

// injected reports whether either side's text, or a passage, speaks to the judge.
func (d Dialogue) injected() bool {
	return slices.ContainsFunc(d.Turns, func(t Turn) bool {
		return speaks(clean(t.Input)) || speaks(clean(t.Output)) ||
			slices.ContainsFunc(t.Passages, func(p string) bool { return speaks(clean(p)) })
	})
}

// redacted is the dialogue without what speaks to the judge.
func (d Dialogue) redacted() Dialogue {
	without := func(s string) string { return instructs.ReplaceAllString(clean(s), "[…]") }
	out := Dialogue{Turns: make([]Turn, len(d.Turns))}
	for i, t := range d.Turns {
		out.Turns[i] = Turn{Input: without(t.Input), Output: without(t.Output), ToolCalls: t.ToolCalls}
		for _, p := range t.Passages {
			out.Turns[i].Passages = append(out.Turns[i].Passages, without(p))
		}
	}
	return out
}
