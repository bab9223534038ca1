package steering

import (
	"fmt"
	"strings"
	"time"

	"weir/internal/control/ledger"
	"weir/rollout/spec"
	"weir/router"
)

// Reload puts another specification in force: of the same release, whose state
// goes on, or of another, which begins. Publish takes the place of the old one,
// and is called with the plan once the change is written; where it returns an
// error nothing has changed.
func (s *Steering) Reload(r *spec.Release, actor string, publish func(*router.Plan)) (ledger.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if app := s.Current().App; r.App != app {
		return s.Current().Entry, refuse("start another process for it", "the spec is of app %s, and this process serves %s", r.App, app)
	}
	if err := s.enter(r, actor, publish); err != nil {
		return s.Current().Entry, err
	}
	return s.Current().Entry, nil
}

// enter begins a release, or goes on with it.
func (s *Steering) enter(r *spec.Release, actor string, publish func(*router.Plan)) error {
	if publish == nil {
		publish = func(*router.Plan) {}
	}
	last := s.last()
	a := Action{Kind: ledger.KindBegin, Actor: actor}
	now := s.options.Now().UTC()
	state := Begin(now)
	if last.Seq > 0 {
		state.PreviousEnd = end(last, now)
	}
	var amendments []ledger.Amendment
	if last.Seq > 0 && last.Release == r.Release {
		changes, err := amendedFrom(r, s.options.Ledger.Spec())
		if err != nil {
			return err
		}
		a.Kind, state = ledger.KindReload, carried(r, last.State, changes, now)
		if len(changes) == 0 && state == last.State {
			return s.carryOn(r, last, publish)
		}
		amendments, a.Reason = noted(changes), inWords(changes)
	} else if last.Seq > 0 {
		changes, err := s.options.Ledger.Entries()
		if err != nil {
			return err
		}
		changes[len(changes)-1] = last // also where it could not be written
		if a.Reason, err = succeed(r, changes, s.options.Ledger.Spec()); err != nil {
			return err
		}
	}
	e := s.entry(r, a, state, now)
	e.Spec, e.Amendments = r.Steering(), amendments
	if _, err := s.change(r, e, publish); err != nil {
		return err
	}
	s.options.Publish = publish
	return nil
}

// end is when a release ended, of which this was the last change: with that
// change where it is rolled back or promoted, else when another takes its place.
func end(last ledger.Entry, now time.Time) time.Time {
	if last.State.Over() {
		return last.At
	}
	return now
}

// last is the last change: what is in force, also where it could not be
// written down, and at the start what the ledger holds.
func (s *Steering) last() ledger.Entry {
	if e := s.Current().Entry; e.State.Epoch > 0 {
		return e
	}
	return s.options.Ledger.Last()
}

// carryOn goes on with a release to which nothing was changed that is written
// down.
func (s *Steering) carryOn(r *spec.Release, last ledger.Entry, publish func(*router.Plan)) error {
	plan, err := planOf(r, last.State)
	if err != nil {
		return err
	}
	publish(plan)
	s.options.Publish = publish
	s.set(Current{r, last})
	return nil
}

// amendedFrom are what the specification changes of the one that the ledger
// holds, or a *[Refusal].
func amendedFrom(r *spec.Release, held []byte) ([]spec.Amendment, error) {
	old, err := spec.Parse("the ledger's spec", held)
	if err != nil {
		return nil, fmt.Errorf("the spec that the ledger holds cannot be read: %w", err)
	}
	changes := spec.Amendments(old, r)
	var refused []string
	for _, c := range changes {
		if c.Change == spec.ChangeRefused {
			refused = append(refused, fmt.Sprintf("%s from %s to %s", c.Path, c.Old, c.New))
		}
	}
	if refused != nil {
		return nil, refuse("write a new release in the spec", "release %s is under way and cannot change %s", r.Release, strings.Join(refused, ", "))
	}
	return changes, nil
}

// carried is the state of a release under another specification.
func carried(r *spec.Release, s ledger.State, changes []spec.Amendment, now time.Time) ledger.State {
	for _, c := range changes {
		if c.Change == spec.ChangeEpoch {
			s.Epoch++
			break
		}
	}
	return climbed(r.Ramp, s, now)
}

func noted(changes []spec.Amendment) []ledger.Amendment {
	out := make([]ledger.Amendment, len(changes))
	for i, c := range changes {
		out[i] = ledger.Amendment{Change: c.Change.String(), Path: c.Path, Metric: c.Metric, Old: c.Old, New: c.New}
	}
	return out
}

func inWords(changes []spec.Amendment) string {
	words := make([]string, len(changes))
	for i, c := range changes {
		words[i] = c.Path + " " + c.Change.String()
	}
	return strings.Join(words, ", ")
}
