package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"weir/internal/jobs"
	"weir/internal/jobs/child"
	"weir/internal/live"
	"weir/rollout"
	"weir/rollout/spec"
)

// A workshop does a server's jobs, each in a process aside.
type workshop struct {
	settings *live.Settings
	memory   int64 // bytes that one process may hold
	*jobs.Runner
	log *slog.Logger
	// look looks at the release for whoever steers it.
	look func(context.Context) (said string, err error)
	// elsewhere tells that another process looks.
	elsewhere func() bool
}

// newWorkshop makes the workshop of a server that serves an app; it has no jobs yet.
func newWorkshop(s *live.Settings, app string, memory int64, log *slog.Logger) *workshop {
	return &workshop{
		settings: s, memory: memory, log: log,
		Runner: jobs.New(jobs.Options{Store: live.JobStore(s.Lake, s.State, app), Log: log}),
	}
}

// set takes the schedules of a release. Its spec was checked: an error is the
// machine's, such as a missing time zone.
func (w *workshop) set(r *spec.Release) error {
	list, err := w.list(r)
	if err != nil {
		return err
	}
	return w.Set(list...)
}

// reloaded is set for a release that is in force already.
func (w *workshop) reloaded(r *spec.Release) {
	if err := w.set(r); err != nil {
		w.log.Error("the jobs keep their schedules", "error", err)
	}
}

// jitter bounds what times of a clock are put off by, so that the servers of a
// machine do not begin at once.
const jitter = 30 * time.Second

// Time limits of the jobs. Judging has its spec's, with as much again to read and
// write the lake.
const (
	analyzeLimit = time.Hour
	tidyLimit    = time.Hour
	judgeSpare   = 15 * time.Minute
)

// list are the jobs of a release.
func (w *workshop) list(r *spec.Release) (out []jobs.Job, err error) {
	zone, err := time.LoadLocation(r.Jobs.Timezone)
	if err != nil {
		return nil, usage("jobs.timezone: %v", err)
	}
	for _, s := range r.Scheduled() {
		j := jobs.Job{Name: s.Name, Schedule: s.Schedule, Zone: zone, Jitter: jitter}
		switch s.Name {
		case "judge":
			limit := judgeSpare + time.Duration(2*r.Judge.Budget.Minutes*float64(time.Minute))
			j.Do = w.says(limit, "judge", "--memory-mb", w.queries())
		case "analyze":
			j.Do, j.Elsewhere = w.look, w.elsewhere
		case "compact":
			j.Do = w.says(tidyLimit, "compact", "--only", "merge")
		case "retention":
			j.Do = w.says(tidyLimit, "compact", "--only", "expire")
		}
		out = append(out, j)
	}
	return out, nil
}

// process is a command of this program on the server's spec and lake.
func (w *workshop) process(limit time.Duration, command string, more ...string) child.Process {
	args := append([]string{command, "--spec", w.settings.Spec, "--lake", w.settings.Lake}, more...)
	if w.settings.State != "" && command != "compact" {
		args = append(args, "--state", w.settings.State)
	}
	return child.Process{Args: args, Env: withoutToken(os.Environ()), Memory: w.memory, Timeout: limit}
}

// withoutToken leaves out what steers a server: no job does.
func withoutToken(env []string) []string {
	return slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, "WEIR_TOKEN=") })
}

// maxSaid bounds what is kept of what a job says, in bytes; the end is kept.
const maxSaid = 4 << 10

// says is a job whose process says on standard output what it did.
func (w *workshop) says(limit time.Duration, command string, more ...string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		out, err := w.process(limit, command, more...).Run(ctx)
		said := strings.TrimSpace(string(out))
		if len(said) > maxSaid {
			said = strings.ToValidUTF8(said[len(said)-maxSaid:], "")
		}
		return said, err
	}
}

// analyze makes the record of a look at the release, as of a time. It keeps none:
// that is for whoever does something on it.
func (w *workshop) analyze(ctx context.Context, asOf time.Time) (rollout.Record, error) {
	p := w.process(analyzeLimit, "gate", "--format", "json", "--keep=false", "--remember", "--as-of", asOf.Format(time.RFC3339Nano), "--memory-mb", w.queries())
	p.Accept = []int{statusHold, statusRollback, statusInvalid}
	out, err := p.Run(ctx)
	if err != nil {
		return rollout.Record{}, err
	}
	return rollout.ParseRecord(out)
}

// next is when a job comes next; zero: it does not, or is being done.
func (w *workshop) next(name string) time.Time {
	for _, s := range w.Status() {
		if s.Name == name {
			return s.Next
		}
	}
	return time.Time{}
}

// queries is what DuckDB may hold of a process's memory, in MB: the rest is Go's,
// and what DuckDB does not count.
func (w *workshop) queries() string { return fmt.Sprint(max(w.memory/2/1e6, 100)) }
