package logprob

import (
	"math"
	"testing"
)

func equal(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) && math.IsNaN(want) {
		return
	}
	if !(math.Abs(got-want) <= 1e-14*math.Max(1, math.Abs(want))) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func token(text string, p float64) Token { return Token{Text: text, LogProb: math.Log(p)} }

func TestChoice(t *testing.T) {
	for _, c := range []struct {
		name string
		top  []Token
		want float64
	}{
		{"both", []Token{token("m", 0.6), token("x", 0.2), token("M", 0.2)}, 0.75},
		{"first only", []Token{token("m", 0.01), token("x", 0.9)}, 1},
		{"second only", []Token{token("M", 0.01)}, 0},
		{"neither", []Token{token("x", 0.9)}, math.NaN()},
		{"nothing", nil, math.NaN()},
		{"impossibly unlikely", []Token{{"m", -2000}, {"M", -2000}}, 0.5},
		{"other case, other space", []Token{token(" m", 0.9), token("M", 0.1)}, 0},
	} {
		equal(t, c.name, Choice(c.top, "m", "M"), c.want)
	}
}

func TestExpected(t *testing.T) {
	fourOrFive := []Token{token("4", 0.6), token("5", 0.2), token("9", 0.009), token("good", 0.1), token(" 4", 0.05)}
	upTo5 := func(score float64) bool { return score >= 1 && score <= 5 }
	for _, c := range []struct {
		name        string
		written     float64
		reply       []Position
		legal       func(float64) bool
		value, mass float64
	}{
		{"two scores", 4, []Position{{"4", fourOrFive}}, nil, 4.25, 0.8},
		{"the last such token", 4, []Position{{"4", []Token{token("4", 1)}}, {"x", nil}, {"4", fourOrFive}}, nil, 4.25, 0.8},
		{"past the scale", 5, []Position{{"5", []Token{token("5", 0.9), token("50", 0.1)}}}, nil, 9.5, 1},
		{"past the scale, refused", 5, []Position{{"5", []Token{token("5", 0.9), token("50", 0.1)}}}, upTo5, 5, 0.9},
		{"other digits", 3, []Position{{"3", []Token{token("3", 0.5), token("４", 0.25), token("٥", 0.125), token("𝟙𝟘", 0.125)}}}, nil, 4.375, 1},
		{"no such token", 4, []Position{{"four", fourOrFive}}, nil, 4, 0},
		{"no probabilities", 4, []Position{{"4", nil}}, nil, 4, 0},
		{"no tokens", 4, nil, nil, 4, 0},
		{"nothing likely", 4, []Position{{"4", []Token{token("4", 0.009)}}}, nil, 4, 0},
		{"no digits", 4, []Position{{"4", []Token{token("-4", 0.5), token("4.0", 0.3), token("", 0.2)}}}, nil, 4, 0},
		{"a written fraction", 2.5, []Position{{"2.5", []Token{token("2", 0.5), token("3", 0.5)}}}, nil, 2.5, 1},
	} {
		got := Expected(c.written, c.reply, c.legal)
		equal(t, c.name, got.Value, c.value)
		equal(t, c.name+" mass", got.Mass, c.mass)
	}
}
