package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"weir/internal/app"
	"weir/internal/control"
	"weir/internal/jobs"
	"weir/internal/live"
	"weir/internal/pilot"
	"weir/rollout"
	"weir/rollout/spec"
)

// How often an autopilot beside a server asks for the state, and for how long it
// takes the helm.
const (
	remotePoll = 5 * time.Second
	remoteHold = time.Minute
)

// A beside is an autopilot beside a server.
type beside struct {
	steerFlags
	settings live.Settings
	memory   jobMemory
	name     string
	once     bool
}

func newAutopilot() *cobra.Command {
	var b beside
	cmd := &cobra.Command{
		Use:   "autopilot --server URL --lake DIR --spec FILE",
		Short: "steer a release from beside weir-router",
		Long: `Steer the release that a server serves: look at its lake at jobs.analyze, take the
steps of the ramp, roll back and promote by the plan, through the control plane.
The spec's other jobs (judge, compact, retention) are done too. weir serve has all
of it built in; this is for weir-router, or for another machine that sees the lake.

Of several autopilots one steers and the others wait: when it is gone, another
takes over within a minute. It may be killed at any time, and goes on with the same
plan. docs/autopilot.md says how.

--once looks, does what is due, says so, and ends: for cron.`,
		Example: `  weir autopilot --server http://127.0.0.1:8081 --token-file token --lake lake --spec weir.yaml
  weir autopilot --once --lake lake --spec weir.yaml`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return b.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&b.server, "server", "http://127.0.0.1:8081", "URL of the control plane")
	flags.StringVar(&b.tokenFile, "token-file", "", "file that holds the token (default: WEIR_TOKEN)")
	flags.StringVar(&b.settings.Spec, "spec", defaultSpec, "release spec, the same as the server's")
	flags.StringVar(&b.settings.Lake, "lake", "lake", "folder of the lake")
	flags.StringVar(&b.settings.State, "state", "", "folder of what looks remember (default: _state in the lake)")
	flags.StringVar(&b.settings.LogFormat, "log", "text", "text or json, on standard error")
	flags.StringVar(&b.name, "name", "", "who steers, in weir status (default: the host's name)")
	flags.BoolVar(&b.once, "once", false, "look once, do what is due, and end")
	flags.Var(&b.memory, "job-memory", "memory that one job's process may have, such as 2GiB (default: half of the machine's, 4GiB at the most)")
	return cmd
}

// run steers until the command is interrupted.
func (b *beside) run(cmd *cobra.Command) error {
	release, _, err := readSpec(b.settings.Spec)
	if err != nil {
		return err
	}
	if err := checkLake(b.settings.Lake); err != nil {
		return err
	}
	b.app, b.format = release.App, steerFormats[0]
	c, err := b.client()
	if err != nil {
		return err
	}
	log, err := logTo(cmd.ErrOrStderr(), b.settings.LogFormat)
	if err != nil {
		return err
	}
	work := newWorkshop(&b.settings, release.App, b.memory.bytes(), log)
	plane := pilot.Remote{Client: c, Spec: b.specs(work, release), Holder: b.holder(), Hold: remoteHold}
	steers := pilot.New(pilot.Options{
		Plane: plane, Memory: app.Looks{Lake: b.settings.Lake, State: b.settings.State, App: release.App},
		Now: time.Now, Poll: remotePoll, NextLook: func() time.Time { return work.next("analyze") }, Log: log,
		Analyze: func(ctx context.Context, asOf time.Time) (rollout.Record, error) { return work.analyze(ctx, asOf) },
	})
	work.look, work.elsewhere = steers.Look, steers.Waits
	defer b.leave(cmd.Context(), plane, steers)
	if b.once {
		return b.onceOnly(cmd, plane, steers, work)
	}
	if err := work.set(release); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "weir: steering %s, release %s, at %s as %s\n", release.App, release.Release, b.server, plane.Holder)
	group, ctx := errgroup.WithContext(cmd.Context())
	group.Go(func() error { return steers.Run(ctx) })
	group.Go(func() error { return work.Run(ctx) })
	return group.Wait()
}

// leaveWithin bounds what giving the helm back may take.
const leaveWithin = 2 * time.Second

// leave gives the helm to whoever waits for it, if it was had; else that takes the time it was held for.
func (b *beside) leave(ctx context.Context, plane pilot.Remote, steers *pilot.Pilot) {
	if steers.Waits() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveWithin)
	defer cancel()
	_ = plane.Leave(ctx) // nobody waits longer than remoteHold
}

// holder is the name at the helm, with something that tells apart who has the same.
func (b *beside) holder() string {
	name := b.name
	if name == "" {
		if host, err := os.Hostname(); err == nil {
			name = host
		}
	}
	return name + "-" + strings.ToLower(rand.Text()[:6])
}

