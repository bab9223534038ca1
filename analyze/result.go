package analyze

import "time"

// ResultSchema names the layout of a Result in JSON. Fields may be added to
// it; a number that cannot be had is null, and a warning says why.
const ResultSchema = "weir.analysis/1"

// A Result is everything an analysis says, short of a verdict.
type Result struct {
	Schema    string `json:"schema"`
	App       string `json:"app"`
	Release   string `json:"release"`
	Control   string `json:"control"`   // version
	Treatment string `json:"treatment"` // version

	Design  Design         `json:"design"`
	Period  Period         `json:"period"`
	Units   UnitCounts     `json:"units"`
	Health  Health         `json:"health"`
	Metrics []MetricResult `json:"metrics"`
	// Amendments are what was changed in the promise while the release ran.
	Amendments []Amendment `json:"amendments,omitempty"`
	// Warnings concern the analysis as a whole.
	Warnings []string `json:"warnings"`
}

// A Design says what was compared and how.
type Design struct {
	Unit   string  `json:"unit"` // session, user or case
	Kind   Layout  `json:"kind"`
	Strata int     `json:"strata"`
	Method Method  `json:"method"`
	Alpha  float64 `json:"alpha"`
	// Why says in a sentence how the kind was chosen.
	Why string `json:"why"`
	// Offline is set where the rows are runs of cases, not live traffic.
	Offline bool `json:"offline"`
	// Randomized is false where the assignment is not known to have been drawn.
	Randomized bool `json:"randomized"`
}

// A Period is the time that the analysed units span; null where rows have no
// times.
type Period struct {
	AsOf  time.Time  `json:"as_of"` // the clock of the analysis
	First *time.Time `json:"first"` // earliest assignment
	Last  *time.Time `json:"last"`  // latest assignment
	// FullDays counts UTC days wholly inside the period.
	FullDays int `json:"full_days"`
	// UnitsPerDay is the recent traffic, both arms together; null without times.
	UnitsPerDay Number `json:"units_per_day"`
	// TreatmentShare is the treatment's share of the newest stratum.
	TreatmentShare Number `json:"treatment_share"`
	// LastStep is when traffic first got the share of the ramp's last step; null
	// before, without a ramp, and under unit user where the rows are not of Weir's router.
	LastStep *time.Time `json:"last_step,omitempty"`
	// LargeShareInformation is the part of the information (the sum over units
	// of share x (1 - share)) that comes from strata with a share of 20 % or more.
	LargeShareInformation Number `json:"large_share_information"`
	// Information is that sum over all units.
	Information Number `json:"information,omitempty"`
}

// UnitCounts says how many units entered and which did not.
type UnitCounts struct {
	Control   int64      `json:"control"`
	Treatment int64      `json:"treatment"`
	Requests  ByArm      `json:"requests"`
	Excluded  []Excluded `json:"excluded"`
}

// A ByArm is a count for each arm.
type ByArm struct {
	Control   int64 `json:"control"`
	Treatment int64 `json:"treatment"`
}

// Of returns the arm's count.
func (b ByArm) Of(a Arm) int64 { return [...]int64{b.Control, b.Treatment}[a] }

// Excluded counts units that are in no test, and why: rule, holdout, default, immature ...
type Excluded struct {
	Reason string `json:"reason"`
	ByArm
}

// Health says whether the comparison can be trusted at all.
type Health struct {
	OK         bool       `json:"ok"`
	SRM        SRM        `json:"srm"`
	Loss       Loss       `json:"loss"`
	Compliance Compliance `json:"compliance"`
	// Judgments compares missing judgments by arm; nil where nothing is judged.
	Judgments *Judgments `json:"judgments,omitempty"`
	// Concentration is what single units and users hold; nil offline.
	Concentration *Concentration `json:"concentration,omitempty"`
	Warnings      []string       `json:"warnings"`
}

// SRM is the check of the realised against the intended split of units:
// chi-square's p under a fixed method, the always-valid one under a sequential method.
type SRM struct {
	PValue   Number `json:"p_value"`
	OK       bool   `json:"ok"`       // false below .001
	Expected Number `json:"expected"` // intended share of treatment over all units
	Observed Number `json:"observed"`
	Note     string `json:"note,omitempty"` // why there is no p
	// Strata are the splits that the check is made of, each with its own p.
	Strata []Split `json:"strata,omitempty"`
}

// A Split is the realised split of one stratum's units.
type Split struct {
	Stratum
	ByArm
	PValue Number `json:"p_value"`
}

// Judgments is the share of drawn units without a judgment, over all judged metrics.
type Judgments struct {
	Control   Number `json:"control"`
	Treatment Number `json:"treatment"`
	PValue    Number `json:"p_value"` // of a difference between arms, the smallest over metrics
	OK        bool   `json:"ok"`      // false above 20 %, or for a difference with p below .001
}

// Loss counts exchanges that happened and are not in the lake.
type Loss struct {
	ByArm
	UnknownArm int64  `json:"unknown_arm"`
	Rate       Number `json:"rate"`    // of all exchanges of both arms
	PValue     Number `json:"p_value"` // of a difference between arms
	OK         bool   `json:"ok"`
}

// Compliance is the share of units that were served the version they were
// assigned to, in every request.
type Compliance struct {
	Control   Number `json:"control"`
	Treatment Number `json:"treatment"`
	OK        bool   `json:"ok"` // false below .98 from 100 units an arm on
	Note      string `json:"note,omitempty"`
}

