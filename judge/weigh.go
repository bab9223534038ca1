package judge

import (
	"math"
	"strings"
)

// A weighed is a verdict read from the probabilities of its token.
type weighed struct {
	value float64
	mass  float64 // of legal words; 1 where the value is as written
}

// weigh gives the expected value of a written word, sum v p / sum p over its
// token's alternatives that are legal words (Liu et al. 2023, G-Eval, arXiv
// 2303.16634, restricted to the scale). It looks at the token where the word
// stands in the object that was read, not at an equal one elsewhere. The value is
// as written where probabilities are not to be had, or the token is not the word.
func weigh(reply Reply, w word, legal map[string]float64) weighed {
	written := weighed{value: legal[w.word], mass: 1}
	token, ok := tokenAt(reply, w.at)
	if !ok || core(token.Text) != w.word {
		return written
	}
	sum, mass, found := 0., 0., false
	for _, a := range token.Top {
		name := core(a.Text)
		value, is := legal[name]
		p := math.Exp(a.LogProb)
		if !is || !(p <= 1) {
			continue
		}
		sum, mass, found = sum+value*p, mass+p, found || name == w.word
	}
	if !found || mass <= 0 {
		return written
	}
	return weighed{value: sum / mass, mass: min(mass, 1)}
}

// tokenAt finds the token that covers a byte of the reply. There is none where
// the tokens are not the reply's text.
func tokenAt(reply Reply, at int) (Token, bool) {
	begin := 0
	for _, t := range reply.Tokens {
		if begin+len(t.Text) > len(reply.Text) || reply.Text[begin:begin+len(t.Text)] != t.Text {
			return Token{}, false
		}
		if at < begin+len(t.Text) {
			return t, true
		}
		begin += len(t.Text)
	}
	return Token{}, false
}

// core is a token without the blanks and quotes that stick to it.
func core(s string) string { return strings.Trim(s, " \t\n\"") }
