package pilot

import (
	"context"
	"errors"
	"time"

	"weir/internal/control"
	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout/autopilot"
	"weir/rollout/spec"
)

// A Plane is the control plane as an autopilot needs it.
type Plane interface {
	// See is what the release has come to, now.
	See(ctx context.Context) (Seen, error)
	// Show takes the helm, or keeps it, and shows a course. [ErrHeld] says that
	// another steers.
	Show(ctx context.Context, c control.Course) error
	// Act takes an action that was decided on the change seen. [ErrChanged] says that
	// another change came first, [ErrHeld] that another steers; anything else is a
	// refusal, or what failed. The change is durable when it returns nil.
	Act(ctx context.Context, seen int64, a steering.Action) error
}

var (
	// ErrHeld says that another autopilot steers the release.
	ErrHeld = errors.New("another autopilot steers this release, so this one waits")
	// ErrChanged says that the state is not the one that was decided on.
	ErrChanged = errors.New("the state has changed meanwhile")
)

// heldBy is ErrHeld in the words of whoever knows by whom.
type heldBy struct{ words string }

func (h heldBy) Error() string { return h.words }

func (heldBy) Is(target error) bool { return target == ErrHeld }

// A Seen is what a release has come to.
type Seen struct {
	Seq     int64 // of the last change
	Release *spec.Release
	State   autopilot.State
}

// Local is the control plane of the process that the autopilot is part of.
type Local struct {
	Steering *steering.Steering
	Helm     *control.Helm
	Holder   string
	Now      func() time.Time
}

var _ Plane = Local{}

// See reads the last change.
func (l Local) See(context.Context) (Seen, error) {
	c := l.Steering.Current()
	return Seen{c.Seq, c.Release, stateOf(c.Entry)}, nil
}

// Show takes the helm for as long as the process lives.
func (l Local) Show(_ context.Context, c control.Course) error {
	return heldHere(l.Helm.Take(l.Holder, l.Now(), time.Time{}, &c))
}

func heldHere(err error) error {
	var held *control.HeldError
	if errors.As(err, &held) {
		return heldBy{held.Error()}
	}
	return err
}

// Act changes the state.
func (l Local) Act(_ context.Context, seen int64, a steering.Action) error {
	a.Actor, a.After = control.AutopilotActor, seen
	_, err := l.Steering.Do(a)
	var conflict *ledger.ConflictError
	if errors.As(err, &conflict) {
		return ErrChanged
	}
	return err
}

// stateOf is the state after a change, as the decision wants it.
func stateOf(e ledger.Entry) autopilot.State {
	s := e.State
	return autopilot.State{
		Share: s.Share, Epoch: s.Epoch, Step: s.Step,
		Paused: s.Paused, Halted: s.Halted, Breaker: s.Breaker != "", RolledBack: s.RolledBack, Promoted: s.Promoted,
		Header: s.Header != "", Invalid: s.Invalid, InvalidAt: s.InvalidAt,
		ShareSince: s.ShareSince, ChangedAt: e.At, LastStepAt: s.LastStepAt, PreviousEnd: s.PreviousEnd,
	}
}
