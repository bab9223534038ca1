package calculator

import (
	"encoding/json"
	"fmt"
	"math"

	"weir/analyze/betting"
)

func boundedConfidenceSequence(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		X       list      `json:"x"`
		Running *bool     `json:"running_intersection"`
		Alpha   errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := shares("x", in.X); err != nil {
		return nil, err
	}
	alpha := in.Alpha.alpha()
	running := in.Running == nil || *in.Running
	times := reportTimes(len(in.X))
	return object{
		"times":               times,
		"empirical_bernstein": bounds(betting.EmpiricalBernstein(in.X, alpha), times, running),
		"hoeffding":           bounds(betting.Hoeffding(in.X, alpha), times, running),
		"hedged_grid1000":     bounds(betting.Hedged(in.X, alpha), times, running),
	}, nil
}

func finiteConfidenceSequence(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		X          list      `json:"x"`
		Population int       `json:"population_size"`
		Alpha      errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := shares("x", in.X); err != nil {
		return nil, err
	}
	if len(in.X) > in.Population {
		return nil, fmt.Errorf("%w: x has %d scores, more than the population_size of %d", ErrInput, len(in.X), in.Population)
	}
	times := reportTimes(len(in.X))
	sequence := betting.HedgedFinite(in.X, in.Population, in.Alpha.alpha())
	return object{"times": times, "hedged_grid1000": bounds(sequence, times, true)}, nil
}

func bettingEProcess(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		X     list      `json:"x"`
		Null  *float64  `json:"null_mean"`
		Share *float64  `json:"truncation"`
		Alpha errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	null, share := 0.5, 0.5
	if in.Null != nil {
		null = *in.Null
	}
	if in.Share != nil {
		share = *in.Share
	}
	if !(null >= 0 && null <= 1) || !(share > 0 && share <= 1) {
		return nil, fmt.Errorf("%w: null_mean must lie in [0, 1], and truncation above 0 and up to 1", ErrInput)
	}
	if err := shares("x", in.X); err != nil {
		return nil, err
	}
	alpha := in.Alpha.alpha()
	e := betting.Against(in.X, null, alpha, share)
	times := reportTimes(len(in.X))
	firstTime := fmt.Sprintf("first_time_capital_reaches_%g_", math.Round(1e9/alpha)/1e9)
	return object{
		"times":                    times,
		"log_capital_mean_greater": at(e.Greater, times),
		"log_capital_mean_less":    at(e.Less, times),
		firstTime + "greater":      reached(e.Greater, 1/alpha),
		firstTime + "less":         reached(e.Less, 1/alpha),
	}, nil
}

// reached is the number of scores after which the capital reaches the level;
// NaN where it does not.
func reached(logCapital []float64, level float64) float64 {
	if t := betting.FirstReach(logCapital, level); t > 0 {
		return float64(t)
	}
	return math.NaN()
}

// reportTimes are the numbers of scores at which a sequence of n is printed:
// few, the last among them.
func reportTimes(n int) []float64 {
	var out []float64
	for _, t := range []int{1, 2, 3, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 400, 500, 750} {
		if t < n {
			out = append(out, float64(t))
		}
	}
	for t := 1000; t < n; t *= 2 {
		out = append(out, float64(t))
	}
	if n > 0 {
		out = append(out, float64(n))
	}
	return out
}

// bounds is a sequence at the given times.
func bounds(s betting.Sequence, times []float64, running bool) object {
	if running {
		s = s.Running()
	}
	return object{"low": at(s.Low, times), "high": at(s.High, times)}
}

// at picks values by time, counted from 1.
func at(values, times []float64) []float64 {
	out := make([]float64, len(times))
	for i, t := range times {
		out[i] = values[int(t)-1]
	}
	return out
}
