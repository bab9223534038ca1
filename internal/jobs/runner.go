package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/internal/clock"
)

// Options are what a Runner works with.
type Options struct {
	Store Store            // nil: results are remembered in memory alone
	Now   func() time.Time // nil: time.Now
	// Wait waits until a time comes, and reports false where the context ended
	// first; nil: by the machine's clock.
	Wait func(ctx context.Context, until time.Time) bool
	Log  *slog.Logger // nil: nothing is written
}

// A Runner does jobs at their times. Its methods may be called from several
// goroutines.
type Runner struct {
	o Options

	mu      sync.Mutex
	entries map[string]*entry
	start   func(*entry) // while Run runs
}

// An entry is a job of a Runner. Its fields belong to the Runner's mutex.
type entry struct {
	job      Job
	schedule Schedule
	gone     bool   // it is no longer to be done
	alive    bool   // a goroutine looks after it
	wake     func() // ends the wait
	running  bool
	began    time.Time
	next     time.Time
	last     Result
	skipped  int64
}

// New gives a Runner without jobs.
func New(o Options) *Runner {
	if o.Store == nil {
		o.Store = memory{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = clock.Wait
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Runner{o: o, entries: map[string]*entry{}}
}

// Set replaces the jobs. One that is being done goes on to its end as it began; the
// next time is by the new schedule. On an error nothing has changed.
func (r *Runner) Set(jobs ...Job) error {
	schedules := make([]Schedule, len(jobs))
	names := map[string]bool{}
	var errs []error
	for i, j := range jobs {
		s, err := Parse(j.Schedule, j.Zone, j.Jitter, j.Name)
		if err != nil {
			errs = append(errs, fmt.Errorf("job %s: %w", j.Name, err))
		}
		if names[j.Name] {
			errs = append(errs, fmt.Errorf("job %s is there twice", j.Name))
		}
		schedules[i], names[j.Name] = s, true
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, e := range r.entries {
		if !names[name] {
			e.gone = true
			e.poke()
		}
	}
	for i, j := range jobs {
		r.set(j, schedules[i])
	}
	return nil
}

func (r *Runner) set(j Job, s Schedule) {
	e := r.entries[j.Name]
	if e == nil {
		e = &entry{last: r.load(j.Name)}
		r.entries[j.Name] = e
	}
	same := !e.gone && e.job.Schedule == j.Schedule && e.schedule.zone != nil && e.schedule.zone.String() == s.zone.String() && e.schedule.jitter == s.jitter
	e.job, e.schedule, e.gone = j, s, false
	if !same && !e.running {
		e.next = s.First(r.o.Now(), e.last.Began)
		e.poke()
		r.announce(e)
	}
	if r.start != nil && !e.alive {
		r.start(e)
	}
}

// announce keeps when a job comes next, for whoever shows the jobs of another process,
// unless one is at it.
func (r *Runner) announce(e *entry) {
	release, held, err := r.o.Store.Hold(e.job.Name)
	if held || err != nil {
		return
	}
	defer release()
	if last, err := r.o.Store.Load(e.job.Name); err == nil && last.Outcome != Begun {
		last.Next, last.Schedule, last.Zone = e.next, e.job.Schedule, e.schedule.zone.String()
		e.last = last
		r.keep(e.job.Name, last)
	}
}

func (e *entry) poke() {
	if e.wake != nil {
		e.wake()
	}
}

// load gives what is remembered of a job.
func (r *Runner) load(name string) Result {
	last, err := r.o.Store.Load(name)
	if err != nil {
		r.o.Log.Warn("the last result of a job cannot be read; it counts anew", "job", name, "error", err)
		return Result{}
	}
	if last.Outcome != Begun {
		return last
	}
	release, held, err := r.o.Store.Hold(name)
	if err != nil || held {
		return last // another process is at it
	}
	defer release()
	last = last.interrupted()
	r.o.Log.Warn("a job was interrupted", "job", name, "began", last.Began, "error", last.Error)
	r.keep(name, last)
	return last
}

// Run does the jobs at their times until the context is done, and then waits for
// those that are being done.
func (r *Runner) Run(ctx context.Context) error {
	var running sync.WaitGroup
	r.mu.Lock()
	r.start = func(e *entry) {
		e.alive = true
		running.Go(func() { r.attend(ctx, e) })
	}
	for _, e := range r.entries {
		r.start(e)
	}
	r.mu.Unlock()
	<-ctx.Done()
	r.mu.Lock()
	r.start = nil
	r.mu.Unlock()
	running.Wait()
	return nil
}

// attend looks after one job.
func (r *Runner) attend(ctx context.Context, e *entry) {
	warned := ""
	for {
		r.mu.Lock()
		if e.gone || ctx.Err() != nil {
			e.alive = false
			if e.gone && r.entries[e.job.Name] == e {
				delete(r.entries, e.job.Name)
			}
			r.mu.Unlock()
			return
		}
		until, name, schedule := e.next, e.job.Name, e.job.Schedule
		waiting, wake := context.WithCancel(ctx)
		e.wake = wake
		r.mu.Unlock()

		came := false
		if until.IsZero() {
			if warned != schedule {
				r.o.Log.Warn("the job's time never comes", "job", name, "schedule", schedule)
				warned = schedule
			}
			<-waiting.Done()
		} else {
			came = r.o.Wait(waiting, until)
		}
		woken := waiting.Err() != nil
		wake()
		r.mu.Lock()
		e.wake = nil
		due := came && !woken && !e.gone && e.next.Equal(until)
		e.alive = came || woken
		r.mu.Unlock()
		switch {
		case due:
			r.once(ctx, e)
		case !came && !woken: // a clock that has ended
			return
		}
	}
}

// once does a job, and notes what came of it.
func (r *Runner) once(ctx context.Context, e *entry) {
	r.mu.Lock()
	job, last := e.job, e.last
	r.mu.Unlock()
	if job.Elsewhere != nil && job.Elsewhere() {
		r.end(e, r.reload(job.Name, last), true)
		return
	}
	release, held, err := r.o.Store.Hold(job.Name)
	if held {
		r.o.Log.Info("another process does the job", "job", job.Name)
		r.end(e, r.reload(job.Name, last), true)
		return
	}
	if err != nil { // it may be done twice at once elsewhere: better not at all
		now := r.o.Now()
		last.Began = now
		r.end(e, last.ended(now, "", fmt.Errorf("it cannot be kept from running twice at once: %w", err)), false)
		return
	}
	defer release()
	r.end(e, r.perform(ctx, job, last, func(at time.Time) {
		r.mu.Lock()
		e.running, e.began = true, at
		r.mu.Unlock()
	}), false)
}

// perform does a job that is held, and gives what came of it. Began is told when it begins.
func (r *Runner) perform(ctx context.Context, job Job, last Result, began func(time.Time)) Result {
	begun := last
	begun.Began, begun.Ended, begun.Outcome = r.o.Now(), time.Time{}, Begun
	begun.Said, begun.Error = "", ""
	began(begun.Began)
	r.keep(job.Name, begun)
	said, err := do(ctx, job)
	now := r.o.Now()
	if ctx.Err() != nil {
		stopped := last
		stopped.Outcome, stopped.Began, stopped.Ended, stopped.Said, stopped.Error = Stopped, begun.Began, now, said, ""
		return stopped
	}
	return begun.ended(now, said, err)
}

// Now does a job at once, whatever its time is, and keeps what came of it as if its time
// had come. [ErrHeld] says that another process does it now.
func (r *Runner) Now(ctx context.Context, job Job) (Result, error) {
	release, held, err := r.o.Store.Hold(job.Name)
	if held {
		return Result{}, ErrHeld
	}
	if err != nil {
		return Result{}, err
	}
	defer release()
	last := r.perform(ctx, job, r.reload(job.Name, Result{}), func(time.Time) {})
	last.Next, last.Schedule, last.Zone = time.Time{}, "", ""
	r.keep(job.Name, last)
	return last, ctx.Err()
}

// do does a job; one that panics has failed.
func do(ctx context.Context, j Job) (said string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it panicked: %v", p)
		}
	}()
	return j.Do(ctx)
}

// reload gives what another process left of a job.
func (r *Runner) reload(name string, last Result) Result {
	if now, err := r.o.Store.Load(name); err == nil {
		return now
	}
	return last
}

// end notes a result and the next time.
func (r *Runner) end(e *entry, last Result, skipped bool) {
	r.mu.Lock()
	job, running := e.job, e.running
	e.next = e.schedule.Next(r.o.Now(), last.Began)
	last.Next, last.Schedule, last.Zone = e.next, job.Schedule, e.schedule.zone.String()
	e.last, e.running = last, false
	if skipped {
		e.skipped++
	}
	r.mu.Unlock()
	if skipped {
		return
	}
	r.keep(job.Name, last)
	log := r.o.Log.With("job", job.Name, "said", firstLine(last.Said), "next", last.Next)
	switch {
	case last.Outcome == Failed:
		log.Error("a job failed", "error", last.Error, "failures", last.Failures)
	case last.Outcome == OK && running:
		log.Info("a job is done", "took", last.Ended.Sub(last.Began).Round(time.Millisecond))
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// keep remembers a result. One that cannot be remembered is still shown.
func (r *Runner) keep(name string, last Result) {
	if err := r.o.Store.Keep(name, last); err != nil {
		r.o.Log.Warn("the result of a job cannot be kept, and will be unknown after a restart", "job", name, "error", err)
	}
}

// Status gives the jobs by their names.
func (r *Runner) Status() []Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Status
	for _, name := range slices.Sorted(maps.Keys(r.entries)) {
		e := r.entries[name]
		if e.gone && !e.running {
			continue
		}
		s := Status{Name: name, Schedule: e.job.Schedule, Zone: e.schedule.zone.String(), Running: e.running, Last: e.last, Skipped: e.skipped, Next: e.next}
		if e.running {
			s.Began, s.Next = e.began, time.Time{}
		}
		out = append(out, s)
	}
	return out
}

// memory forgets with the process.
type memory struct{}

func (memory) Load(string) (Result, error)       { return Result{}, nil }
func (memory) Keep(string, Result) error         { return nil }
func (memory) Hold(string) (func(), bool, error) { return func() {}, false, nil }
