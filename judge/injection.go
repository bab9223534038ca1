package judge

import "regexp"

// instructs matches a passage that speaks to whoever grades the dialogue: with
// instructions, a demand for a grade, or a verdict ready made. It marks, it does
// not protect: what protects is that a marked dialogue is judged a second time
// without the passage, and that the lower score counts.
var instructs = regexp.MustCompile(`(?i)` +
	`[^.!?。！？\n]*(?:` +
	`(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:instructions?|rubric|criteria|prompt|rules)` +
	`|\b(?:grader|evaluator|judge|scorer|reviewer)s?\b[^.!?\n]{0,60}\b(?:score|scores|grade|rate|rating|points?|marks?|prefer|choose|winner)` +
	`|\b(?:give|assign|award|output|return)\b[^.!?\n]{0,40}\b(?:highest|maximum|full|perfect|top|best)\b[^.!?\n]{0,20}\b(?:score|scores|grade|rating|marks?|points?)` +
	`|(?:忽略|无视|忘记)[^。！？\n]{0,20}(?:指令|说明|规则|标准|要求|提示)` +
	`|(?:评分员|评审|评委|裁判|评估者)[^。！？\n]{0,30}(?:分|选|胜|评)` +
	`|(?:给|打|评)[^。！？\n]{0,12}(?:最高分|满分|高分)` +
	`|["']?(?:score|verdict|winner|better|rating)["']?\s*[:=]\s*["']?(?:[0-9]|a\b|b\b|tie)` +
	`|\[\[\s*(?:[0-9]{1,2}|a|b|c)\s*\]\]` +
	`)[^.!?。！？\n]*[.!?。！？]?`)

// injected reports whether either side's text, or a passage, speaks to the judge.
func (d Dialogue) injected() bool {
	for _, t := range d.Turns {
		if instructs.MatchString(clean(t.Input)) || instructs.MatchString(clean(t.Output)) {
			return true
		}
		for _, p := range t.Passages {
			if instructs.MatchString(clean(p)) {
				return true
			}
		}
	}
	return false
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
