package preference

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// A Match is what two versions scored against each other. Versions are
// numbered from 0.
type Match struct {
	A, B               int // A is the one listed, or shown, first
	WinsA, WinsB, Ties float64
}

// BradleyTerry places versions on one scale:
//
//	logit P(a beats b) = Ability_a - Ability_b  (+ FirstPosition)
//
// StdErr are standard errors of the differences to the reference version,
// whose ability and error are 0.
type BradleyTerry struct {
	Ability, StdErr []float64
	// FirstPosition is the log odds that being listed first adds, and its
	// standard error; NaN where it was not asked for.
	FirstPosition, FirstPositionStdErr float64
}

// FitBradleyTerry estimates the abilities of players versions from their
// matches by maximum likelihood (Bradley and Terry 1952; R: BradleyTerry2::BTm).
// A tie counts as half a win for each side. For two versions it is the logit
// of the win rate; it earns its place from three on.
//
// Standard errors take matches as independent. It returns ErrSeparated where
// some versions always won, and ErrNotEstimable where some never met the rest,
// even indirectly; NaN abilities go with an error. It panics if a version is
// not in [0, players).
func FitBradleyTerry(matches []Match, players, reference int, firstPosition bool) (BradleyTerry, error) {
	out := BradleyTerry{
		Ability: unknown(players), StdErr: unknown(players),
		FirstPosition: math.NaN(), FirstPositionStdErr: math.NaN(),
	}
	x, y, games := bradleyTerryRows(matches, players, reference, firstPosition)
	if len(y) == 0 {
		return out, ErrNotEstimable
	}
	fit, err := FitLogistic(x, y, games)
	if err != nil {
		return out, err
	}
	stdErr := fit.ModelStdErr()
	for p := range players {
		if p == reference {
			out.Ability[p], out.StdErr[p] = 0, 0
			continue
		}
		column := bradleyTerryColumn(p, reference)
		out.Ability[p], out.StdErr[p] = fit.Coef[column], stdErr[column]
	}
	if firstPosition {
		out.FirstPosition, out.FirstPositionStdErr = fit.Coef[players-1], stdErr[players-1]
	}
	return out, nil
}

// bradleyTerryRows writes each match as a row: +1 for A, -1 for B, no column
// for the reference, and at last a 1 for the first position. Matches without
// a game are left out.
func bradleyTerryRows(matches []Match, players, reference int, firstPosition bool) (x *mat.Dense, y, games []float64) {
	columns := players - 1 + indicator(firstPosition)
	var rows []float64
	for _, m := range matches {
		n := m.WinsA + m.WinsB + m.Ties
		if n == 0 {
			continue
		}
		if min(m.A, m.B) < 0 || max(m.A, m.B) >= players {
			panic("preference: a match names a version that does not exist")
		}
		row := make([]float64, columns)
		if m.A != reference {
			row[bradleyTerryColumn(m.A, reference)]++
		}
		if m.B != reference {
			row[bradleyTerryColumn(m.B, reference)]--
		}
		if firstPosition {
			row[columns-1] = 1
		}
		rows = append(rows, row...)
		y = append(y, (m.WinsA+m.Ties/2)/n)
		games = append(games, n)
	}
	if len(y) == 0 || columns == 0 {
		return nil, nil, nil
	}
	return mat.NewDense(len(y), columns, rows), y, games
}

// bradleyTerryColumn is the column of a version other than the reference.
func bradleyTerryColumn(player, reference int) int {
	if player > reference {
		return player - 1
	}
	return player
}

// Elo returns an ability on the scale of chess, where 400 points are odds of
// ten to one.
func Elo(ability float64) float64 { return 400 / math.Ln10 * ability }

// WinProbability returns the probability to win with the given advantage in
// ability.
func WinProbability(advantage float64) float64 { return sigmoid(advantage) }

func unknown(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}
