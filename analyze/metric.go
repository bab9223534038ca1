package analyze

import (
	"math"
	"slices"
	"time"
)

// A Metric is what is compared: a name, a role, a form, and what each unit
// must be summed up to.
type Metric struct {
	Name     string  `json:"name"`
	Role     Role    `json:"role"`
	Kind     Kind    `json:"kind"` // a mean of zeros and ones becomes a proportion when evaluated
	Good     Good    `json:"good"`
	Unit     string  `json:"unit"` // share, ms, tokens, USD, or empty
	Quantile float64 `json:"quantile,omitempty"`
	Margin   *Margin `json:"margin"` // nil: none
	// Corrected says, of a judge's metric, that people's labels correct it. Else it is
	// on the judge's own scale.
	Corrected bool `json:"corrected,omitempty"`
	// Rate says that the metric lies in [0, 1], so that its variance follows
	// from its level and rare events need enough expected ones.
	Rate bool `json:"rate"`
	// Judged says that a judge gives the values, so that missing ones are judgments that failed.
	Judged bool `json:"judged,omitempty"`
	// Minimum is the number of units in each arm from which on the metric is
	// tested. Harm is tested from HarmMinimum on.
	Minimum int64 `json:"minimum"`
	// Columns are the numbers a unit is summed up to, in the order of a cell's
	// vector: the metric's needs.
	Columns []Column `json:"columns"`
	// Shown is the form of the figures that are shown, Tested of what is tested
	// for a difference, Margined of what is tested against the margin. They differ
	// where values are capped, and for quantiles, of which rates above
	// thresholds are tested: the same threshold in both arms for a difference;
	// for the margin, treatment's the margin higher.
	Shown    Form `json:"shown"`
	Tested   Form `json:"tested"`
	Margined Form `json:"margined"`
}

// Scored reports whether units without a value are scored, as zero or as the worst, and so counted.
func (m Metric) Scored() bool {
	return slices.ContainsFunc(m.Columns, func(c Column) bool { return c.Fill != nil })
}

// null gives the factor on control, and the shift, at which the treatment is just
// the margin worse in the Margined figure.
func (m Metric) null() (k, shift float64) {
	switch g := m.Good.sign(); {
	case m.Kind == KindQuantile: // the thresholds hold the margin
		return 1, 0
	case m.Margin.Relative:
		return 1 - g*m.Margin.Value, 0
	default:
		return 1, -g * m.Margin.Value
	}
}

// atMargin is a rate just the margin worse than control's.
func (m Metric) atMargin(control float64) float64 {
	switch g := m.Good.sign(); {
	case m.Margin == nil:
		return clampShare(control)
	case m.Margin.Relative:
		return clampShare(control * (1 - g*m.Margin.Value))
	default:
		return clampShare(control - g*m.Margin.Value)
	}
}

// clampShare keeps a rate in [0, 1]; NaN is 0.
func clampShare(p float64) float64 {
	if math.IsNaN(p) {
		return 0
	}
	return math.Min(math.Max(p, 0), 1)
}

// HarmMinimum is the number of units in each arm from which on harm is
// tested (reference: simulation, a halved resolution is caught at a median of
// 38 treated units).
const HarmMinimum = 20

// HarmUnits is the number of treated units, at a small share, for which the sequence
// of harm is tuned: a release that must be rolled back shows long before one that may
// be promoted. A sequence that is tuned early costs little late: at forty times these
// units it is 1.15 times as wide as one tuned for then, which at 38 would be three times as wide.
const HarmUnits = 100

// A Margin is how much worse the treatment may be: in the metric's unit, or
// as a share of control's level.
type Margin struct {
	Value    float64 `json:"value"`
	Relative bool    `json:"relative"`
}

// A Column is one number per unit, computed from the unit's rows. Engines
// translate it; analyze only states it.
type Column struct {
	// Value is a numeric column of traces, the name of an outcome, or one of
	// error, requests, total_tokens, compliance.
	Value string `json:"value"`
	// Per is the grain over which Agg joins rows before units are summed:
	// request (no joining), session or user.
	Per string `json:"per"`
	// Agg joins several values of one Per: sum, mean, max, last, any, all.
	Agg string `json:"agg"`
	// Count makes the column the number of Pers that have a value, instead of
	// the sum of their values: the denominator of a ratio.
	Count bool `json:"count,omitempty"`
	// OnlyOK leaves out rows that ended in an error and, of an outcome, units all of
	// whose rows did.
	OnlyOK bool `json:"only_ok,omitempty"`
	// Window: rows begun and outcomes occurred later than this after the
	// unit's assignment do not count, and a unit enters once it has passed.
	Window time.Duration `json:"window"`
	// Fill is the value of a Per that has none; nil leaves it out.
	Fill *Fill `json:"fill,omitempty"`
	// Pass makes the column, offline, the chance that so many trials of a case all
	// succeed, estimated from its trials; 0: the trials' mean.
	Pass int `json:"pass,omitempty"`
	// Limit caps the unit's number at a frozen quantile of control; nil: uncapped.
	Limit *Limit `json:"limit,omitempty"`
	// Above makes the column the count of rows on one side of a threshold.
	Above *Threshold `json:"above,omitempty"`
	// Past makes the column a covariate: how far the same metric of the unit's user, over that
	// user's units of control before the release began, lay from the mean over users. 0 where
	// the user has no such past. It is older than every assignment.
	Past bool `json:"past,omitempty"`
	// Part makes the column that part of the unit's judgments and labels of the
	// criterion that Value names; see JudgedParts.
	Part string `json:"part,omitempty"`
}

// A Fill stands for a missing value: zero in both arms, or the good end of
// the scale for control and the bad one for treatment.
type Fill struct {
	Control   float64 `json:"control"`
	Treatment float64 `json:"treatment"`
}

// A Limit caps a unit's number at a frozen quantile of control's units, or, where
// Quantile is 0, at Value. An undeclared limit is Weir's own and holds under a sequential
// method only.
type Limit struct {
	Quantile float64 `json:"quantile"`
	Value    float64 `json:"value"`
	Declared bool    `json:"declared,omitempty"`
}

// A Threshold counts rows above a frozen quantile of control's rows. The
// treatment's threshold is Scale times it plus Shift. Where OwnQuantile is set the
// threshold is instead each arm's own quantile, within its stratum, and rows
// at or below it are counted.
type Threshold struct {
	Quantile    float64 `json:"quantile"`
	Scale       float64 `json:"scale"`
	Shift       float64 `json:"shift,omitempty"`
	OwnQuantile bool    `json:"own_quantile,omitempty"`
	// BothArms makes the treatment's threshold that of control's rows, too: what
	// control's units would be in the other arm.
	BothArms bool `json:"both_arms,omitempty"`
}

// A Form says which components of a unit's vector a figure is made of: the
// mean of Num, or, where Den is not Ones, the sum of Num over the sum of Den.
type Form struct {
	Num int `json:"num"`
	Den int `json:"den"`
	// Covariate, where above 0, is the component that effects are adjusted by. Levels
	// are not.
	Covariate int `json:"covariate,omitempty"`
}

// Ones is the denominator of a mean: one a unit.
const Ones = -1
