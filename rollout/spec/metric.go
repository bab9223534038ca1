package spec

import (
	"errors"
	"time"
)

// A Metric is what is compared, and how much worse the candidate may be.
type Metric struct {
	Name  string
	Role  Role
	Per   Per
	Value string // a column of traces, an outcome or a built-in; empty where Judge is set
	Judge string // a rubric, or rubric.criterion; empty where Value is set
	// Over is the value whose sum the sum of Value is divided by: cost_usd over
	// resolved is the cost per resolved session. Empty: the count of Per.
	Over string
	// Pass makes the metric the chance that this many trials of a case all
	// succeed (pass^k); 0: the mean over trials.
	Pass int
	Agg  Agg
	Rows Rows
	// Missing says what a unit without a value is.
	Missing  Missing
	Quantile float64 // in (0, 1); 0: not a quantile
	// Covariate is what effects are adjusted by, older than every assignment.
	Covariate Covariate
	Cap       Cap
	Good      Direction
	Margin    Margin
	// MatureAfter is the window from the unit's assignment on: what comes later
	// does not count.
	MatureAfter         time.Duration
	MatureAfterDeclared bool
}

// A Role is what a metric may do to the verdict.
type Role int

// The roles: monitors are shown, goals promote, guardrails block and roll
// back.
const (
	RoleMonitor Role = iota
	RoleGoal
	RoleGuardrail
)

var roleNames = []string{"monitor", "goal", "guardrail"}

// String gives the role's name in the file.
func (r Role) String() string { return roleNames[r] }

// Per is what a metric is counted per: a sum over the unit is divided by its
// count of these.
type Per int

// The grains.
const (
	PerSession Per = iota
	PerRequest
	PerUser
)

var perNames = []string{"session", "request", "user"}

// String gives the grain's name in the file.
func (p Per) String() string { return perNames[p] }

// An Agg joins several values of one grain.
type Agg int

// The aggregations. AggDefault is AggAny for outcomes of 0 and 1, AggMean for
// other outcomes, AggSum for columns.
const (
	AggDefault Agg = iota
	AggSum
	AggMean
	AggMax
	AggLast
	AggAny
)

var aggNames = []string{"", "sum", "mean", "max", "last", "any"}

// String gives the aggregation's name in the file; empty for AggDefault.
func (a Agg) String() string { return aggNames[a] }

// Rows is which requests count.
type Rows int

// All requests, or those that did not end in an error.
const (
	RowsAll Rows = iota
	RowsOK
)

var rowsNames = []string{"all", "ok"}

// String gives the rows' name in the file.
func (r Rows) String() string { return rowsNames[r] }

// Missing says what a unit without a value is.
type Missing int

// Left out and counted; a zero; or the bad end for the treatment and the good
// end for control, which can block promotion but never roll back.
const (
	MissingExclude Missing = iota
	MissingZero
	MissingWorst
)

var missingNames = []string{"exclude", "zero", "worst"}

// String gives the rule's name in the file.
func (m Missing) String() string { return missingNames[m] }

// A Covariate is what a metric's effects are adjusted by.
type Covariate int

// None; or the same metric of the unit's user in the 14 days before the release.
const (
	CovariateNone Covariate = iota
	CovariatePast
)

var covariateNames = []string{"", "past"}

// String gives the covariate's name in the file; empty for none.
func (c Covariate) String() string { return covariateNames[c] }

// A Direction is where a metric is better.
type Direction int

// The directions. No metric that Parse returns has the zero value.
const (
	DirectionUnknown Direction = iota
	Up
	Down
)

var directionNames = []string{"", "up", "down"}

// String gives the direction's name in the file; empty where it is unknown.
func (d Direction) String() string { return directionNames[d] }

var metricKind = object(metricKeys...)

