package pilot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"weir/internal/control"
	"weir/internal/control/client"
	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout/autopilot"
	"weir/rollout/spec"
)

// Remote is the control plane of another process, over HTTP.
type Remote struct {
	Client client.Client
	// Spec reads the specification of the release that the server serves.
	Spec   func() (*spec.Release, error)
	Holder string
	// Hold is how long the helm is taken for at a time.
	Hold time.Duration
}

var _ Plane = Remote{}

// See asks for the deployment. The specification must make the promise that the
// server's makes.
func (r Remote) See(ctx context.Context) (Seen, error) {
	d, err := r.Client.Deployment(ctx)
	if err != nil {
		return Seen{}, err
	}
	release, err := r.Spec()
	if err != nil {
		return Seen{}, err
	}
	if release.Release != d.Release || release.Promise() != d.Promise {
		return Seen{}, fmt.Errorf("the server is at release %s with promise %.12s, and the spec here says release %s with promise %.12s: give both the same spec, and reload the server",
			d.Release, d.Promise, release.Release, release.Promise())
	}
	return Seen{d.Changed.Seq, release, remoteState(d)}, nil
}

// Show takes the helm for a while.
func (r Remote) Show(ctx context.Context, c control.Course) error {
	_, err := r.Client.TakeHelm(ctx, r.Holder, r.Hold, &c)
	return known(err)
}

// Leave gives the helm back, as soon as the server lets go of one. What was shown stays.
func (r Remote) Leave(ctx context.Context) error {
	_, err := r.Client.TakeHelm(ctx, r.Holder, time.Second, nil)
	return known(err)
}

// Act asks for an action.
func (r Remote) Act(ctx context.Context, seen int64, a steering.Action) error {
	action := map[string]any{"kind": string(a.Kind), "reason": a.Reason, "record": a.Record, "look_at": a.LookAt}
	if a.Kind == ledger.KindStep {
		action["share"] = float64(a.Share)
	}
	_, err := r.Client.Steer(ctx, r.Holder, seen, action)
	return known(err)
}

// known is the error of this package where the server's answer is one.
func known(err error) error {
	var answer *client.Error
	if !errors.As(err, &answer) {
		return err
	}
	switch {
	case answer.Status == http.StatusPreconditionFailed:
		return ErrChanged
	case answer.Code == "held" || answer.Code == "no_helm":
		return heldBy{answer.Message}
	}
	return err
}

// remoteState is the state that a deployment tells of. What it tells of first
// hides what comes behind: a breaker that is open hides a halt, and both hold all
// back.
func remoteState(d control.Deployment) autopilot.State {
	s := autopilot.State{
		Share: spec.Share(d.Share), Epoch: d.Epoch,
		Halted: d.State == "halted", Breaker: d.Breaker != nil, RolledBack: d.State == "rolled_back", Promoted: d.State == "promoted",
		Paused: d.State == "paused", Header: d.Traffic.Strategy == string(ledger.StrategyHeader),
		Invalid: d.InvalidLooks, ShareSince: d.ShareSince, ChangedAt: d.Changed.At,
	}
	if d.Ramp != nil {
		s.Step, s.Paused = d.Ramp.Step, d.Ramp.Paused
		s.LastStepAt = at(d.Ramp.LastStepAt)
	}
	s.InvalidAt, s.PreviousEnd = at(d.InvalidAt), at(d.PreviousEnd)
	return s
}

// at is a time that may be null.
func at(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
