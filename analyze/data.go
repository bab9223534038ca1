package analyze

import "math"

// Data is everything an evaluation reads: counts and moments, no rows. It is
// what a decision record stores.
type Data struct {
	App       string `json:"app"`
	Release   string `json:"release"`
	Control   string `json:"control"`
	Treatment string `json:"treatment"`

	// Own says that Weir's router wrote the rows, so that a missing column is a
	// fault and not the source's habit.
	Own    bool       `json:"own"`
	Design Design     `json:"design"`
	Period Period     `json:"period"`
	Units  UnitCounts `json:"units"`

	Strata  []Stratum    `json:"strata"`
	Arrived []Arrival    `json:"arrived"`
	Service Service      `json:"service"`
	Metrics []MetricData `json:"metrics"`
	// Attributes are those by whose values metrics are shown apart.
	Attributes []string `json:"attributes,omitempty"`
	// Amendments are what was changed in the promise while the release ran.
	Amendments []Amendment `json:"amendments,omitempty"`
	// Warnings are doubts about the data as read.
	Warnings []string `json:"warnings"`
}

// A Stratum is a cell of constant propensity: an epoch, within it a rule.
type Stratum struct {
	Epoch *int64 `json:"epoch"`
	Rule  string `json:"rule,omitempty"`
	// Share is the probability of treatment; where Known is false it is the
	// realised share, and nothing can be said about the split.
	Share float64 `json:"share"`
	Known bool    `json:"known"`
	// Judge is the configuration that judged its units, where several judged the
	// release: each is a stratum of its own, of judges' metrics alone.
	Judge string `json:"judge,omitempty"`
}

// Same reports whether two strata are one: of the same epoch, rule, share and judge.
func (s Stratum) Same(o Stratum) bool {
	epoch := s.Epoch == o.Epoch || s.Epoch != nil && o.Epoch != nil && *s.Epoch == *o.Epoch
	return epoch && s.Rule == o.Rule && s.Share == o.Share && s.Judge == o.Judge
}

// An Arrival counts units of both arms assigned in one stratum and hour: those that arrived, mature or not,
// or, among mature ones, those without a value.
type Arrival struct {
	Stratum int   `json:"stratum"`
	Hour    int64 `json:"hour"` // hours since 1970 UTC; 0 where rows have no times
	ByArm
}

// Service counts what happened between assignment and the lake.
type Service struct {
	// Lost counts exchanges that are known to have happened and are not in the
	// lake; LostUnknown those of which not even the arm is known.
	Lost        ByArm `json:"lost"`
	LostUnknown int64 `json:"lost_unknown"`
	// Served counts the units that have a served version at all, Complied those
	// among them that were served their own in every request.
	Served   ByArm `json:"served"`
	Complied ByArm `json:"complied"`
	// Crossed counts units that have rows assigned to another version later.
	Crossed ByArm `json:"crossed"`
	// Cases, for paired designs: cases run on one arm only, by arm.
	Unmatched ByArm `json:"unmatched"`
	// TopUnit is the most requests that one unit of the arm made; 0 where that is not known.
	TopUnit ByArm `json:"top_unit"`
	// Users counts users, to some percent, UnitsWithUser the units that name one, TopUser
	// those of the user with most; 0 where there are none, or none stands out.
	Users         int64 `json:"users"`
	UnitsWithUser int64 `json:"units_with_user"`
	TopUser       int64 `json:"top_user"`
	// UnmatchedOutcomes counts outcomes that joined no analysed unit of the lake's.
	UnmatchedOutcomes int64 `json:"unmatched_outcomes"`
}

