package logprob

import (
	"math"
	"strconv"
	"unicode"
)

// A Token is what a model wrote or might have written, with the natural
// logarithm of its probability.
type Token struct {
	Text    string
	LogProb float64
}

// A Position is one token of a reply, with the likeliest tokens in its place,
// itself usually among them.
type Position struct {
	Text string
	Top  []Token
}

// Choice returns P(first) / (P(first) + P(second)) at a verdict token, for two
// different texts. A text that is not among the tokens has probability 0; if
// neither is, there is no verdict and Choice is NaN. Of a text given twice the
// last counts. This is how AlpacaEval 2 reads its judge.
func Choice(top []Token, first, second string) float64 {
	a, b := math.Inf(-1), math.Inf(-1)
	for _, t := range top {
		switch t.Text {
		case first:
			a = t.LogProb
		case second:
			b = t.LogProb
		}
	}
	if math.IsInf(a, -1) && math.IsInf(b, -1) {
		return math.NaN()
	}
	return 1 / (1 + math.Exp(b-a))
}

// Score is a score read from the probabilities of a score token.
type Score struct {
	Value float64 // the expected score
	// Mass is the probability of the tokens that it rests on, in [0, 1]; 0
	// where Value is the score as written. Below 0.8 or so the model was about
	// to write something else.
	Mass float64
}

// leastProb is the probability below which Expected ignores a token.
const leastProb = 0.01

// Expected returns the expected score at the last token that reads as the
// written score, sum s p / sum p over its alternatives of probability 0.01 or
// more that are decimal digits and legal scores, as in G-Eval (Liu et al.
// 2023, arXiv 2303.16634). A nil legal takes any digits, as DeepEval does,
// where a stray "100" can carry a score past the end of the scale. Where there
// is no such token, or nothing to sum, the score is as written.
func Expected(written float64, reply []Position, legal func(score float64) bool) Score {
	total, mass := 0.0, 0.0
	for _, t := range alternatives(written, reply) {
		score, ok := digits(t.Text)
		if !ok || t.LogProb < math.Log(leastProb) || legal != nil && !legal(score) {
			continue
		}
		total += score * math.Exp(t.LogProb)
		mass += math.Exp(t.LogProb)
	}
	if mass == 0 {
		return Score{Value: written}
	}
	return Score{Value: total / mass, Mass: mass}
}

// alternatives returns those of the last token that reads as the score.
func alternatives(written float64, reply []Position) []Token {
	text := strconv.FormatFloat(written, 'f', -1, 64)
	for i := len(reply) - 1; i >= 0; i-- {
		if reply[i].Text == text {
			return reply[i].Top
		}
	}
	return nil
}

// digits reads a text of decimal digits of any script, and nothing else, as a
// number.
func digits(text string) (value float64, ok bool) {
	for _, r := range text {
		if !unicode.Is(unicode.Nd, r) {
			return 0, false
		}
		value = 10*value + float64(digitValue(r))
	}
	return value, text != ""
}

// digitValue is the place of a digit in its run of ten; in Unicode, runs start
// at the zero of a script and may follow each other.
func digitValue(r rune) rune {
	zero := r
	for unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return (r - zero) % 10
}
