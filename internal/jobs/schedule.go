package jobs

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/robfig/cron/v3"
)

// A Schedule says when.
type Schedule struct {
	cron   *cron.SpecSchedule
	every  time.Duration // of @every; 0: it is no such schedule
	zone   *time.Location
	jitter time.Duration
	salt   string
}

// Parse reads a cron expression of five fields (perhaps after CRON_TZ=Zone),
// @daily and its like, or @every 10m. Each time of an expression is put off by a part
// of jitter that depends on the salt and the time alone, so that many that have the
// same schedule do not begin at once, and everybody knows when each does.
//
// Where clocks are changed, what names its hours keeps to the wall: a time that the
// day does not have comes when its minute next stands on the clock, and one that it
// has twice comes once. What is due every hour is due every hour.
func Parse(text string, zone *time.Location, jitter time.Duration, salt string) (Schedule, error) {
	c, err := cron.ParseStandard(text)
	if err != nil {
		return Schedule{}, fmt.Errorf("schedule %q: %w", text, err)
	}
	s := Schedule{zone: zone, jitter: jitter, salt: salt}
	if s.zone == nil {
		s.zone = time.UTC
	}
	switch c := c.(type) {
	case cron.ConstantDelaySchedule:
		s.every = c.Delay
	case *cron.SpecSchedule:
		s.cron = c
		if c.Location != time.Local {
			s.zone = c.Location
		}
		c.Location = time.UTC
		if s.hourly() {
			c.Location = s.zone
		}
	}
	return s, nil
}

// anyHour marks the hours of a cron expression that says *, as package cron has it.
const anyHour = 1 << 63

func (s Schedule) hourly() bool { return s.cron.Hour&anyHour != 0 }

// Next is the first time after now, for a job that last began at a time; zero: it
// never did. The result is zero where no time ever comes.
func (s Schedule) Next(now, began time.Time) time.Time {
	if s.every > 0 {
		return s.nextEvery(now, began)
	}
	// A time that was put off, or moved by a change of clocks, may still come.
	at := now.In(s.zone).Add(-s.jitter - 2*time.Hour)
	if !s.hourly() {
		at = wall(at)
	}
	for {
		if at = s.cron.Next(at); at.IsZero() {
			return at
		}
		due := at
		if !s.hourly() {
			due = on(at, s.zone)
		}
		if due = due.Add(s.putOff(due)); due.After(now) {
			return due.In(s.zone)
		}
	}
}

// wall is what the clock on the wall shows, as if it were UTC's.
func wall(t time.Time) time.Time { return on(t, time.UTC) }

// on is when a clock of the zone shows the same.
func on(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}

// nextEvery counts from the last begin; times that have passed are left out.
func (s Schedule) nextEvery(now, began time.Time) time.Time {
	if began.IsZero() || began.After(now) {
		began = now
	}
	return began.Add((now.Sub(began)/s.every + 1) * s.every)
}

// First is Next for a process that begins, or another schedule: by @every, a job
// whose time came meanwhile is due at once.
func (s Schedule) First(now, began time.Time) time.Time {
	if s.every > 0 && !began.IsZero() && !began.Add(s.every).After(now) {
		return now
	}
	return s.Next(now, began)
}

// putOff is a part of the jitter, in whole seconds.
func (s Schedule) putOff(at time.Time) time.Duration {
	if s.jitter < time.Second {
		return 0
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%d:%s", len(s.salt), s.salt)
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(at.Unix()))
	h.Write(b[:])
	return time.Duration(mix(h.Sum64())%uint64(s.jitter/time.Second)) * time.Second
}

// mix spreads what differs in the last bits alone (the finaliser of MurmurHash3).
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
