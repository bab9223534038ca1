package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A clock that goes on when it is waited for, until the end.
type clock struct {
	now, end time.Time
	waited   []time.Time
}

func (c *clock) wait(_ context.Context, until time.Time) bool {
	c.waited = append(c.waited, until.UTC())
	if until.After(c.end) {
		return false
	}
	c.now = until
	return true
}

func run(t *testing.T, j *Job, c *clock) string {
	t.Helper()
	var log bytes.Buffer
	j.Now, j.Wait, j.Log = func() time.Time { return c.now }, c.wait, slog.New(slog.NewTextHandler(&log, nil))
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return log.String()
}

// A job is done at the times of its schedule, in its zone; one that takes longer
// than the time between leaves out those that pass meanwhile.
func TestRun(t *testing.T) {
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		schedule string
		zone     *time.Location
		takes    time.Duration
		want     []string // when it begins
	}{
		"daily":   {"0 2 * * *", nil, time.Minute, []string{"02 02:00", "03 02:00", "04 02:00"}},
		"zone":    {"0 2 * * *", shanghai, time.Minute, []string{"02 18:00", "03 18:00", "04 18:00"}},
		"overlap": {"0 2 * * *", nil, 30 * time.Hour, []string{"02 02:00", "04 02:00"}},
		"every":   {"@every 24h", nil, 0, []string{"03 00:00", "04 00:00", "05 00:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			k := &clock{now: begin, end: begin.Add(72 * time.Hour)}
			var got []string
			run(t, &Job{Name: "test", Schedule: c.schedule, Zone: c.zone, Do: func(context.Context) (string, error) {
				got = append(got, k.now.UTC().Format("02 15:04"))
				k.now = k.now.Add(c.takes)
				return "", nil
			}}, k)
			if strings.Join(got, ",") != strings.Join(c.want, ",") {
				t.Errorf("it began at %v, want %v", got, c.want)
			}
		})
	}
}

// A failure is said and counted, and what comes after it is done.
func TestFailure(t *testing.T) {
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	n := 0
	j := &Job{Name: "test", Schedule: "@hourly", Do: func(context.Context) (string, error) {
		if n++; n <= 2 {
			return "killed half-way", errors.New("signal: killed")
		}
		return "all is done", nil
	}}
	log := run(t, j, &clock{now: begin, end: begin.Add(2*time.Hour + time.Minute)})
	if l := j.Last(); l.Failures != 2 || l.Err == nil || l.Said != "killed half-way" {
		t.Errorf("the last result is %+v", l)
	}
	if !strings.Contains(log, "signal: killed") || !strings.Contains(log, "failures=2") {
		t.Errorf("the log says %s", log)
	}
	run(t, j, &clock{now: begin, end: begin.Add(time.Hour)})
	if l := j.Last(); l.Failures != 0 || l.Err != nil || l.Said != "all is done" {
		t.Errorf("the last result is %+v", l)
	}
}

// A job that is stopped from outside has no result.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	j := &Job{Name: "test", Schedule: "@every 1s", Do: func(ctx context.Context) (string, error) {
		cancel()
		<-ctx.Done()
		return "", ctx.Err()
	}}
	k := &clock{end: time.Unix(1<<40, 0)}
	j.Now, j.Wait = func() time.Time { return k.now }, func(ctx context.Context, until time.Time) bool { return ctx.Err() == nil && k.wait(ctx, until) }
	if err := j.Run(ctx); err != nil || !j.Last().Ended.IsZero() {
		t.Errorf("it ended with %v and %+v", err, j.Last())
	}
}

// What cannot be read is refused; what never comes waits for the end.
func TestSchedule(t *testing.T) {
	if err := (&Job{Name: "test", Schedule: "often"}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), `schedule "often" of test`) {
		t.Errorf("it says %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&Job{Name: "test", Schedule: "0 0 30 2 *"}).Run(ctx); err != nil {
		t.Error(err)
	}
}
