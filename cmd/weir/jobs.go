package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weir/internal/jobs"
	"weir/internal/live"
	"weir/rollout/spec"
)

// judgeMemory bounds Go's heap of the process that judges.
const judgeMemory = "1GiB"

// judgeJob judges what the lake has, when the spec says, in a process aside.
// One that is killed has changed nothing but its cache; the next goes on there.
func judgeJob(when spec.Jobs, s *live.Settings, log *slog.Logger) (*jobs.Job, error) {
	zone, err := time.LoadLocation(when.Timezone)
	if err != nil {
		return nil, usage("jobs.timezone: %v", err)
	}
	return &jobs.Job{
		Name: "judge", Schedule: when.Judge, Zone: zone, Log: log,
		Do: func(ctx context.Context) (string, error) {
			return aside{memory: judgeMemory}.run(ctx, judgeArguments(s)...)
		},
	}, nil
}

func judgeArguments(s *live.Settings) []string {
	args := []string{"judge", "--spec", s.Spec, "--lake", s.Lake}
	if s.State != "" {
		args = append(args, "--state", s.State)
	}
	return args
}

// jobMetrics show how jobs went the last time.
type jobMetrics []*jobs.Job

var (
	jobEnded    = jobDesc("weir_job_ended_timestamp_seconds", "When a job last ended; 0: not yet.")
	jobTook     = jobDesc("weir_job_seconds", "How long a job took the last time.")
	jobFailures = jobDesc("weir_job_failures", "How often a job has failed since it last went well.")
)

func jobDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, []string{"job"}, nil)
}

// Describe names them.
func (jobMetrics) Describe(out chan<- *prometheus.Desc) {
	out <- jobEnded
	out <- jobTook
	out <- jobFailures
}

// Collect gives them.
func (m jobMetrics) Collect(out chan<- prometheus.Metric) {
	for _, j := range m {
		r := j.Last()
		for desc, value := range map[*prometheus.Desc]float64{
			jobEnded: seconds(r.Ended), jobTook: r.Ended.Sub(r.Began).Seconds(), jobFailures: float64(r.Failures),
		} {
			out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, j.Name)
		}
	}
}

// seconds is a time as Prometheus has it; 0 for none.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
