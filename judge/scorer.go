package judge

import (
	"context"
	"errors"
	"math"
	"time"
)

// measured notes what an ask took beside its calls: making the question, sending it,
// reading and keeping the answer. One with a call that failed, was repeated, or of
// which the service's part is not known says nothing.
func (e *examiner) measured(ask func() (Score, error)) (Score, error) {
	began := e.clock.Now()
	s, err := ask()
	if n := s.Spent.timed; n > 0 && n == s.Spent.Calls && err == nil {
		e.count.own.add((e.clock.Now().Sub(began) - s.Spent.waited) / time.Duration(n))
	}
	return s, err
}

// score asks one member about one dialogue. The error ends the run, or leaves
// the item open; what is wrong with the item alone is in the score.
func (e *examiner) score(ctx context.Context, w *wording, samples int, d Dialogue, subject string, fresh bool) (Score, error) {
	s, err := e.repeated(ctx, w.pointwise(d), samples, subject, fresh)
	if err != nil || !d.injected() {
		return s, err
	}
	s.Flags = union(s.Flags, []Flag{FlagInjection})
	if s.Error != "" {
		return s, nil
	}
	without, err := e.repeated(ctx, w.pointwise(d.redacted()), samples, subject, fresh)
	if err != nil {
		return s, err
	}
	return lower(w.rubric, s, without), nil
}

// compare asks one member about one pair in one order. Nothing a pair holds can
// raise its score: where one side speaks to the judge, what counts is the
// judgment without it.
func (e *examiner) compare(ctx context.Context, w *wording, samples int, pair []Dialogue, order Order, subject string) (Score, error) {
	marked := pair[0].injected() || pair[1].injected()
	control, treatment := pair[0], pair[1]
	if marked {
		control, treatment = control.redacted(), treatment.redacted()
	}
	s, err := e.repeated(ctx, w.pairwise(control, treatment, order), samples, subject, false)
	if marked {
		s.Flags = union(s.Flags, []Flag{FlagInjection})
	}
	return s, err
}

// lower takes criterion by criterion the lower score: text that speaks to the
// judge never raises one.
func lower(r *Rubric, s, without Score) Score {
	if without.Error != "" {
		without.Flags, without.Spent = s.Flags, s.Spent.Add(without.Spent)
		return without
	}
	out := s
	out.Shares, out.Written = make([]float64, len(s.Shares)), make([]string, len(s.Shares))
	for i := range s.Shares {
		out.Shares[i], out.Written[i] = s.Shares[i], s.Written[i]
		if without.Shares[i] < s.Shares[i] {
			out.Shares[i], out.Written[i] = without.Shares[i], without.Written[i]
		}
	}
	out.Whole = r.Whole(out.Shares)
	out.Mass = min(s.Mass, without.Mass)
	out.Spent = s.Spent.Add(without.Spent)
	return out
}

// repeated puts a task once where the answer's probabilities can be read, and
// otherwise as often as asked, and averages.
func (e *examiner) repeated(ctx context.Context, t task, samples int, subject string, fresh bool) (Score, error) {
	if e.probabilities() {
		a, err := e.answer(ctx, t, subject, fresh)
		if err != nil || a.Probable || samples == 1 {
			return e.settled(t, []answer{a}, err)
		}
		e.plain.Store(true) // asked for, and not given
	}
	if samples == 1 {
		a, err := e.answer(ctx, t, subject, fresh)
		return e.settled(t, []answer{a}, err)
	}
	var answers []answer
	for n := range samples {
		a, err := e.answer(ctx, t.again(n), subject, fresh)
		if err != nil {
			return e.settled(t, append(answers, a), err)
		}
		answers = append(answers, a)
	}
	return e.settled(t, answers, nil)
}

// settled makes a score of answers, or of the error that ended them. An error
// that is not the item's own is handed on.
func (e *examiner) settled(t task, answers []answer, err error) (Score, error) {
	criteria := len(t.rubric.Criteria)
	spent := Spent{}
	for _, a := range answers {
		spent = spent.Add(a.Spent)
	}
	if e.member.Price == nil {
		spent.USD = math.NaN()
	}
	if err != nil {
		s := missing(criteria, reasonOf(err))
		s.Spent, s.Model = spent, e.member.Name
		if e.fatal(err) {
			return s, err
		}
		return s, nil
	}
	first := answers[0]
	s := Score{
		Shares: make([]float64, criteria), Written: first.Written, Reasons: first.Reasons, Mass: 1, Spent: spent,
		Model: e.member.Name, Fingerprint: first.Fingerprint,
	}
	for _, a := range answers {
		for i, share := range a.Shares {
			s.Shares[i] += share / float64(len(answers))
		}
		s.Mass = min(s.Mass, a.Mass)
		if a.Repaired {
			s.Flags = union(s.Flags, []Flag{FlagRepaired})
		}
	}
	if s.Mass < lowMass {
		s.Flags = union(s.Flags, []Flag{FlagLowMass})
	}
	s.Whole = t.rubric.Whole(s.Shares)
	return s, nil
}

// reasonOf is the word for an error in rows.
func reasonOf(err error) string {
	if errors.Is(err, errUnreadable) {
		return errUnreadable.Error()
	}
	return string(faultOf(err))
}

// fatal reports whether an error is not the item's own: the budget's, the
// caller's, or one that every call would meet. What a service does not know it
// refuses from the beginning: later it refuses this item.
func (e *examiner) fatal(err error) bool {
	var exhausted *Exhausted
	if errors.As(err, &exhausted) || errors.Is(err, context.Canceled) {
		return true
	}
	if errors.Is(err, errUnreadable) {
		return false
	}
	fault := faultOf(err)
	return fault == Unauthorized || fault == Unsupported && !e.worked.Load()
}
