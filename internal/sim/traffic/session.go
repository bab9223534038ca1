package traffic

import (
	"context"
	"time"

	"weir/internal/sim/standin"
	"weir/trace"
)

// hold holds the dialogue and hands its outcomes over. A request that fails
// ends it.
func (s *session) hold(ctx context.Context) {
	var truth *standin.Truth
	for i := range s.talk.Turns {
		if i > 0 && !s.Clock.SleepUntil(ctx, s.Clock.Now().Add(s.Think)) {
			return
		}
		answer, ok := s.turn(ctx, i, truth != nil && truth.Resolved)
		if ctx.Err() != nil {
			return
		}
		if !ok {
			break
		}
		if all := standin.ReadTruths(answer.Text); len(all) > 0 {
			truth = &all[len(all)-1]
		}
	}
	s.summary.end(s.version, truth, s.moved)
	s.report(ctx, truth)
}

// turn asks once, and says whether it was answered well.
func (s *session) turn(ctx context.Context, i int, helped bool) (Answer, bool) {
	began := time.Now()
	s.Number = i + 1
	answer, err := s.Protocol.Say(ctx, s.client, s.Target, &s.Dialogue, s.talk.Say(i, helped))
	if ctx.Err() != nil {
		return answer, false
	}
	t := Turn{
		Session: s.Session, User: s.User, Number: i + 1, Version: answer.Version, Trace: answer.Trace,
		Status: answer.Status, Err: err, Begun: began, Took: time.Since(began),
	}
	if s.version != "" && t.Version != "" && s.version != t.Version {
		s.moved = true
	}
	if t.Version != "" {
		s.version = t.Version
	}
	s.summary.turn(t)
	if s.Answered != nil {
		s.Answered(t)
	}
	return answer, err == nil
}

// report hands over what becomes known of the dialogue: of one that failed, that
// it was not resolved.
func (s *session) report(ctx context.Context, truth *standin.Truth) {
	if truth == nil {
		truth = new(standin.Truth)
	}
	now := s.Clock.Now()
	if truth.Resolved {
		s.outcomes.add(s.outcome(trace.OutcomeResolved, 1, now.Add(s.known)))
	}
	if truth.Handoff {
		s.outcomes.add(s.outcome(trace.OutcomeHandoff, 1, now))
	}
	if !s.rated {
		return
	}
	happy := s.whim < 0.15+0.7*truth.Quality
	if r, ok := s.Protocol.(Rater); ok {
		s.summary.rate(r.Rate(ctx, s.client, s.Target, &s.Dialogue, happy))
		return
	}
	stars := 2.0
	if happy {
		stars = 5
	}
	s.outcomes.add(s.outcome(trace.OutcomeSatisfaction, stars, now))
}

func (s *session) outcome(name string, value float64, at time.Time) outcome {
	return outcome{SessionID: s.Session, Name: name, Value: value, Source: "simulated users", OccurredAt: at}
}
