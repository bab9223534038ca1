package calculator

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"weir/analyze/dist"
)

// tailsInput holds lists of equal length: what a tail is taken at and the
// parameters of the distribution.
type tailsInput struct {
	// Distribution is normal, t, chi2, binomial or beta; it may be absent, see
	// distribution.
	Distribution string    `json:"distribution" input:"optional"`
	X            []float64 `json:"x" input:"optional"`
	P            []float64 `json:"p" input:"optional"`
	DF           []float64 `json:"df" input:"optional"`
	K            []float64 `json:"k" input:"optional"`
	N            []float64 `json:"n" input:"optional"`
	A            []float64 `json:"a" input:"optional"`
	B            []float64 `json:"b" input:"optional"`
}

// distributionTails returns the upper tails (sf) at x, the quantiles (q) at p,
// or a binomial's lower and upper tails (cdf, sf) at k.
func distributionTails(input json.RawMessage) (any, error) {
	in, err := decode[tailsInput](input)
	if err != nil {
		return nil, err
	}
	name := in.distribution()
	most := map[string]int{"normal": 1, "t": 2, "chi2": 2, "binomial": 3, "beta": 3}[name]
	given := 0
	for _, column := range [][]float64{in.X, in.P, in.DF, in.K, in.N, in.A, in.B} {
		if column != nil {
			given++
		}
	}
	switch {
	case most > 0 && given > most:
		return nil, fmt.Errorf("%w: %d lists are given, and %s takes %d: x or p, df of t and chi2, a and b of beta; k, n and p of binomial", ErrInput, given, name, most)
	case name == "normal" && in.X != nil:
		return listed("sf", func(v ...float64) float64 { return dist.NormalSurvival(v[0]) }, in.X)
	case name == "normal":
		return listed("q", func(v ...float64) float64 { return dist.NormalQuantile(v[0]) }, in.P)
	case name == "t" && in.X != nil:
		return listed("sf", func(v ...float64) float64 { return dist.StudentTSurvival(v[0], v[1]) }, in.X, in.DF)
	case name == "t":
		return listed("q", func(v ...float64) float64 { return dist.StudentTQuantile(v[0], v[1]) }, in.P, in.DF)
	case name == "chi2":
		return listed("sf", func(v ...float64) float64 { return dist.ChiSquareSurvival(v[0], v[1]) }, in.X, in.DF)
	case name == "beta" && in.X != nil:
		return listed("sf", func(v ...float64) float64 { return dist.BetaSurvival(v[0], v[1], v[2]) }, in.X, in.A, in.B)
	case name == "beta":
		return listed("q", func(v ...float64) float64 { return dist.BetaQuantile(v[0], v[1], v[2]) }, in.P, in.A, in.B)
	case name == "binomial":
		out, err := listed("cdf", func(v ...float64) float64 { return dist.BinomialCDF(v[0], v[1], v[2]) }, in.K, in.N, in.P)
		if err != nil {
			return nil, err
		}
		upper, err := listed("sf", func(v ...float64) float64 { return dist.BinomialSurvival(v[0], v[1], v[2]) }, in.K, in.N, in.P)
		if err != nil {
			return nil, err
		}
		out["sf"] = upper["sf"]
		return out, nil
	}
	return nil, fmt.Errorf("%w: distribution is %q; it must be normal, t, chi2, binomial or beta", ErrInput, name)
}

// distribution returns the named distribution, else the one that the keys
// tell. Upper tails at x with df are those of chi-square when every df is
// whole and no x negative, else of Student's t, whose degrees of freedom are
// mostly fractions.
func (in tailsInput) distribution() string {
	switch {
	case in.Distribution != "":
		return in.Distribution
	case in.K != nil:
		return "binomial"
	case in.A != nil:
		return "beta"
	case in.DF == nil:
		return "normal"
	case in.X == nil || slices.ContainsFunc(in.DF, fraction) || slices.ContainsFunc(in.X, math.Signbit):
		return "t"
	}
	return "chi2"
}

func fraction(x float64) bool { return x != math.Floor(x) }

// listed applies f to each row of the columns.
func listed(key string, f func(...float64) float64, columns ...[]float64) (object, error) {
	if columns[0] == nil {
		return nil, fmt.Errorf("%w: neither tails nor quantiles are asked for", ErrInput)
	}
	values := make([]float64, len(columns[0]))
	for i := range values {
		row := make([]float64, len(columns))
		for j, column := range columns {
			if len(column) != len(values) {
				return nil, fmt.Errorf("%w: the lists must have one length", ErrInput)
			}
			row[j] = column[i]
		}
		values[i] = f(row...)
	}
	return object{key: values}, nil
}
