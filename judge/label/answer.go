package label

import (
	"fmt"
	"slices"
	"strings"

	"weir/judge"
)

// An option is an answer that may be given to a question.
type option struct {
	word  string // in files
	value int
}

// aWins is the value of an answer that A is better; 0 is that of B, between them is a tie.
const aWins = 2

// better are the answers on a pair, in the words that a judge answers in.
var better = []option{{"A", aWins}, {"B", 0}, {"tie", aWins / 2}}

// options are the answers to a question.
func options(c judge.Criterion, mode judge.Mode) (out []option) {
	if mode == judge.Pairwise {
		return better
	}
	for _, l := range c.Levels {
		out = append(out, option{fmt.Sprint(l.Value), l.Value})
	}
	return out
}

// Word is the answer in files: a level's number, or A, B or tie.
func (m Mark) Word(c judge.Criterion, l Level) string {
	all := options(c, m.Mode)
	return all[slices.IndexFunc(all, func(o option) bool { return o.value == l.Value })].word
}

// levelOf reads an answer; why says what is wrong with it.
func levelOf(c judge.Criterion, mode judge.Mode, text string) (l Level, why string) {
	switch text {
	case "":
		return Level{}, ""
	case skip:
		return Level{State: Skipped}, ""
	}
	var allowed []string
	for _, o := range options(c, mode) {
		if strings.EqualFold(o.word, text) {
			return Level{State: Given, Value: o.value}, ""
		}
		allowed = append(allowed, o.word)
	}
	kind := "level"
	if mode == judge.Pairwise {
		kind = "answer on a pair"
	}
	return Level{}, fmt.Sprintf("%s is no %s: allowed are %s, %s, or nothing", shown(text), kind, strings.Join(allowed, ", "), skip)
}
