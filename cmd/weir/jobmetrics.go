package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weir/internal/jobs"
)

// jobMetrics show how jobs go.
type jobMetrics struct{ runner *jobs.Runner }

var (
	jobBegan    = jobDesc("weir_job_began_timestamp_seconds", "When a job last began; 0: never.")
	jobEnded    = jobDesc("weir_job_ended_timestamp_seconds", "When a job last ended; 0: not yet.")
	jobNext     = jobDesc("weir_job_next_timestamp_seconds", "When a job comes next; 0: it runs, or its time never comes.")
	jobRunning  = jobDesc("weir_job_running", "Whether a job is being done.")
	jobTook     = jobDesc("weir_job_seconds", "How long a job took the last time.")
	jobFailures = jobDesc("weir_job_failures", "How often a job has failed since it last went well.")
	jobRuns     = jobDesc("weir_job_runs_total", "How often a job ended, by how.", "result")
	jobSkipped  = jobDesc("weir_job_skipped_total", "How often a job's time came while another process did it.")
)

func jobDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, append([]string{"job"}, labels...), nil)
}

// Describe gives nothing: the jobs depend on the release.
func (jobMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect gives them.
func (m jobMetrics) Collect(out chan<- prometheus.Metric) {
	for _, s := range m.runner.Status() {
		gauge := func(d *prometheus.Desc, v float64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, s.Name)
		}
		count := func(d *prometheus.Desc, n int64, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), append([]string{s.Name}, labels...)...)
		}
		began, running := s.Last.Began, 0.0
		if s.Running {
			began, running = s.Began, 1
		}
		gauge(jobBegan, seconds(began))
		gauge(jobRunning, running)
		next := s.Next
		gauge(jobNext, seconds(next))
		gauge(jobEnded, seconds(s.Last.Ended))
		if !s.Last.Ended.IsZero() {
			gauge(jobTook, s.Last.Ended.Sub(s.Last.Began).Seconds())
		}
		gauge(jobFailures, float64(s.Last.Failures))
		count(jobRuns, s.Last.Runs-s.Last.Failed, "ok")
		count(jobRuns, s.Last.Failed, "failed")
		count(jobSkipped, s.Skipped)
	}
}

// seconds is a time as Prometheus has it; 0 for none.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
