package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// A Job is what is done, and when.
type Job struct {
	Name     string
	Schedule string         // a cron expression of five fields, @daily or @every 10m
	Zone     *time.Location // of the schedule; nil: UTC
	// Do does it once, and returns what is to be said of it. Its context ends with
	// Run's.
	Do func(ctx context.Context) (said string, err error)
	// Wait waits until a time comes, and reports false where the context ended
	// first; nil: by the machine's clock.
	Wait func(ctx context.Context, until time.Time) bool
	Now  func() time.Time // nil: time.Now
	Log  *slog.Logger     // nil: nothing is written

	mu   sync.Mutex
	last Result
}

// A Result is that of the last time.
type Result struct {
	Began, Ended time.Time // zero: never
	Said         string
	Err          error
	Failures     int // in a row
}

// Last gives the result of the last time that ended.
func (j *Job) Last() Result {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last
}

// Run does the job at its times until the context is done. Times that pass while
// it is being done are left out. A failure is logged, and the next time comes as
// always.
func (j *Job) Run(ctx context.Context) error {
	if j.Now == nil {
		j.Now = time.Now
	}
	if j.Wait == nil {
		j.Wait = wait
	}
	if j.Zone == nil {
		j.Zone = time.UTC
	}
	if j.Log == nil {
		j.Log = slog.New(slog.DiscardHandler)
	}
	schedule, err := cron.ParseStandard(j.Schedule)
	if err != nil {
		return fmt.Errorf("jobs: schedule %q of %s: %w", j.Schedule, j.Name, err)
	}
	for {
		next := schedule.Next(j.Now().In(j.Zone))
		if next.IsZero() {
			j.Log.Warn("the job's time never comes", "job", j.Name, "schedule", j.Schedule)
			<-ctx.Done()
			return nil
		}
		if !j.Wait(ctx, next) {
			return nil
		}
		j.once(ctx, schedule)
	}
}

// once does the job, and notes what came of it.
func (j *Job) once(ctx context.Context, schedule cron.Schedule) {
	began := j.Now()
	said, err := j.Do(ctx)
	if ctx.Err() != nil {
		return // stopped from outside: neither a success nor a failure
	}
	ended := j.Now()
	j.mu.Lock()
	failures := 0
	if err != nil {
		failures = j.last.Failures + 1
	}
	j.last = Result{began, ended, said, err, failures}
	j.mu.Unlock()
	next := schedule.Next(ended.In(j.Zone))
	if err != nil {
		j.Log.Error("a job failed", "job", j.Name, "error", err, "said", said, "failures", failures, "next", next)
		return
	}
	j.Log.Info("a job is done", "job", j.Name, "said", said, "took", ended.Sub(began).Round(time.Second), "next", next)
}

// longest bounds one sleep, so that a clock that is set or a machine that slept
// is noticed.
const longest = time.Minute

func wait(ctx context.Context, until time.Time) bool {
	for {
		left := time.Until(until)
		if left <= 0 {
			return ctx.Err() == nil
		}
		timer := time.NewTimer(min(left, longest))
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-timer.C:
		}
	}
}
