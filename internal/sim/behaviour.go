package sim

import "math"

// maxRequests cuts the geometric law of requests a session.
const maxRequests = 40

// Scales of the lognormal laws: standard deviations of the logarithm.
const (
	latencySigma = 0.6
	inputSigma   = 0.5
	outputSigma  = 0.7
)

// A behaviour is how one version acts during one phase: the laws of a
// session's requests and outcomes.
type behaviour struct {
	requests float64 // mean of the geometric law of requests a session, before its cut at maxRequests

	resolved       float64 // rate of sessions
	resolvedHours  float64 // mean time until a resolution is known, exponential
	handoff        float64 // rate of sessions; resolved + handoff <= 1, and no session is both
	satisfied      float64 // rate of sessions that would score 4 or 5, the others 1 to 3, each alike
	answersHappy   float64 // share of the satisfied that do score
	answersUnhappy float64 // share of the others that do
	events         []event // further outcomes

	errors  float64 // rate of requests
	prone   float64 // share of sessions in which all errors lie; at least errors
	failure string  // error_type; empty: a mixture

	latency float64 // median of answered requests, ms
	input   float64 // median tokens of a request
	output  float64 // median tokens of an answer
	verbose bool    // answers in contents are long

	fallback       float64 // share of sessions that stable serves because the version cannot be reached
	lost           float64 // share of sessions whose exchanges never reach the lake
	lostUnresolved float64 // the same, of the unresolved ones only
	unreachable    bool    // stable answers in its place, after a failed attempt at every request
}

// An event is a binary outcome of a session.
type event struct {
	name string
	rate float64
}

// usual is the stable version of most scenarios.
func usual() behaviour {
	return behaviour{
		requests: 3.6,
		resolved: 0.62, resolvedHours: 3, handoff: 0.09,
		satisfied: 0.7, answersHappy: 0.35, answersUnhappy: 0.35,
		errors: 0.01, prone: 0.25,
		latency: 1400, input: 900, output: 180,
	}
}

// changed returns b after the given change; b stays as it is.
func (b behaviour) changed(change func(*behaviour)) behaviour {
	change(&b)
	return b
}

// standingIn is stable's behaviour b towards a session of the candidate that
// it answers because the candidate cannot be reached.
func (b behaviour) standingIn() behaviour {
	b.unreachable, b.errors = true, 0
	return b
}

// errorRate is the share of requests that count as the version's errors.
func (b behaviour) errorRate() float64 {
	if b.unreachable {
		return 1
	}
	return b.errors
}

// meanRequests is the mean of the cut geometric law.
func (b behaviour) meanRequests() float64 {
	mean, more := 0.0, 1.0
	for range maxRequests {
		mean += more
		more = mul(more, b.continues())
	}
	return mean
}

// continues is the probability that a request is followed by another.
func (b behaviour) continues() float64 { return 1 - 1/b.requests }

// meanTokens is the mean of input and of output tokens of an answered request.
func (b behaviour) meanTokens() (input, output float64) {
	return b.input * math.Exp(inputSigma*inputSigma/2), b.output * math.Exp(outputSigma*outputSigma/2)
}

// meanScore is the mean satisfaction if everybody scored.
func (b behaviour) meanScore() float64 { return 4.5*b.satisfied + 2*(1-b.satisfied) }

// A law is a behaviour as it is drawn from: rates as thresholds of standard
// normal variables, so that they can depend on each other.
type law struct {
	behaviour
	resolvedBelow  float64
	handoffAbove   float64
	satisfiedBelow float64
	requestsAbove  []float64 // a session has more than k+1 requests above the k-th
	errorsIfProne  float64
}

func lawOf(b behaviour) law {
	l := law{
		behaviour:      b,
		resolvedBelow:  quantile(b.resolved),
		handoffAbove:   quantile(1 - b.handoff),
		satisfiedBelow: quantile(b.satisfied),
		requestsAbove:  make([]float64, maxRequests-1),
	}
	more := 1.0
	for k := range l.requestsAbove {
		more = mul(more, b.continues())
		l.requestsAbove[k] = quantile(1 - more)
	}
	l.prone = max(b.prone, b.errors)
	if b.errors > 0 {
		l.errorsIfProne = b.errors / l.prone
	}
	return l
}

// count is the number of requests of a session whose standard normal length is z.
func (l law) count(z float64) int {
	n := 1
	for n < maxRequests && z > l.requestsAbove[n-1] {
		n++
	}
	return n
}
