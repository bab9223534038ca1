package sim

import "weir/trace"

// A model is one of those that answer, with its prices in billionths of a
// dollar a token.
type model struct {
	name                  string
	input, output, cached int64
}

// models are those of both versions; the second takes one request in twelve.
var models = [2]model{
	{name: "gpt-4o-mini", input: 150, output: 600, cached: 75},
	{name: "gpt-4o", input: 2500, output: 10000, cached: 1250},
}

// call draws what becomes of one request.
func (g *generator) call(r *row, s *session, random source) {
	z := correlated(g.latencyWeight, s.pace, random.normal())
	r.latency = milliseconds(mul(s.law.latency, exp(mul(latencySigma, z))))
	words := correlated(wordinessShare, s.wordiness, random.normal())
	r.input = random.whole(mul(s.law.input, exp(mul(inputSigma, words))))
	switch {
	case s.law.unreachable:
		g.answer(r, s, z, random)
		r.latency += connecting
		r.ErrorType, r.ServedVersion, r.Reason = "connect_failed", versions[control], trace.ReasonFallback
	case random.chance(s.errorRate):
		fail(r, s.law.failure, random)
	default:
		g.answer(r, s, z, random)
	}
	r.streamed = s.streamed
	r.LatencyMS, r.Status, r.Streamed, r.Truncated = &r.latency, &r.status, &r.streamed, &r.truncated
	r.InputTokens, r.OutputTokens = &r.input, &r.output
}

// answer draws an answered request, whose length goes with its latency.
func (g *generator) answer(r *row, s *session, z float64, random source) {
	r.status, r.UsageSource = 200, trace.UsageReported
	r.output = random.whole(mul(s.law.output, exp(mul(outputSigma, correlated(outputLatency, z, random.normal())))))
	if s.streamed {
		r.ttft = milliseconds(mul(r.latency, 0.15+mul(0.3, random.uniform())))
		r.TTFTMS = &r.ttft
	}
	if g.lean {
		return
	}
	r.upstream = milliseconds(max(0, r.latency-0.2-random.uniform()))
	r.UpstreamMS = &r.upstream
	if r.turn > 1 {
		r.cached = random.whole(mul(mul(0.6, random.uniform()), float64(r.input)))
	}
	r.CachedTokens = &r.cached
	r.bill(models[r.modelOf(random)])
}

// modelOf picks which of the models answers.
func (r *row) modelOf(random source) int {
	if random.chance(1.0 / 12) {
		return 1
	}
	return 0
}

// bill writes the model and what it costs.
func (r *row) bill(m model) {
	r.Model = m.name
	r.cost = float64((r.input-r.cached)*m.input+r.cached*m.cached+r.output*m.output) / 1e9
	r.CostUSD = &r.cost
}

// fail draws a failed request: nothing was answered, so the output is none; the
// input was counted by Weir.
func fail(r *row, failure string, random source) {
	if failure == "" {
		failure = failures[random.below(len(failures))]
	}
	r.ErrorType, r.UsageSource = failure, trace.UsageEstimated
	switch failure {
	case "timeout":
		r.status, r.latency = 504, patience
	case "rate_limited":
		r.status, r.latency = 429, milliseconds(15+mul(20, random.uniform()))
	default:
		r.status, r.latency = 502, milliseconds(50+mul(400, random.uniform()))
	}
}

// failures is the usual mixture.
var failures = [5]string{"timeout", "timeout", "upstream_5xx", "upstream_5xx", "rate_limited"}