// MetricData is one metric's share of the data.
type MetricData struct {
	Metric Metric `json:"metric"`
	// Absent says why the lake has nothing for this metric; then the rest is empty.
	Absent string `json:"absent,omitempty"`
	Frozen Frozen `json:"frozen"`
	// Cells hold units that are mature and have a value, in order of hour, for independent arms.
	Cells []Cell `json:"cells,omitempty"`
	// Pairs holds, for paired designs, the moments over cases of control's
	// vector followed by treatment's.
	Pairs *Moments `json:"pairs,omitempty"`
	// Cases holds, for paired designs of few cases, the tested figure of each case under control and
	// under treatment, where that is a mean: what an exact test takes.
	Cases [][2]float64 `json:"cases,omitempty"`
	// Missing counts mature units without a value; it includes those scored as zero or worst.
	Missing ByArm `json:"missing"`
	// Lacking counts them by stratum and hour, in that order of hours; empty where
	// they are scored, or not known by hour.
	Lacking []Arrival `json:"lacking,omitempty"`
	// Immature counts units whose window has not passed.
	Immature ByArm `json:"immature"`
	// Binary says that every tested value is 0 or 1.
	Binary bool `json:"binary"`
	// SingleTrial says, for paired designs, that each case ran once an arm.
	SingleTrial bool `json:"single_trial,omitempty"`
	// Segments hold the cells once more, by values of attributes.
	Segments []Segment `json:"segments,omitempty"`
	// Past holds the moments of control's units from before the release; nil
	// where the lake has none.
	Past *Moments `json:"past,omitempty"`
	// Restart is set where the metric was changed while the release ran.
	Restart *Restart `json:"restart,omitempty"`
	// Quantiles hold the figures of a quantile metric.
	Quantiles []QuantileCell `json:"quantiles,omitempty"`
	// Judging says what a judge's metric rests on.
	Judging  *Judging `json:"judging,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// Judging counts what was judged and labelled for a metric, of the units that
// enter it. What was given up is among Missing.
type Judging struct {
	Criterion string   `json:"criterion"`
	Hashes    []string `json:"hashes"` // of the judges' configurations, in order of time
	Judged    ByArm    `json:"judged"`
	Labelled  ByArm    `json:"labelled"`
	// Tables count, by arm, the labelled units whose score and label are below or from
	// one half on: rows are the judge's, columns the person's, below first.
	Tables [2][2][2]int64 `json:"tables"`
	// Pairwise: cases were compared under both versions, and no scores of one.
	Pairwise bool `json:"pairwise,omitempty"`
}

// finite reports whether all moments are numbers.
func (m MetricData) finite() bool {
	for _, c := range m.Cells {
		if !c.Moments.finite() {
			return false
		}
	}
	for _, s := range m.Segments {
		for _, c := range s.Cells {
			if !c.Moments.finite() {
				return false
			}
		}
	}
	for _, c := range m.Cases {
		if math.IsNaN(c[0]+c[1]) || math.IsInf(c[0]+c[1], 0) {
			return false
		}
	}
	return (m.Pairs == nil || m.Pairs.finite()) && (m.Past == nil || m.Past.finite())
}

// Frozen is what was fixed before the units of the test were seen.
type Frozen struct {
	Source string `json:"source"` // in words: where it comes from
	// Provisional: there were too few units to fix anything for good yet.
	Provisional bool `json:"provisional,omitempty"`
	// Cap and Threshold are in the metric's unit; null where not used.
	Cap       Number `json:"cap"`
	Threshold Number `json:"threshold"`
	// Level is control's figure; Spread the variance per unit of its linearised
	// figure. They centre and tune the sequence.
	Level  Number `json:"level"`
	Spread Number `json:"spread"`
	// PlanUnits, of both arms, and PlanShare, of treatment, say where the
	// decision is expected: the sequence is tightest there.
	PlanUnits Number `json:"plan_units"`
	PlanShare Number `json:"plan_share"`
	// HarmUnits, of the treatment, say where harm that must be caught is expected to show:
	// its sequence is tightest there. 0, as in records written before harm had a tuning of
	// its own: where the decision is expected.
	HarmUnits Number `json:"harm_units,omitempty"`
}

// A Cell is one arm's units of one stratum and hour of assignment.
type Cell struct {
	Stratum int   `json:"stratum"`
	Hour    int64 `json:"hour"`
	Arm     Arm   `json:"arm"`
	Moments
}

// A QuantileCell is one arm's sample quantile in one stratum, with Woodruff's limits at two-sided .05.
type QuantileCell struct {
	Stratum int    `json:"stratum"`
	Arm     Arm    `json:"arm"`
	Rows    int64  `json:"rows"`
	Value   Number `json:"value"`
	Lower   Number `json:"lower"` // null where the limits lie outside the data
	Upper   Number `json:"upper"`
}