// A MetricResult is what the analysis says of one metric.
type MetricResult struct {
	Name     string  `json:"name"`
	Role     Role    `json:"role"`
	Kind     Kind    `json:"kind"`
	Good     Good    `json:"good"`
	Unit     string  `json:"unit"` // share, ms, tokens, USD, or empty
	Quantile float64 `json:"quantile,omitempty"`

	Control   ArmResult `json:"control"`
	Treatment ArmResult `json:"treatment"`

	// Absolute and Relative are the estimate: what the treatment would do to
	// today's traffic, strata weighted by traffic.
	Absolute Effect   `json:"absolute"`
	Relative Interval `json:"relative"`
	// Test is what verdicts cite: strata weighted by overlap.
	Test Test `json:"test"`
	// Naive is the difference of the pooled arms, for contrast.
	Naive  Naive       `json:"naive"`
	Margin MarginCheck `json:"margin"`
	// More estimates what is missing for a decision.
	More More `json:"more"`

	// Judge is what a judge's metric rests on; nil for others.
	Judge *JudgeResult `json:"judge,omitempty"`

	Direction Direction `json:"direction"`
	// MissingDiffers says that values are missing more often in one arm: the
	// metric then counts neither as better nor as within its margin.
	MissingDiffers bool     `json:"missing_differs,omitempty"`
	Method         string   `json:"method"`
	Warnings       []string `json:"warnings"`
	// Adjustment is set where effects are adjusted by a covariate; levels and the naive
	// figure never are.
	Adjustment *Adjustment `json:"adjustment,omitempty"`
	// CrossChecks are other ways to the absolute effect; none where the allocation is one stratum.
	CrossChecks []CrossCheck `json:"cross_checks,omitempty"`
	// Belief is the Bayesian view, for display only.
	Belief *Belief `json:"belief,omitempty"`
	// Breakdowns are the effects by epoch, by the release's age and by attributes.
	Breakdowns []Breakdown `json:"breakdowns,omitempty"`
	// Past compares control with its own past; nil where the lake has none.
	Past *Past `json:"past,omitempty"`
	// Restart is set where the metric was changed while the release ran.
	Restart *Restart `json:"restart,omitempty"`
	// Reproduce is a calculator and its input that give the absolute effect
	// again; absent where there is none.
	Reproduce *Reproduction `json:"reproduce,omitempty"`
}

// A Reproduction is an input of weir stat.
type Reproduction struct {
	Method string `json:"method"`
	Input  any    `json:"input"`
}

// An ArmResult is a metric's level in one arm.
type ArmResult struct {
	Value  Number `json:"value"`
	StdErr Number `json:"std_err"`
	Units  int64  `json:"units"`
	// Missing is the share of the arm's units without a value of their own.
	Missing Number `json:"missing"`
	// DesignEffect is the variance of a rate of rows, or of a quantile's tested
	// rate, over what it were if rows were independent; null for other figures.
	DesignEffect Number `json:"design_effect,omitempty"`
	// Filled says that those units are scored, as zero or as the worst, and so
	// among Units.
	Filled bool `json:"filled,omitempty"`
}

// More says how many more units, of both arms together, the present effect
// would need at the present split; 0 where it is proven, null where no amount would
// do or it cannot be said.
type More struct {
	Superior    Number `json:"superior"`
	NonInferior Number `json:"non_inferior"`
}

// An Interval is an estimate and its limits at the design's alpha, two-sided.
type Interval struct {
	Value Number `json:"value"`
	Lower Number `json:"lower"`
	Upper Number `json:"upper"`
}

// An Effect is treatment minus control in the metric's unit.
type Effect struct {
	Estimand string `json:"estimand"` // traffic, overlap, or cases
	Value    Number `json:"value"`
	StdErr   Number `json:"std_err"`
	Lower    Number `json:"lower"`
	Upper    Number `json:"upper"`
	PValue   Number `json:"p_value"` // null under a sequential method
}

// A Test is the statement that verdicts rest on.
type Test struct {
	Estimand string `json:"estimand"`
	Value    Number `json:"value"`
	Lower    Number `json:"lower"`
	Upper    Number `json:"upper"`
	PValue   Number `json:"p_value"`
	// PAdjusted is Holm's over the metrics of the same role.
	PAdjusted Number `json:"p_adjusted"`
	Sided     int    `json:"sided"`
}

// Naive is what a pooled comparison would have said.
type Naive struct {
	Value Number `json:"value"`
	Note  string `json:"note"`
}

// A MarginCheck is the test against the non-inferiority margin.
type MarginCheck struct {
	Value Number `json:"value"` // as declared: points and absolute in the metric's unit, relative as a share
	// Relative says that Value and Bound are shares of control's level.
	Relative bool `json:"relative"`
	// Bound is one-sided at alpha, on the margin's scale, on the bad side: the
	// margin is passed where Bound is on the good side of it.
	Bound  Number `json:"bound"`
	PValue Number `json:"p_value"` // of "worse than the margin", one-sided
	// HarmPValue is that of "not beyond the margin", one-sided: small where
	// harm is proven. HarmAdjusted is Holm's over goals and guardrails.
	HarmPValue   Number `json:"harm_p_value"`
	HarmAdjusted Number `json:"harm_p_adjusted"`
	Check        Check  `json:"check"`
}
