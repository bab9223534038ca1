package lake

import (
	"time"

	"weir/analyze"
)

// A Query says what to reduce to moments.
type Query struct {
	App       string
	Release   string // rows without a release belong to it
	Control   string // version
	Treatment string // version
	Unit      string // session or user
	Method    analyze.Method
	Alpha     float64
	// Layout is empty for the one the data suggest, or Paired or Independent.
	Layout analyze.Layout
	// AsOf is the clock: what has matured by then counts.
	AsOf time.Time
	// Since, where set, leaves out units assigned earlier: an exploration.
	Since time.Time
	// History takes in control's units of every release, however they were assigned: what
	// planning knows of traffic. The treatment need not be there, and all is one stratum.
	History bool
	// Metrics with their needs, in the order of the result.
	Metrics []analyze.Metric
	// Judged are metrics of analyze.KindJudge, whose columns name a criterion; in the result
	// they follow Metrics.
	Judged []analyze.Metric
	// Frozen holds, by metric, what an earlier look fixed; a metric without entry is
	// fixed now.
	Frozen map[string]analyze.Frozen
	// UnitsPerDay and Days are the plan that tunes the sequence where the lake
	// has no history; LastShare is treatment's share at the ramp's last step, ShareBefore at
	// the one before it: 0 where there is none.
	UnitsPerDay float64
	Days        float64
	LastShare   float64
	ShareBefore float64
	// Ramp says that LastShare is that of a ramp, whose last step waits for proof.
	Ramp bool
	// Segments are the attributes by whose values effects are shown apart: device,
	// region, language, model, rule, or attributes.NAME.
	Segments []string
}
