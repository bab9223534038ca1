package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"weir/trace"
)

// A Talk is what one simulated user wants of a support desk: the lines that
// traffic over HTTP is made of.
type Talk struct {
	Chinese bool
	Topic   int // any number; those beyond the script's topics start over
	Order   int // that it is about
	Turns   int // requests; at least 1
}

// Say returns what the user says at turn i, counted from 0. The last line
// tells whether the user was helped.
func (t Talk) Say(i int, helped bool) string {
	s := inEnglish
	if t.Chinese {
		s = inChinese
	}
	return s.line(i, t.Turns, t.Topic%len(s.topics), t.Order, helped).input
}

// A Reply is what the simulated support desk has to say.
type Reply struct {
	Text     string
	Passages []trace.Passage // of the handbook, the best first; none where nothing is looked up
	Tool     string          // called first; empty: none
	Order    int             // that the tool is called with
}

// Answer answers a line of a [Talk]. ok is false where the text is none.
func Answer(said string) (r Reply, ok bool) {
	for _, s := range []script{inEnglish, inChinese} {
		if r, ok := s.answer(strings.TrimSpace(said)); ok {
			return r, true
		}
	}
	return Reply{}, false
}

// Padding is what a wordy version adds around an answer: words, no information.
func Padding(chinese bool) string {
	if chinese {
		return inChinese.padding
	}
	return inEnglish.padding
}

func (t script) answer(said string) (Reply, bool) {
	for i, about := range t.topics {
		if order, ok := between(said, about.input); ok {
			return t.reply(i, order), true
		}
	}
	for _, line := range slices.Concat(t.further, []turn{t.resolved, t.open}) {
		if said == line.input {
			return Reply{Text: line.output}, true
		}
	}
	return Reply{}, false
}

// between reads the order number out of a line of the given form.
func between(said, form string) (order int, ok bool) {
	before, after, _ := strings.Cut(form, "%d")
	rest, starts := strings.CutPrefix(said, before)
	number, ends := strings.CutSuffix(rest, after)
	order, err := strconv.Atoi(number)
	return order, starts && ends && err == nil
}

func (t script) reply(topic, order int) Reply {
	about, beside := t.topics[topic], t.topics[(topic+1)%len(t.topics)]
	near, far := 0.86, 0.41
	return Reply{
		Text: fmt.Sprintf(about.output, order), Tool: about.tool, Order: order,
		Passages: []trace.Passage{
			{Rank: 1, DocID: about.document, Score: &near, Text: about.passage},
			{Rank: 2, DocID: beside.document, Score: &far, Text: beside.passage},
		},
	}
}
