package calculator

import (
	"encoding/json"
	"fmt"
	"math"

	"weir/analyze/fixed"
)

// planInput is a question of planning: what to solve for, and the rest. Keys
// that a question does not need are not looked at.
type planInput struct {
	Solve       string   `json:"solve"`
	Effect      *float64 `json:"effect_size"`
	NA          *float64 `json:"n_a"`
	Power       *float64 `json:"power"`
	Ratio       *float64 `json:"ratio"`
	Alternative string   `json:"alternative" input:"optional"`
	PA          *float64 `json:"p_a"`
	PB          *float64 `json:"p_b"`
	Delta       *float64 `json:"delta"`
	SD          *float64 `json:"sd"`
	NPerArm     *float64 `json:"n_per_arm"`
	level
}

func power(input json.RawMessage) (any, error) {
	in, err := decode[planInput](input)
	if err != nil {
		return nil, err
	}
	t, err := in.plan()
	if err != nil {
		return nil, err
	}
	if err := in.sizes(); err != nil {
		return nil, err
	}
	z := t
	z.Normal = true
	switch in.Solve {
	case "power":
		v, err := needed(keyed{"effect_size", in.Effect}, keyed{"n_a", in.NA})
		if err != nil {
			return nil, err
		}
		return object{"power_t": t.Power(v[0], v[1]), "power_z": z.Power(v[0], v[1])}, nil
	case "n_a":
		v, err := needed(keyed{"effect_size", in.Effect}, keyed{"power", in.Power})
		if err != nil {
			return nil, err
		}
		return object{"n_a_t": t.SampleSize(v[0], v[1]), "n_a_z": z.SampleSize(v[0], v[1])}, nil
	case "effect_size":
		v, err := needed(keyed{"n_a", in.NA}, keyed{"power", in.Power})
		if err != nil {
			return nil, err
		}
		return object{"effect_size_t": statsmodelsEffect(t, v[0], v[1]), "effect_size_z": statsmodelsEffect(z, v[0], v[1])}, nil
	case "n_per_arm":
		v, err := needed(keyed{"p_a", in.PA}, keyed{"p_b", in.PB}, keyed{"power", in.Power})
		if err != nil {
			return nil, err
		}
		return object{
			"n_per_arm_R_power_prop_test": fixed.RateSampleSize(v[0], v[1], t.Alpha, v[2]),
			"cohen_h":                     fixed.CohenH(v[0], v[1]),
		}, nil
	case "power_R_one_tail":
		v, err := needed(keyed{"delta", in.Delta}, keyed{"sd", in.SD}, keyed{"n_per_arm", in.NPerArm})
		if err != nil {
			return nil, err
		}
		oneTail := fixed.Plan{Ratio: 1, Alpha: t.Alpha / 2, Alternative: fixed.Larger}
		return object{"power": oneTail.Power(math.Abs(v[0]/v[1]), v[2])}, nil
	}
	return nil, fmt.Errorf("%w: solve is %q; it must be power, n_a, effect_size, n_per_arm or power_R_one_tail", ErrInput, in.Solve)
}

// sizes refuses what is no power, no number of units, no spread and no rate.
func (in planInput) sizes() error {
	for _, k := range []keyed{{"n_a", in.NA}, {"n_per_arm", in.NPerArm}, {"sd", in.SD}} {
		if k.value != nil && !(*k.value > 0) {
			return fmt.Errorf("%w: %s is %g; it must be positive", ErrInput, k.key, *k.value)
		}
	}
	for _, k := range []keyed{{"power", in.Power}, {"p_a", in.PA}, {"p_b", in.PB}} {
		if k.value != nil && !(*k.value >= 0 && *k.value <= 1) {
			return fmt.Errorf("%w: %s is %g; it must lie between 0 and 1", ErrInput, k.key, *k.value)
		}
	}
	return nil
}

// plan returns the t test's plan; absent keys are equal arms, alpha 0.05,
// two-sided.
func (in planInput) plan() (fixed.Plan, error) {
	p := fixed.Plan{Ratio: 1}
	var err error
	if p.Alpha, err = in.value(); err != nil {
		return p, err
	}
	if in.Ratio != nil {
		p.Ratio = *in.Ratio
	}
	if !(p.Ratio > 0) {
		return p, fmt.Errorf("%w: ratio is %g; it must be positive", ErrInput, p.Ratio)
	}
	switch in.Alternative {
	case "", "two-sided":
		p.Alternative = fixed.TwoSided
	case "larger":
		p.Alternative = fixed.Larger
	case "smaller":
		p.Alternative = fixed.Smaller
	default:
		return p, fmt.Errorf("%w: alternative is %q; it must be two-sided, larger or smaller", ErrInput, in.Alternative)
	}
	return p, nil
}

// keyed is an optional number under its key.
type keyed struct {
	key   string
	value *float64
}

// needed returns the numbers, or ErrInput, wrapped, naming one that is
// absent.
func needed(all ...keyed) ([]float64, error) {
	values := make([]float64, len(all))
	for i, k := range all {
		if k.value == nil {
			return nil, fmt.Errorf("%w: %s is needed", ErrInput, k.key)
		}
		values[i] = *k.value
	}
	return values, nil
}
