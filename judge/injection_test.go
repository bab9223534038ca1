package judge

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// What is looked for before a pattern is tried misses nothing that the pattern
// matches, whatever the words, capitals and letters that fold to others.
func TestSpeaksIsInstructs(t *testing.T) {
	words := strings.Fields(`ignore disregard FORGET override the all your my instructions instruction rubric criteria prompt rules
		grader evaluators judge scorer reviewer score scores grade rate rating points mark prefer choose winner give assign award output return
		highest maximum full perfect top best ſcore maK please , : = " ' [[ ]] [[1]] 1 a b tie verdict better . ! \n
		忽略 无视 忘记 指令 说明 规则 标准 评分员 评审 裁判 分 选 给 打 评 最高分 满分 。`)
	source := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 20_000 {
		var b strings.Builder
		for range 2 + source.IntN(7) {
			w := words[source.IntN(len(words))]
			if source.IntN(4) == 0 {
				w = strings.ToUpper(w)
			}
			b.WriteString(w)
			if source.IntN(3) > 0 {
				b.WriteString(" ")
			}
		}
		text := clean(b.String())
		want := instructs.MatchString(text)
		if want {
			found++
		}
		if speaks(text) != want {
			t.Fatalf("%q: speaks is %v", text, !want)
		}
	}
	if found < 2000 {
		t.Errorf("only %d of the texts speak to a judge", found)
	}
}
