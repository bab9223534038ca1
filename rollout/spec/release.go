package spec

// A Release is one specification: what is released, to whom, how it is
// compared and what decides. It is read-only. Every field holds its effective
// value: where the file has no such key, the default. [Keys] lists both.
type Release struct {
	App, Release, Environment string
	Stable, Candidate         string // versions: control and treatment

	Unit     Unit
	Versions map[string]Version // nil where the file has none
	Context  Context
	Rules    []Rule // the first match wins
	Holdout  Share  // of units that never see a candidate
	Ramp     *Ramp  // nil: the share is 0 until somebody sets it
	Breaker  Breaker
	Sessions Sessions
	Sticky   Sticky
	Prices   map[string]Price // by model

	Metrics []Metric
	// MetricsDeclared tells metrics of the file from the default ones. A
	// declared metric without data is not estimable; a default one is left out.
	MetricsDeclared bool
	Decision        Decision
	Planning        Planning

	Judge          *Judge // nil: nothing is judged
	Jobs           Jobs
	Webhooks       []Webhook
	Retention      Retention
	Privacy        Privacy
	Journal        Journal
	ResponseHeader bool // answers carry X-Weir-Version

	references map[string]Fault // where texts that refer to the environment stand
	places     map[string]Fault // where values stand, by path
}

// A Unit is what is assigned to a version, as a whole.
type Unit int

// The assignment units.
const (
	UnitSession Unit = iota
	UnitUser
)

var unitNames = []string{"session", "user"}

// String gives the unit's name in the file.
func (u Unit) String() string { return unitNames[u] }

// Default is the specification of an analysis without a file: the default
// metrics, the default decision.
func Default(app, release, stable, candidate string) *Release {
	r := releaseKind.zero()
	r.App, r.Release, r.Stable, r.Candidate = app, release, stable, candidate
	r.resolve(func(string) bool { return false })
	return &r
}

// resolve fills in the defaults that depend on other values. Has tells which
// paths were written.
func (r *Release) resolve(has func(path string) bool) {
	r.MetricsDeclared = has("metrics")
	if !r.MetricsDeclared {
		r.Metrics = DefaultMetrics()
	}
	for i := range r.Metrics {
		r.Metrics[i].resolve(r.Unit, item("metrics", i), has)
	}
	for model, p := range r.Prices {
		if !has(under(under("prices", model), "cached")) {
			p.Cached = p.Input
			r.Prices[model] = p
		}
	}
}

var releaseKind = object(releaseKeys...)

var releaseKeys = []key[Release]{
	field("app", name, func(r *Release) *string { return &r.App },
		"application; one process serves one").must(),
	field("release", name, func(r *Release) *string { return &r.Release },
		"names the state and salts the assignment; a new attempt after a rollback is a new release").must(),
	field("environment", or(name, "production"), func(r *Release) *string { return &r.Environment },
		"what a PATCH of the deployment must name"),
	field("stable", name, func(r *Release) *string { return &r.Stable },
		"version that serves everyone else: the control arm").must(),
	field("candidate", name, func(r *Release) *string { return &r.Candidate },
		"version under test: the treatment arm").must(),
	field("unit", enum[Unit](unitNames), func(r *Release) *Unit { return &r.Unit },
		"what is assigned to a version, and the cluster of every analysis; a changed unit needs a new release"),
	field("versions", dict("NAME", versionKind, allowName), func(r *Release) *map[string]Version { return &r.Versions },
		"how each version is reached").absent("the specification can check, analyse and decide, but neither serve nor replay"),
	field("context", contextKind, func(r *Release) *Context { return &r.Context },
		"where in a request to read what from"),
	field("rules", list(ruleKind), func(r *Release) *[]Rule { return &r.Rules },
		"looked at on a unit's first request; the first match wins").absent("no unit is treated apart"),
	field("holdout", share, func(r *Release) *Share { return &r.Holdout },
		"share of units that never see a candidate"),
	field("ramp", optional(rampKind), func(r *Release) **Ramp { return &r.Ramp },
		"how the candidate's share climbs").absent("the share is 0 until a PATCH or a command sets it; no autopilot"),
	field("breaker", breakerKind, func(r *Release) *Breaker { return &r.Breaker },
		"when a failing version is taken out; only the candidate's moves traffic"),
	field("sessions", sessionsKind, func(r *Release) *Sessions { return &r.Sessions },
		"when a dialogue is complete for judging and export; no metric's window"),
	field("sticky", stickyKind, func(r *Release) *Sticky { return &r.Sticky },
		"how long a unit's assignment is remembered"),
	field("prices", dict("MODEL", priceKind, allowAny), func(r *Release) *map[string]Price { return &r.Prices },
		"prices of tokens by model, where the upstream reports no cost").absent("the cost of a model is unknown unless the upstream reports it"),
	field("metrics", list(metricKind), func(r *Release) *[]Metric { return &r.Metrics },
		"what is compared").absent("the default metrics, of these only what the lake has data for"),
	field("decision", decisionKind, func(r *Release) *Decision { return &r.Decision },
		"what a verdict needs"),
	field("planning", planningKind, func(r *Release) *Planning { return &r.Planning },
		"what is expected of the traffic"),
	field("judge", optional(judgeKind), func(r *Release) **Judge { return &r.Judge },
		"who judges dialogues, and how many").absent("nothing is judged"),
	field("jobs", jobsKind, func(r *Release) *Jobs { return &r.Jobs },
		"when jobs run beside a server"),
	field("webhooks", list(webhookKind), func(r *Release) *[]Webhook { return &r.Webhooks },
		"who is told what happens").absent("nobody is told"),
	field("retention", retentionKind, func(r *Release) *Retention { return &r.Retention },
		"how long the lake keeps what"),
	field("privacy", privacyKind, func(r *Release) *Privacy { return &r.Privacy },
		"what is taken out of texts and ids"),
	field("journal", journalKind, func(r *Release) *Journal { return &r.Journal },
		"how safely requests are written down"),
	field("response_header", or(truth, true), func(r *Release) *bool { return &r.ResponseHeader },
		"answers say in X-Weir-Version which version gave them; off where users must stay blind"),
}
