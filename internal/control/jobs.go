package control

import (
	"net/http"
	"time"

	"weir/internal/jobs"
)

// A Job is what is done beside the traffic, by the clock, as it stands.
type Job struct {
	Name     string     `json:"name"`
	Schedule string     `json:"schedule"`
	Timezone string     `json:"timezone"`
	State    string     `json:"state"`         // waiting, running, elsewhere: in another process, or unattended: nobody does it
	Since    *time.Time `json:"running_since"` // null while it waits
	NextAt   *time.Time `json:"next_at"`       // null while it runs, and where its time never comes
	Last     *JobRun    `json:"last"`          // null: it never ended, as far as is known here
	Failures int        `json:"failures"`
	Runs     int64      `json:"runs"`
	Failed   int64      `json:"failed"`
	Skipped  int64      `json:"skipped"`
}

// A JobRun is the last time that ended.
type JobRun struct {
	Outcome string     `json:"outcome"` // ok, failed, stopped or interrupted
	BeganAt *time.Time `json:"began_at"`
	EndedAt *time.Time `json:"ended_at"`
	Seconds *float64   `json:"seconds"`
	Said    string     `json:"said,omitempty"`
	Error   string     `json:"error,omitempty"`
}

func jobOf(s jobs.Status) Job {
	j := Job{
		Name: s.Name, Schedule: s.Schedule, Timezone: s.Zone, State: "waiting", NextAt: moment(s.Next),
		Failures: s.Last.Failures, Runs: s.Last.Runs, Failed: s.Last.Failed, Skipped: s.Skipped,
	}
	switch {
	case s.Running:
		j.State, j.Since, j.NextAt = "running", moment(s.Began), nil
	case s.Unattended:
		j.State, j.NextAt = "unattended", nil
	case s.Last.Outcome == jobs.Begun:
		j.State, j.Since = "elsewhere", moment(s.Last.Began)
	}
	if s.Last.Outcome == "" || s.Last.Outcome == jobs.Begun {
		return j
	}
	j.Last = &JobRun{
		Outcome: string(s.Last.Outcome), BeganAt: moment(s.Last.Began), EndedAt: moment(s.Last.Ended),
		Said: s.Last.Said, Error: s.Last.Error,
	}
	if took := s.Last.Ended.Sub(s.Last.Began).Seconds(); j.Last.EndedAt != nil && took >= 0 {
		j.Last.Seconds = &took
	}
	return j
}

// jobs gives what is done beside the traffic, by name.
func (a *api) jobs(w http.ResponseWriter, _ *http.Request, _ caller) error {
	writeJSON(w, http.StatusOK, a.jobsNow())
	return nil
}

func (a *api) jobsNow() map[string][]Job {
	out := []Job{}
	for _, s := range a.Jobs() {
		out = append(out, jobOf(s))
	}
	return map[string][]Job{"jobs": out}
}
