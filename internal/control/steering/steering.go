package steering

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"weir/internal/control/ledger"
	"weir/rollout/spec"
	"weir/router"
	"weir/trace"
)

// Options are what a Steering works with. Ledger, Release and Now are needed.
type Options struct {
	Release *spec.Release
	Ledger  *ledger.Ledger
	Now     func() time.Time
	// Drawn tells whether units of a release came to its candidate, or were
	// drawn for it; nil: always.
	Drawn func(release string) bool
	// Publish puts a plan in force for the requests that come from then on; nil:
	// nobody is told. It is called before New returns.
	Publish func(*router.Plan)
	// Record is given every change, after it is written; nil: nobody is.
	Record func(trace.Event)
}

// A Steering is what an application's release has come to, and the one place
// where that changes. Its methods may be called from several goroutines.
type Steering struct {
	options Options

	mu      sync.Mutex // held while something changes
	now     sync.RWMutex
	current Current
}

// A Current is the release in force and the last change.
type Current struct {
	Release *spec.Release
	ledger.Entry
}

// ErrNotDurable says that a change is in force and could not be written down:
// a restart would not know of it.
var ErrNotDurable = errors.New("it is in force, but not written down, and would be gone after a restart")

// New goes on with what the ledger holds of the release, or begins it. An error
// says what the specification changed that this release cannot have.
func New(o Options) (*Steering, error) {
	if o.Drawn == nil {
		o.Drawn = func(string) bool { return true }
	}
	s := &Steering{options: o}
	if err := s.enter(o.Release, "weir", o.Publish); err != nil {
		return nil, err
	}
	return s, nil
}

// Current is the release in force and the last change.
func (s *Steering) Current() Current {
	s.now.RLock()
	defer s.now.RUnlock()
	return s.current
}

func (s *Steering) set(c Current) {
	s.now.Lock()
	defer s.now.Unlock()
	s.current = c
}

// Rules are the rules in force.
func (s *Steering) Rules() []spec.Rule {
	c := s.Current()
	return Rules(c.Release, c.State)
}

// Drawn tells whether units came to the candidate of the release in force.
func (s *Steering) Drawn() bool { return s.options.Drawn(s.Current().Entry.Release) }

// History are all changes, the first first.
func (s *Steering) History() ([]ledger.Entry, error) { return s.options.Ledger.Entries() }

// Do takes an action. The change is on the disk and in force when it returns;
// an action that changes nothing returns the last change again. The error is a
// *[Refusal], a *[ledger.ConflictError], [ErrNotDurable], or the disk's.
func (s *Steering) Do(a Action) (ledger.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.Current()
	if a.After != 0 && a.After != c.Seq {
		return c.Entry, &ledger.ConflictError{Expected: a.After, Found: c.Seq}
	}
	now := s.options.Now().UTC()
	next, err := Next(c.Release, c.State, a, s.options.Drawn(c.Entry.Release), now)
	if err != nil || next == c.State {
		return c.Entry, err
	}
	return s.change(c.Release, s.entry(c.Release, a, next, now), s.options.Publish)
}

// entry is the line of an action that leads to a state now.
func (s *Steering) entry(r *spec.Release, a Action, next ledger.State, now time.Time) ledger.Entry {
	return ledger.Entry{
		At: now, Actor: a.Actor, Kind: a.Kind, Reason: a.Reason, Record: a.Record,
		App: r.App, Release: r.Release, Promise: r.Promise(), State: next,
	}
}

// change writes a change and puts it in force; an urgent one the other way
// round.
func (s *Steering) change(r *spec.Release, e ledger.Entry, publish func(*router.Plan)) (ledger.Entry, error) {
	plan, err := planOf(r, e.State)
	if err != nil {
		return s.Current().Entry, err
	}
	if urgent(e.Kind) {
		publish(plan)
	}
	written, err := s.options.Ledger.Append(s.options.Ledger.Last().Seq, e)
	if err != nil {
		return s.unwritten(r, e, err)
	}
	if !urgent(e.Kind) {
		publish(plan)
	}
	s.set(Current{r, written})
	s.record(written)
	return written, nil
}

// unwritten keeps an urgent change in force that could not be written. It has
// the number of the change before.
func (s *Steering) unwritten(r *spec.Release, e ledger.Entry, err error) (ledger.Entry, error) {
	if !urgent(e.Kind) {
		return s.Current().Entry, err
	}
	e.Seq = s.Current().Seq
	s.set(Current{r, e})
	s.record(e)
	return e, fmt.Errorf("%w: %w", ErrNotDurable, err)
}

func (s *Steering) record(e ledger.Entry) {
	if s.options.Record == nil {
		return
	}
	s.options.Record(trace.Event{
		EventID: fmt.Sprintf("%s-%s-%d-%s", e.App, e.Release, e.Seq, e.Kind),
		App:     e.App, Release: e.Release, Kind: string(e.Kind), Version: versionOf(e.Kind, s.Current().Release),
		Epoch: new(e.State.Epoch), Share: new(float64(e.State.InForce())),
		Actor: e.Actor, Detail: e.Reason, OccurredAt: e.At,
	})
}

// versionOf is the version that a change is about.
func versionOf(k ledger.Kind, r *spec.Release) string {
	switch k {
	case ledger.KindShare, ledger.KindStep, ledger.KindRollback, ledger.KindPromote, ledger.KindBreaker:
		return r.Candidate
	}
	return ""
}
