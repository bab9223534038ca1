package replay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// Options say what is run and how.
type Options struct {
	App, Release string
	Versions     []Version
	Trials       int     // of every case and version; at least 1
	Seed         uint64  // of the order
	InFlight     int     // conversations at a time, of all versions together; at least 1
	PerSecond    float64 // conversations begun a second, of all versions together; 0: no bound
	Set          map[string]string
	Now          func() time.Time
	// Redact takes people out of a text before it is kept, and Hash is what stands for
	// a user's id; nil changes nothing. Versions are asked with what the case says.
	Redact, Hash func(string) string
	// Progress, where set, is told after each run how many of how many are done.
	Progress func(done, all int)
}

// A Store keeps runs. It is called from one goroutine.
type Store interface {
	// Has tells the key under which a case, version and trial was kept; false
	// where it was not.
	Has(caseID, version string, trial int64) (key string, ok bool)
	// Keep makes a run safe against the death of the process before it returns.
	Keep(Run) error
}

// ErrChanged says that a case is not what it was when the release began.
var ErrChanged = errors.New("a case was changed")

// Execute does all runs that the store does not have yet, and reports how many
// it did. Where ctx ends, conversations under way are given up and nothing of
// them is kept.
func Execute(ctx context.Context, cases []Case, o Options, s Store) (int, error) {
	jobs, err := o.open(cases, s)
	if err != nil || len(jobs) == 0 {
		return 0, err
	}
	if err := o.reach(ctx); err != nil {
		return 0, err
	}
	all := len(cases) * o.Trials * len(o.Versions)
	before := all - len(jobs)
	runs := make(chan Run)
	failed := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		failed <- o.each(ctx, jobs, runs)
		close(runs)
	}()
	done := 0
	var kept error
	for r := range runs {
		if kept != nil {
			continue
		}
		if kept = s.Keep(r); kept != nil {
			cancel()
			continue
		}
		done++
		if o.Progress != nil {
			o.Progress(before+done, all)
		}
	}
	if kept != nil {
		return done, kept
	}
	return done, <-failed
}

// open lists the jobs that are not done.
func (o Options) open(cases []Case, s Store) ([]job, error) {
	var jobs []job
	for _, j := range o.plan(cases) {
		was, done := s.Has(j.c.ID, j.version, j.trial)
		switch {
		case !done:
			jobs = append(jobs, j)
		case was != j.key:
			return nil, fmt.Errorf("%w: case %s asked something else when it ran in release %s: a new set of cases is a new --release", ErrChanged, j.c.ID, o.Release)
		}
	}
	return jobs, nil
}

// ErrUnreachable says that nothing listens where a version should.
var ErrUnreachable = errors.New("nothing listens there")

// reach connects to every upstream once: a version that is not there is a fault
// of the set-up and not a thousand failed cases.
func (o Options) reach(ctx context.Context) error {
	for _, v := range o.Versions {
		u, err := url.Parse(v.Upstream)
		if err != nil || u.Host == "" {
			return fmt.Errorf("versions.%s.upstream is no URL", v.Name)
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		d := net.Dialer{Timeout: v.Connect}
		conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
		if err != nil {
			return fmt.Errorf("versions.%s.upstream %s://%s: %w (%s); start the version, or correct the upstream", v.Name, u.Scheme, u.Host, ErrUnreachable, kindOf(err))
		}
		conn.Close()
	}
	return nil
}

// each does the jobs, in order, and sends the runs.
func (o Options) each(ctx context.Context, jobs []job, runs chan<- Run) error {
	callers := map[string]caller{}
	slots := map[string]chan struct{}{}
	for _, v := range o.Versions {
		callers[v.Name] = caller{v, v.client(), o.Now}
		defer callers[v.Name].http.CloseIdleConnections()
		if v.InFlight > 0 {
			slots[v.Name] = make(chan struct{}, v.InFlight)
		}
	}
	limit := rate.Inf
	if o.PerSecond > 0 {
		limit = rate.Limit(o.PerSecond)
	}
	pace := rate.NewLimiter(limit, 1)
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(o.InFlight)
	for _, j := range jobs {
		if pace.Wait(running) != nil || !take(running, slots[j.version]) {
			break
		}
		group.Go(func() error {
			defer give(slots[j.version])
			run, err := o.converse(running, j, callers[j.version])
			if err != nil {
				return err
			}
			runs <- run
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// take waits for a slot; a nil channel has no end of them.
func take(ctx context.Context, slot chan struct{}) bool {
	if slot == nil {
		return ctx.Err() == nil
	}
	select {
	case slot <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func give(slot chan struct{}) {
	if slot != nil {
		<-slot
	}
}
