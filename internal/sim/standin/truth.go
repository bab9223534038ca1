package standin

import (
	"fmt"
	"math"
	"regexp"
	"strconv"

	"weir/internal/sim"
)

// A Truth is what is so of a simulated dialogue, whatever anybody says of it.
type Truth struct {
	Quality  float64 // in [0, 1], of two decimals
	Resolved bool
	Handoff  bool
}

// Mark writes a truth as answers end with it.
func (t Truth) Mark() string {
	return fmt.Sprintf("[simulated: quality %.2f, %s]", t.Quality, t.ending())
}

func (t Truth) ending() string {
	switch {
	case t.Resolved:
		return "resolved"
	case t.Handoff:
		return "handed off"
	}
	return "open"
}

var mark = regexp.MustCompile(`\[simulated: quality ([01]\.[0-9]{2}), (resolved|handed off|open)\]`)

// ReadTruths returns the truths that a text carries, in its order.
func ReadTruths(text string) []Truth {
	var truths []Truth
	for _, m := range mark.FindAllStringSubmatch(text, -1) {
		quality, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			panic("standin: a mark without a number: " + m[0])
		}
		truths = append(truths, Truth{Quality: quality, Resolved: m[2] == "resolved", Handoff: m[2] == "handed off"})
	}
	return truths
}

// spread is the standard deviation of quality around its mean, before it is cut to [0, 1].
const spread = 0.18

// Truth returns what is so of the dialogue of that name. Good dialogues are
// resolved oftener, and the worst are handed off.
func (b *Behaviour) Truth(dialogue string) Truth {
	random := source(b.Seed, "truth", dialogue)
	luck := random.NormFloat64()
	u := 0.5 * math.Erfc(luck/math.Sqrt2) // uniform; low where luck is high
	quality := b.Quality + spread*(0.8*luck+0.6*random.NormFloat64())
	return Truth{
		Quality:  math.Round(100*min(max(quality, 0), 1)) / 100,
		Resolved: u < b.Resolved,
		Handoff:  u >= b.Resolved && u >= 1-b.Handoff,
	}
}

// answer is what is said to a line of a dialogue.
func (b *Behaviour) answer(said string) sim.Reply {
	reply, ok := sim.Answer(said)
	if !ok {
		reply.Text = "This answer is made up: no model has read what you wrote."
	}
	if b.Verbose {
		padding := sim.Padding(chinese(said))
		reply.Text = padding + " " + reply.Text + " " + padding
	}
	return reply
}
