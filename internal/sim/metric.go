package sim

import "math"

// A metric is one line of the spec and what is true of it.
type metric struct {
	name, role, per, value string
	rest                   string // further keys of the spec, as YAML
	mature                 string // mature_after; empty: the spec's default
	good, margin           string

	// mean is the expected sum of the metric over a session, and the expected
	// count it is divided by; nil for a quantile.
	mean func(behaviour) ratio
	// seen is the same over what is in the lake, where that differs.
	seen func(behaviour) ratio
	// median is proportional to all quantiles; nil for means.
	median func(behaviour) float64
	// absolute says that the level itself is known, not only the versions' ratio.
	absolute bool
}

// A ratio is a numerator and a denominator, both per assigned session.
type ratio struct{ above, below float64 }

func (r ratio) times(w float64) ratio { return ratio{r.above * w, r.below * w} }
func (r ratio) plus(o ratio) ratio    { return ratio{r.above + o.above, r.below + o.below} }
func (r ratio) value() float64        { return r.above / r.below }

// perSession is a mean over sessions.
func perSession(f func(behaviour) float64) func(behaviour) ratio {
	return func(b behaviour) ratio { return ratio{f(b), 1} }
}

func resolution() metric {
	return metric{name: "resolution", role: "goal", per: "session", value: "resolved", good: "up", margin: "3pp", absolute: true,
		rest: "missing: zero", mature: "24h",
		mean: perSession(func(b behaviour) float64 { return b.resolved }),
		seen: func(b behaviour) ratio {
			unresolved := (1 - b.resolved) * (1 - b.lostUnresolved)
			return ratio{b.resolved, b.resolved + unresolved}.times(1 - b.lost)
		}}
}

func handoff() metric {
	return metric{name: "handoff", role: "guardrail", per: "session", value: "handoff", good: "down", margin: "2pp", absolute: true,
		rest: "missing: zero", mature: "24h",
		mean: perSession(func(b behaviour) float64 { return b.handoff })}
}

func errorRate() metric {
	return metric{name: "errors", role: "guardrail", per: "request", value: "error", good: "down", margin: "1pp", absolute: true,
		mean: func(b behaviour) ratio { return ratio{b.errorRate(), 1}.times(b.meanRequests()) }}
}

func latencyP95() metric {
	return metric{name: "latency_p95", role: "guardrail", per: "request", value: "latency_ms", good: "down", margin: "10%", absolute: true,
		rest: "rows: ok, quantile: 0.95", median: func(b behaviour) float64 { return b.latency }}
}

func ttftP95() metric {
	return metric{name: "ttft_p95", role: "guardrail", per: "request", value: "ttft_ms", good: "down", margin: "10%",
		rest: "rows: ok, quantile: 0.95", median: func(b behaviour) float64 { return b.latency }}
}

func tokens() metric {
	return metric{name: "tokens", role: "guardrail", per: "session", value: "total_tokens", good: "down", margin: "15%", absolute: true,
		rest: "agg: sum, cap: p99",
		mean: perSession(func(b behaviour) float64 {
			input, output := b.meanTokens()
			return b.meanRequests() * (input + (1-b.errors)*output)
		})}
}

// cost is proportional to tokens where both versions use the same mixture of models.
func cost() metric {
	return metric{name: "cost", role: "monitor", per: "session", value: "cost_usd", good: "down", rest: "agg: sum",
		mean: perSession(func(b behaviour) float64 { return b.input + b.output })}
}

func satisfaction() metric {
	return metric{name: "satisfaction", role: "monitor", per: "session", value: "satisfaction", good: "up", absolute: true,
		rest: "missing: exclude", mature: "24h",
		mean: perSession(behaviour.meanScore),
		seen: func(b behaviour) ratio {
			happy, unhappy := b.satisfied*b.answersHappy, (1-b.satisfied)*b.answersUnhappy
			return ratio{4.5*happy + 2*unhappy, happy + unhappy}
		}}
}

func compliance() metric {
	return metric{name: "compliance", role: "monitor", per: "session", value: "compliance", good: "up", absolute: true,
		mean: perSession(func(b behaviour) float64 {
			if b.unreachable {
				return 0
			}
			return 1
		})}
}

// outcomeGoal is an outcome that happens or does not, as a goal.
func outcomeGoal(name string) metric {
	return metric{name: name, role: "goal", per: "session", value: name, good: "up", margin: "3pp", absolute: true,
		rest: "agg: any, missing: zero", mature: "24h",
		mean: perSession(func(b behaviour) float64 {
			for _, e := range b.events {
				if e.name == name {
					return e.rate
				}
			}
			return math.NaN()
		})}
}

// usualMetrics are the default metrics of a spec without any.
func usualMetrics() []metric {
	return []metric{resolution(), handoff(), errorRate(), latencyP95(), ttftP95(), tokens(), satisfaction(), compliance()}
}

// as returns the metric in another role, with another margin.
func (m metric) as(role, margin string) metric {
	m.role, m.margin = role, margin
	return m
}

// relativeOnly returns the metric without a claim about its level.
func (m metric) relativeOnly() metric {
	m.absolute = false
	return m
}
