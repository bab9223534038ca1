package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Job is what is done, and when.
type Job struct {
	Name     string
	Schedule string         // as [Parse] reads it
	Zone     *time.Location // of the schedule; nil: UTC
	Jitter   time.Duration  // bounds what its times are put off by; 0: nothing
	// Do does it once, and returns what is to be said of it. Its context ends with
	// that of Run.
	Do func(ctx context.Context) (said string, err error)
	// Elsewhere tells that another process is there to do it: its time passes here, and
	// nothing is remembered of it. Nil: never.
	Elsewhere func() bool
}

// An Outcome is how a job ended.
type Outcome string

// The outcomes. The zero value: it never began.
const (
	OK          Outcome = "ok"
	Failed      Outcome = "failed"
	Stopped     Outcome = "stopped"     // with the process, in order; neither a success nor a failure
	Interrupted Outcome = "interrupted" // the process ended without a word; counts as a failure
	Begun       Outcome = "begun"       // it is being done
)

// A Result is that of the last time.
type Result struct {
	Outcome  Outcome   `json:"outcome"`
	Began    time.Time `json:"began_at,omitzero"`
	Ended    time.Time `json:"ended_at,omitzero"`
	Said     string    `json:"said,omitempty"`
	Error    string    `json:"error,omitempty"`
	Failures int       `json:"failures"` // in a row
	Runs     int64     `json:"runs"`     // that ended, in all
	Failed   int64     `json:"failed"`   // of them
	// Next is when it comes next, by the schedule and zone beside it.
	Next     time.Time `json:"next_at,omitzero"`
	Schedule string    `json:"schedule,omitempty"`
	Zone     string    `json:"timezone,omitempty"`
}

// ended is the result after an end.
func (r Result) ended(at time.Time, said string, err error) Result {
	r.Ended, r.Said, r.Error, r.Outcome = at, said, "", OK
	r.Runs++
	if err == nil {
		r.Failures = 0
		return r
	}
	r.Outcome, r.Error = Failed, err.Error()
	r.Failures++
	r.Failed++
	return r
}

// interrupted is the result of one that began and of whose end nothing is known.
func (r Result) interrupted() Result {
	r = r.ended(time.Time{}, "", fmt.Errorf("the process ended while the job was being done"))
	r.Outcome = Interrupted
	return r
}

// A Store remembers results, and lets one process at a time do a job. A nil Store
// of [Options] remembers in memory alone.
type Store interface {
	// Load gives the last result; the zero Result where there is none.
	Load(job string) (Result, error)
	// Keep makes a result the last. When it returns nil, a killed process cannot lose it.
	Keep(job string, r Result) error
	// Hold takes the job for this process until release is called or the process
	// ends. Held tells whether another process has it.
	Hold(job string) (release func(), held bool, err error)
}

// A Status is a job as it stands.
type Status struct {
	Name     string
	Schedule string
	Zone     string
	Next     time.Time // zero: it is being done, or never comes
	Running  bool      // here
	Began    time.Time // while Running
	Last     Result    // of the last time that ended
	// Skipped is how often its time came while another process did it.
	Skipped int64
	// Unattended: no process is there that does it.
	Unattended bool
}

// ErrHeld says that another process does the job.
var ErrHeld = errors.New("another process does it now")