var metricKeys = []key[Metric]{
	field("name", name, func(m *Metric) *string { return &m.Name },
		"name of the metric; unique").must(),
	field("role", enum[Role](roleNames), func(m *Metric) *Role { return &m.Role },
		"goals promote, guardrails block and roll back, monitors are shown").must(),
	field("per", enum[Per](perNames), func(m *Metric) *Per { return &m.Per },
		"a sum over the unit is divided by its count of these"),
	field("value", label, func(m *Metric) *string { return &m.Value },
		"a column of traces, the name of an outcome, or error, total_tokens, requests, ttft_ms, cost_usd, compliance").
		absent("judge is required"),
	field("judge", name, func(m *Metric) *string { return &m.Judge },
		"a rubric, or rubric.criterion").absent("value is required"),
	field("over", blank(label), func(m *Metric) *string { return &m.Over },
		"the sum of value is divided by the sum of this value: cost_usd over resolved is the cost per resolved session").
		absent("it is divided by the count of per"),
	field("pass", blank(trials), func(m *Metric) *int { return &m.Pass },
		"offline: the chance that so many trials of a case all succeed, pass^k").absent("trials of a case are averaged"),
	field("agg", enum[Agg](aggNames), func(m *Metric) *Agg { return &m.Agg },
		"joins several values of a session, request or user").absent("any for outcomes of 0 and 1, mean for other outcomes, sum for columns"),
	field("rows", enum[Rows](rowsNames), func(m *Metric) *Rows { return &m.Rows },
		"requests that count: all, or those without an error"),
	field("missing", enum[Missing](missingNames), func(m *Metric) *Missing { return &m.Missing },
		"what a unit without a value is: a zero; left out, with the rates of missing compared; or worst, "+
			"the bad end for the candidate and the good end for stable (bounded metrics only; may block promotion, never rolls back)").
		absent(missingDefault()),
	field("quantile", blank(fraction), func(m *Metric) *float64 { return &m.Quantile },
		"the metric is this quantile of rows, tested at a frozen threshold").absent("the metric is a mean"),
	field("covariate", enum[Covariate](covariateNames), func(m *Metric) *Covariate { return &m.Covariate },
		"effects are adjusted by it (CUPED): past is the same metric of the unit's user on v1 in the 14 days before the release; intervals narrow by what it explains").
		absent("effects are not adjusted"),
	field("cap", capKind, func(m *Metric) *Cap { return &m.Cap },
		"a unit's sum counts at most so much: a number, a quantile of v1's sums such as p99, or none").
		absent("for sums of tokens, cost and latency under sequential, p99 in the test alone; else none"),
	field("good", enum[Direction](directionNames), func(m *Metric) *Direction { return &m.Good },
		"where the metric is better").must(),
	field("margin", marginKind, func(m *Metric) *Margin { return &m.Margin },
		"how much worse the candidate may be: 2pp is points of a rate, 10% is relative, a bare number is in the metric's unit").absent("only a monitor may have none"),
	field("mature_after", duration, func(m *Metric) *time.Duration { return &m.MatureAfter },
		"window from the unit's assignment on; what comes later does not count").absent(matureAfterDefault()),
}

var fraction = number("a number above 0 and below 1", func(v float64) bool { return v > 0 && v < 1 },
	map[string]any{"exclusiveMinimum": 0, "exclusiveMaximum": 1})

// maxTrials bounds the k of pass^k.
const maxTrials = 16

var trials = scalar("count", "a whole number from 2 to 16", parseTrials, func(v int) any { return v },
	map[string]any{"type": "integer", "minimum": 2, "maximum": maxTrials})

func parseTrials(l literal) (int, error) {
	v, err := parseCount(l)
	if err == nil && (v < 2 || v > maxTrials) {
		err = errors.New("is out of range")
	}
	return v, err
}

// reserved names would be mistaken for what the result says of itself.
var reserved = map[string]bool{"srm": true, "loss": true, "missing": true, "health": true}

func checkMetrics(d *decoder, r *Release) {
	if !r.MetricsDeclared {
		return
	}
	wantSome(d, "metrics", r.Metrics)
	seen := map[string]bool{}
	for i, m := range r.Metrics {
		path := item("metrics", i)
		switch at := under(path, "name"); {
		case reserved[m.Name], m.Name == "compliance" && m.Value != "compliance":
			d.fault(at, m.Name+" is reserved", "write another name")
		case m.Name != "" && seen[m.Name]:
			d.fault(at, "another metric is called "+m.Name, "names are unique")
		}
		seen[m.Name] = true
		checkMetric(d, r.Unit, m, path)
		checkMargin(d, m, path)
	}
}

func checkMetric(d *decoder, unit Unit, m Metric, path string) {
	hasValue, hasJudge := d.has(under(path, "value")), d.has(under(path, "judge"))
	switch {
	case hasValue && hasJudge:
		d.fault(under(path, "judge"), "value says already what is measured", "write one of the two")
	case !hasValue && !hasJudge:
		d.fault(path, "nothing says what is measured", "write value or judge")
	}
	if m.Per == PerUser && unit != UnitUser {
		d.fault(under(path, "per"), "users are not the unit", "write per: session, or unit: user for the release")
	}
	if rate, _ := m.Rate(); m.Missing == MissingWorst && !rate && m.Judge == "" {
		d.fault(under(path, "missing"), m.Value+" is not known to have a worst value", "write exclude or zero, or agg: any for what is 0 or 1")
	}
	if m.Over != "" && (m.Quantile > 0 || m.Judge != "" || m.Pass > 0 || m.Per == PerRequest) {
		d.fault(under(path, "over"), "over divides sums of units by sums of units", "remove quantile, judge, pass and per: request, or over")
	}
	if rate, known := m.Rate(); m.Pass > 0 && (m.Quantile > 0 || m.Judge != "" || m.Per == PerRequest || known && !rate) {
		d.fault(under(path, "pass"), "pass^k counts trials that succeed", "write a value of 0 or 1, such as resolved, and no quantile, judge or per: request")
	}
	if m.Covariate != CovariateNone && (m.Quantile > 0 || m.Judge != "" || m.Pass > 0) {
		d.fault(under(path, "covariate"), "means, rates and ratios of live traffic are adjusted", "remove quantile, judge and pass, or covariate")
	}
	if traits[m.Value].rate && m.Quantile > 0 {
		d.fault(under(path, "quantile"), m.Value+" is a rate: it has no quantiles", "remove the quantile")
	}
}