// specs reads the spec each time, so that what the server reloads is seen here too:
// the jobs get the schedules of a spec that has changed.
func (b *beside) specs(work *workshop, first *spec.Release) func() (*spec.Release, error) {
	var mu sync.Mutex
	last, release := "", first
	return func() (*spec.Release, error) {
		raw, err := spec.ReadFile(b.settings.Spec)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		if string(raw) == last {
			return release, nil
		}
		r, err := spec.Parse(b.settings.Spec, raw)
		if err != nil {
			return nil, err
		}
		if r.App != first.App {
			return nil, fmt.Errorf("%s is of app %s now, and this autopilot steers %s: start another", b.settings.Spec, r.App, first.App)
		}
		if last != "" {
			work.reloaded(r)
		}
		last, release = string(raw), r
		return r, nil
	}
}

// onceOnly looks, does what is due, and says what it waits for.
func (b *beside) onceOnly(cmd *cobra.Command, plane pilot.Remote, steers *pilot.Pilot, work *workshop) error {
	ctx := cmd.Context()
	before, err := plane.Client.Deployment(ctx)
	if err != nil {
		return err
	}
	if err := steers.Decide(ctx); err != nil {
		return err
	}
	look, err := work.Now(ctx, jobs.Job{Name: "analyze", Do: steers.Look})
	if err == nil && look.Outcome != jobs.OK {
		err = errors.New(look.Error)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the look failed, and the last one stands: %w", err), steers.Decide(ctx))
	}
	if err := steers.Decide(ctx); err != nil {
		return err
	}
	after, err := plane.Client.Deployment(ctx)
	if err != nil {
		return err
	}
	now, err := plane.Client.Autopilot(ctx)
	if err != nil {
		return err
	}
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "look      %s\n", look.Said)
	if after.Changed.Seq != before.Changed.Seq {
		fmt.Fprintf(w, "done      %s, change %d: %s\n", inWords(after), after.Changed.Seq, after.Changed.Reason)
	}
	if now.Waiting == nil {
		return nil
	}
	_, err = fmt.Fprintf(w, "waits     %s\n", waitingLine(*now.Waiting))
	return err
}

// logTo is a log in a format.
func logTo(w io.Writer, format string) (*slog.Logger, error) {
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	}
	return nil, usage("--log %q: allowed are text and json", format)
}

// waitingLine says what is waited for, and until when.
func waitingLine(w control.Waiting) string {
	if w.Until == nil {
		return w.Reason
	}
	return fmt.Sprintf("%s Until %s.", w.Reason, clockTime(*w.Until))
}

// courseLines are what weir status says of the ramp and who steers.
func courseLines(w io.Writer, d control.Deployment, a control.Autopilot) {
	if d.Ramp != nil {
		fmt.Fprintf(w, "ramp      %s\n", rampLine(*d.Ramp, a, d.State == "rolled_back" || d.State == "promoted"))
	}
	if a.Waiting != nil {
		fmt.Fprintf(w, "waits     %s\n", waitingLine(*a.Waiting))
	}
	if a.Steered {
		line := a.Holder
		if a.NextLook != nil {
			line += ", looks next at " + clockTime(*a.NextLook)
		}
		fmt.Fprintf(w, "steered   by %s\n", line)
	}
	if a.Failure != nil {
		fmt.Fprintf(w, "look      failed %d times in a row, last at %s: %s\n", a.Failure.InARow, clockTime(a.Failure.At), a.Failure.Message)
	}
	for _, warning := range a.Warnings {
		fmt.Fprintf(w, "warning   %s\n", warning)
	}
}

// rampLine marks the steps: ✓ passed, ● the one in force with how far it has come,
// ○ ahead, ▼ where the release was rolled back. A ramp that is over is not paused.
func rampLine(r control.Ramp, a control.Autopilot, over bool) string {
	parts := make([]string, len(a.Steps))
	for i, step := range a.Steps {
		parts[i] = percentage(step.Share) + " " + map[string]string{"passed": "✓", "current": "●", "ahead": "○", "ended": "▼ rolled back"}[step.State]
		if step.State == "current" && a.Steered {
			parts[i] += fmt.Sprintf(" %.0f h of %.0f h, %d of %d units", step.HeldHours, step.HoldHours, step.Mature, step.Units)
		}
		if step.Proof && (step.State == "current" || step.State == "ahead") {
			parts[i] += " waits for proof"
		}
	}
	line := strings.Join(parts, " ─ ")
	if r.Paused && !over {
		line += "   paused"
	}
	return line
}
