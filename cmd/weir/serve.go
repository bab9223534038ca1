package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/internal/live"
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

The spec's jobs (judge, analyze, compact, retention) are done at their times, each
in a process aside that is bounded in memory and time; weir status shows how they
went (docs/jobs.md).`,
		Example: `  WEIR_TOKEN=secret weir serve --spec weir.yaml --lake lake
  weir serve --spec weir.yaml --lake lake --tokens tokens.txt --listen :8080`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
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
			release, err := o.Spec()
			if err != nil {
				return err
			}
			var l *live.Live
			o.Verdict = app.LatestVerdict{Lake: s.Lake, Current: func() (string, string) {
				r := release
				if l != nil { // New asks too, before it returns
					r = l.Steering().Current().Release
				}
				return r.App, r.Release
			}}
			o.Pages = web.New(web.Dashboard, web.Dialogues)
			dialogues := reader(&s, o.Log)
			o.Dialogues = dialogues
			o.Beside = append(o.Beside, func(ctx context.Context, _ *live.Live) error { return dialogues.Run(ctx) })
			work := newWorkshop(&s, release.App, memory.bytes(), o.Log)
			o.Beside = append(o.Beside, func(ctx context.Context, _ *live.Live) error { return work.Run(ctx) })
			o.Metrics = append(o.Metrics, jobMetrics{work.Runner})
			o.Jobs, o.Reloaded = work.Status, work.reloaded
			if l, err = live.New(o); err != nil {
				return err
			}
			if err := work.set(l.Steering().Current().Release); err != nil {
				return errors.Join(err, l.Close())
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "weir: %s\n", l.Greeting())
			return l.Run(cmd.Context())
		},
	}
	s.Flags(cmd.Flags())
	cmd.Flags().Var(&memory, "job-memory", "memory that one job's process may have, such as 2GiB (default: half of the machine's, 4GiB at the most)")
	return cmd
}
