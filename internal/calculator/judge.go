package calculator

import (
	"encoding/json"
	"fmt"
	"math"
)

var judgeMethods = map[string]Method{
	"judge-alpaca-winrate":            alpacaWinRate,
	"judge-betting-eprocess":          bettingEProcess,
	"judge-bradley-terry":             bradleyTerry,
	"judge-clustered-se":              clusteredStdErr,
	"judge-cohen-kappa":               raterKappa,
	"judge-confseq-finite-population": finiteConfidenceSequence,
	"judge-confseq-mean":              boundedConfidenceSequence,
	"judge-geval-weighted":            weightedScore,
	"judge-krippendorff-alpha":        krippendorffAlpha,
	"judge-lc-fit":                    lengthFit,
	"judge-lc-predict":                lengthPredict,
	"judge-logprob-preference":        logProbPreference,
	"judge-position-swap":             positionSwap,
	"judge-ppi-difference":            predictionPoweredDifference,
	"judge-ppi-mean":                  predictionPoweredMean,
	"judge-rogan-gladen":              roganGladen,
	"judge-rogan-gladen-allocation":   roganGladenAllocation,
	"judge-sampling-weights":          samplingWeights,
	"judge-style-control":             styleControl,
	"stats-cohens-kappa":              tableKappa,
	"stats-ppi-mean":                  predictionPoweredMeanCI,
}

// errorRate is an input's alpha, in (0, 1); 0.05 where the input has none.
type errorRate float64

func (a *errorRate) UnmarshalJSON(b []byte) error {
	var x float64
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	if !(x > 0 && x < 1) {
		return fmt.Errorf("alpha is %v; it must lie between 0 and 1", x)
	}
	*a = errorRate(x)
	return nil
}

func (a errorRate) alpha() float64 {
	if a == 0 {
		return 0.05
	}
	return float64(a)
}

// series is a list of numbers in which null is NaN, a missing value.
type series []float64

func (s *series) UnmarshalJSON(b []byte) error {
	var list []*float64
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	*s = make(series, len(list))
	for i, x := range list {
		(*s)[i] = math.NaN()
		if x != nil {
			(*s)[i] = *x
		}
	}
	return nil
}

// shares refuses numbers outside [0, 1].
func shares(key string, x []float64) error {
	for i, v := range x {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("%w: %s[%d] is %v; it must lie in [0, 1]", ErrInput, key, i, v)
		}
	}
	return nil
}

// sameLength refuses lists that differ in length.
func sameLength(lengths ...int) error {
	for _, n := range lengths {
		if n != lengths[0] {
			return fmt.Errorf("%w: the lists have %v entries; they must have equally many", ErrInput, lengths)
		}
	}
	return nil
}

// rows is the length of an optional column, n where there is none.
func rows[T any](column []T, n int) int {
	if column == nil {
		return n
	}
	return len(column)
}

// A label is a text, a number or a truth value; its value is nil for null.
type label struct{ value any }

func (l *label) UnmarshalJSON(b []byte) error {
	if b[0] == '[' || b[0] == '{' {
		return fmt.Errorf("%s is no label; it must be a text or a number", b)
	}
	return json.Unmarshal(b, &l.value)
}

// codes numbers labels in the order of first appearance; no labels are nil.
func codes(key string, labels []label) ([]int, error) {
	if labels == nil {
		return nil, nil
	}
	number := make(map[label]int)
	out := make([]int, len(labels))
	for i, l := range labels {
		if l.value == nil {
			return nil, fmt.Errorf("%w: %s[%d] is null; leave it out, and what belongs to it in other lists", ErrInput, key, i)
		}
		code, ok := number[l]
		if !ok {
			code = len(number)
			number[l] = code
		}
		out[i] = code
	}
	return out, nil
}

// withReason adds to a result why its numbers are null.
func withReason(out object, err error) object {
	if err != nil {
		out["reason"] = err.Error()
	}
	return out
}
