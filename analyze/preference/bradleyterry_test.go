package preference

import (
	"errors"
	"math"
	"testing"
)

// Source: statsmodels 0.14 GLM(wins/n, columns of players 1 and 2 and, in the
// second fit, of ones, Binomial(), var_weights=n).
func TestFitBradleyTerry(t *testing.T) {
	matches := []Match{
		{A: 0, B: 1, WinsA: 11, WinsB: 7, Ties: 2}, {A: 0, B: 2, WinsA: 15, WinsB: 7},
		{A: 1, B: 2, WinsA: 9, WinsB: 6}, {A: 1, B: 0, WinsA: 5, WinsB: 9}, {A: 2, B: 1, WinsA: 7, WinsB: 9},
		{A: 2, B: 1},
	}
	fit, err := FitBradleyTerry(matches, 3, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "ability", fit.Ability, 0, -0.4681591896679974, -0.7814359092246704)
	same(t, "error", fit.StdErr, 0, 0.30200362815079945, 0.3402348342746902)
	if !math.IsNaN(fit.FirstPosition) {
		t.Errorf("first position = %v, not asked for", fit.FirstPosition)
	}
	other, err := FitBradleyTerry(matches, 3, 2, false)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "another reference", other.Ability, 0.7814359092246704, 0.7814359092246704-0.4681591896679974, 0)
	first, err := FitBradleyTerry(matches, 3, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "with the position", first.Ability, 0, -0.47303760814675916, -0.7888481219373374)
	same(t, "with the position, error", first.StdErr, 0, 0.31775847142753333, 0.3717045031441633)
	equal(t, "position", first.FirstPosition, -0.01205319586606153, 1e-9)
	equal(t, "position error", first.FirstPositionStdErr, 0.2433240214287492, 1e-9)
}

// Of two versions, the ability is the logit of the win rate.
func TestFitBradleyTerryOfTwo(t *testing.T) {
	fit, err := FitBradleyTerry([]Match{{A: 1, B: 0, WinsA: 29, WinsB: 9, Ties: 2}}, 2, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "ability", fit.Ability[1], math.Log(3), 1e-12)
	equal(t, "error", fit.StdErr[1], 1/math.Sqrt(40*0.75*0.25), 1e-12)
	equal(t, "probability", WinProbability(fit.Ability[1]), 0.75, 1e-12)
	equal(t, "Elo", Elo(math.Ln10), 400, 1e-15)
}

func TestFitBradleyTerryRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		matches []Match
		players int
		want    error
	}{
		{"never lost", []Match{{A: 0, B: 1, WinsA: 5}, {A: 1, B: 2, WinsA: 3, WinsB: 2}}, 3, ErrSeparated},
		{"never met", []Match{{A: 0, B: 1, WinsA: 5, WinsB: 4}, {A: 2, B: 3, WinsA: 3, WinsB: 2}}, 4, ErrNotEstimable},
		{"no games", []Match{{A: 0, B: 1}}, 2, ErrNotEstimable},
		{"one version", nil, 1, ErrNotEstimable},
	} {
		fit, err := FitBradleyTerry(c.matches, c.players, 0, false)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		for _, a := range fit.Ability {
			if !math.IsNaN(a) {
				t.Errorf("%s: abilities %v", c.name, fit.Ability)
			}
		}
	}
}
