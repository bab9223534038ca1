package sim

import "weir/trace"

// appendOutcomes adds what becomes known of a session after its end. A lost
// session has outcomes too: they were reported by someone else.
func (g *generator) appendOutcomes(to []trace.Outcome, s *session, random source) []trace.Outcome {
	add := func(name string, value float64, after float64) {
		at := s.ended + int64(after)
		to = append(to, trace.Outcome{
			OutcomeID: s.id + "-" + name, App: g.App, SessionID: s.id, Name: name, Value: value,
			Source: "simulated", OccurredAt: moment(at), ReceivedAt: moment(at + 2*second),
		})
	}
	known := random.exponential(mul(s.law.resolvedHours, float64(hourMicros)), mul(g.resolvedLimit, float64(hourMicros)))
	switch {
	case s.resolved:
		add(trace.OutcomeResolved, 1, known)
	case random.chance(0.3):
		add(trace.OutcomeResolved, 0, known)
	}
	if s.handoff {
		add(trace.OutcomeHandoff, 1, 0)
	}
	if score := s.score(random); score > 0 {
		add(trace.OutcomeSatisfaction, float64(score), mul(1800*second, random.uniform()))
	}
	for _, e := range s.law.events {
		if random.chance(e.rate) {
			add(e.name, 1, mul(float64(hourMicros), random.uniform()))
		}
	}
	return to
}

// score is the satisfaction that the session's user reports; 0 is none.
func (s *session) score(random source) int {
	if s.satisfied {
		if !random.chance(s.law.answersHappy) {
			return 0
		}
		return 4 + random.below(2)
	}
	if !random.chance(s.law.answersUnhappy) {
		return 0
	}
	return 1 + random.below(3)
}
