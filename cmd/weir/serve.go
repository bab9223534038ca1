package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/internal/live"
	"weir/web"
)

func newServe() *cobra.Command {
	var s live.Settings
	var compact time.Duration
	cmd := &cobra.Command{
		Use:   "serve --spec FILE --lake DIR",
		Short: "forward live traffic to the versions, and record it",
		Long: `Serve the application of a spec: forward each request to the version that is
decided on, record it in the lake, and take orders through the control plane
(weir status, ramp, pause, resume, promote, rollback, history; docs/api.md).

SIGHUP reads the spec again: it is built whole and swapped in, streams go on, and
a faulty one changes nothing. SIGTERM takes no new connections, lets requests
under way end, brings all into the lake, and ends with status 0.

Where the spec has jobs.judge, weir judge runs at these times in a process aside.`,
		Example: `  WEIR_TOKEN=secret weir serve --spec weir.yaml --lake lake
  weir serve --spec weir.yaml --lake lake --tokens tokens.txt --listen :8080`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := s.Options(cmd.ErrOrStderr(), os.Getenv)
			if err != nil {
				return err
			}
			hangup := make(chan os.Signal, 1)
			signal.Notify(hangup, syscall.SIGHUP)
			defer signal.Stop(hangup)
			o.Hangup = hangup
			var l *live.Live
			o.Verdict = app.LatestVerdict{Lake: s.Lake, Current: func() (name, release string) {
				r := l.Steering().Current().Release
				return r.App, r.Release
			}}
			o.Pages = web.New(web.Dashboard, web.Dialogues)
			if compact > 0 {
				o.Beside = append(o.Beside, tidy(compact, &s, o.Log))
			}
			release, err := o.Spec()
			if err != nil {
				return err
			}
			if release.Jobs.Judge != "" {
				j, err := judgeJob(release.Jobs, &s, o.Log)
				if err != nil {
					return err
				}
				o.Beside = append(o.Beside, func(ctx context.Context, _ *live.Live) error { return j.Run(ctx) })
				o.Metrics = append(o.Metrics, jobMetrics{j})
			}
			if l, err = live.New(o); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "weir: %s\n", l.Greeting())
			return l.Run(cmd.Context())
		},
	}
	s.Flags(cmd.Flags())
	cmd.Flags().DurationVar(&compact, "compact", time.Hour, "how often small files of the lake are merged and old days dropped, in a process aside; 0: never")
	return cmd
}
