package analyze

import (
	"encoding/json"
	"fmt"
	"slices"
)

// An Arm is one of the two versions under comparison.
type Arm int

// The arms: the stable version and the candidate.
const (
	Control Arm = iota
	Treatment
)

// Arms lists both arms, control first.
var Arms = [2]Arm{Control, Treatment}

// String gives control or treatment.
func (a Arm) String() string { return [...]string{"control", "treatment"}[a] }

// A Role is what a metric may do to the verdict.
type Role string

// Goals promote, guardrails block and roll back, monitors are shown.
const (
	Goal      Role = "goal"
	Guardrail Role = "guardrail"
	Monitor   Role = "monitor"
)

// A Good is the direction in which a metric is better.
type Good string

// The two directions; the zero value is neither.
const (
	Up   Good = "up"
	Down Good = "down"
)

// sign is +1 where more is better and -1 where less is.
func (g Good) sign() float64 {
	switch g {
	case Up:
		return 1
	case Down:
		return -1
	}
	panic("analyze: direction of a metric is neither up nor down: " + string(g))
}

// A Kind is the form of a metric.
type Kind string

// The kinds. A proportion is a mean of zeros and ones, one a unit; a ratio is a sum
// over a sum, both per unit; a quantile is of rows, with units as clusters; a judge's is the
// mean score of drawn units, corrected by people's labels where there are enough.
const (
	KindMean       Kind = "mean"
	KindProportion Kind = "proportion"
	KindRatio      Kind = "ratio"
	KindQuantile   Kind = "quantile"
	KindJudge      Kind = "judge"
)

// A Method says how often one may look.
type Method string

// Sequential intervals hold at every look, fixed ones at one look only.
const (
	Sequential Method = "sequential"
	Fixed      Method = "fixed"
)

// A Layout says how the two arms' units relate.
type Layout string

// Independent arms form one stratum, stratified ones several; paired arms ran the same cases.
const (
	Independent Layout = "independent"
	Stratified  Layout = "stratified"
	Paired      Layout = "paired"
)

// A Direction is what a test says of the treatment.
type Direction string

// The directions. Unclear: the interval holds zero. NotEstimable: there is
// nothing to test, and a warning says why.
const (
	NotEstimable Direction = "not_estimable"
	Unclear      Direction = "unclear"
	Better       Direction = "better"
	Worse        Direction = "worse"
)

// A Check is what a test says of a margin.
type Check string

// The checks. None: the metric has no margin. Open: neither proven.
const (
	CheckNone   Check = "none"
	CheckOpen   Check = "open"
	CheckPassed Check = "passed"
	CheckFailed Check = "failed"
)

// MarshalText writes the arm's name.
func (a Arm) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the arm's name.
func (a *Arm) UnmarshalText(b []byte) error {
	i := slices.Index([]string{"control", "treatment"}, string(b))
	if i < 0 {
		return fmt.Errorf("analyze: arm %q is neither control nor treatment", b)
	}
	*a = Arm(i)
	return nil
}

var _ json.Marshaler = Number(0)
