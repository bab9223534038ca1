package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/internal/control"
	"weir/internal/live"
	"weir/internal/machine"
	"weir/internal/pilot"
	"weir/rollout"
	"weir/web"
)

func newServe() *cobra.Command {
	var s live.Settings
	var memory jobMemory
	cmd := &cobra.Command{
		Use:   "serve --spec FILE --lake DIR",
		Short: "forward live traffic to the versions, and record it",
		Long: `Serve the application of a spec: forward each request to the version that is
decided on, record it in the lake, and take orders through the control plane
(weir status, ramp, pause, resume, promote, rollback, history; docs/api.md).

SIGHUP reads the spec again: it is built whole and swapped in, streams go on, and
a faulty one changes nothing. SIGTERM takes no new connections, lets requests
under way end, brings all into the lake, and ends with status 0.

The autopilot looks at the release at jobs.analyze, takes the steps of the ramp,
rolls back and promotes by the plan (docs/autopilot.md).

The spec's jobs (judge, analyze, compact, retention) are done at their times, each
in a process aside that is bounded in memory and time; weir status shows how they
went (docs/jobs.md).`,
		Example: `  WEIR_TOKEN=secret weir serve --spec weir.yaml --lake lake
  weir serve --spec weir.yaml --lake lake --tokens tokens.txt --listen :8080`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd, &s, memory.bytes()) },
	}
	s.Flags(cmd.Flags())
	cmd.Flags().Var(&memory, "job-memory", "memory that one job's process may have, such as 2GiB (default: half of the machine's, 4GiB at the most)")
	return cmd
}

// serve serves until the command's context is done; jobs may have so many bytes of memory each.
func serve(cmd *cobra.Command, s *live.Settings, memory int64) error {
	if cmd.Flags().Changed("healthcheck") {
		return live.Ready(cmd.Context(), s.Healthcheck)
	}
	o, err := s.Options(cmd.ErrOrStderr(), os.Getenv)
	if err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	o.Hangup = hangup
	machine.RelaxGC()
	release, err := o.Spec()
	if err != nil {
		return err
	}
	var l *live.Live
	looks := app.Looks{Lake: s.Lake, State: s.State, App: release.App}
	o.Verdict = app.LatestVerdict{Lake: s.Lake, Look: looks.Path(), Current: func() (string, string) {
		r := release
		if l != nil { // New asks too, before it returns
			r = l.Steering().Current().Release
		}
		return r.App, r.Release
	}}
	o.Pages = web.New(web.Dashboard, web.Dialogues)
	dialogues := reader(s, o.Log)
	o.Dialogues = dialogues
	o.Beside = append(o.Beside, func(ctx context.Context, _ *live.Live) error { return dialogues.Run(ctx) })
	work := newWorkshop(s, release.App, memory, o.Log)
	var steers *pilot.Pilot
	work.look = func(ctx context.Context) (string, error) { return steers.Look(ctx) }
	work.elsewhere = func() bool { return steers.Waits() }
	o.Helm = &control.Helm{}
	o.Beside = append(o.Beside,
		func(ctx context.Context, _ *live.Live) error { return work.Run(ctx) },
		func(ctx context.Context, _ *live.Live) error { return steers.Run(ctx) })
	o.Metrics = append(o.Metrics, jobMetrics{work.Runner})
	o.Jobs, o.Reloaded = work.Status, work.reloaded
	if l, err = live.New(o); err != nil {
		return err
	}
	steers = pilot.New(pilot.Options{
		Plane:  pilot.Local{Steering: l.Steering(), Helm: o.Helm, Holder: "weir serve", Now: time.Now},
		Memory: looks, Now: time.Now, Log: o.Log,
		NextLook: func() time.Time { return work.next("analyze") },
		Analyze: func(ctx context.Context, asOf time.Time) (rollout.Record, error) {
			if err := l.Flush(); err != nil { // so that it sees what was recorded
				return rollout.Record{}, err
			}
			return work.analyze(ctx, asOf)
		},
	})
	if err := work.set(l.Steering().Current().Release); err != nil {
		return errors.Join(err, l.Close())
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "weir: %s\n", l.Greeting())
	return l.Run(cmd.Context())
}
