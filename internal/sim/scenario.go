package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Size is a number of sessions; 0 is the scenario's own. In an offline
// scenario every trial is a session.
type Size int

// A Scenario is a situation with a known truth. Its exported fields may be set
// by the caller; the zero Scenario is not valid. Name, App and Release enter
// the random draws, Start only moves the rows.
type Scenario struct {
	Name     string
	About    string // a sentence
	App      string // the lake's partition; equals Name unless set
	Release  string // part of the assignment's salt
	Start    time.Time
	Sessions Size // when Run is asked for size 0
	// PromiseHash is written on every row; empty: a hash of Spec.
	PromiseHash string

	phases  []phase
	crowds  []crowd
	metrics []metric
	truth   Truth    // without the effects
	naive   []string // metrics of which the naive estimate is known

	holdout         float64 // share of sessions that never see the candidate
	latencyICC      float64 // share of the variance of log latency that lies between sessions
	userICC         float64 // correlation of difficulty between the sessions of a user
	sessionsPerUser int     // above 0: the unit is the user, and each has that many
	trials          int     // above 0: offline, that many repetitions of each case a version
	bots            int     // sessions that each make a fiftieth of all requests
	resumed         float64 // share of sessions that come back after more than a day, their id evicted
	contents        float64 // share of sessions whose texts are kept
	silent          bool    // losses are not reported
	resolvedLimit   float64 // hours after which every resolution is known
	lean            bool    // rows hold only what the default metrics need
}

// unit is the assignment unit in the spec's words.
func (s Scenario) unit() string {
	if s.sessionsPerUser > 0 {
		return "user"
	}
	return "session"
}

// WithTexts returns the scenario with the texts of that share of its sessions
// kept, from 0 to 1. Its truth stays; its rows are other draws of it.
func (s Scenario) WithTexts(share float64) Scenario {
	s.contents = share
	return s
}

// Window returns the first and the last moment at which sessions begin.
// Outcomes become known later, at most by the longest mature_after of Spec.
func (s Scenario) Window() (start, end time.Time) {
	hours := 0
	for _, p := range s.phases {
		hours += p.hours
	}
	return s.Start, s.Start.Add(time.Duration(hours) * time.Hour)
}

// Scenarios returns all scenarios, the demonstration first, the benchmark last.
func Scenarios() []Scenario {
	all := slices.Concat(plainScenarios(), designScenarios(), healthScenarios(), decisionScenarios(), hiddenScenarios(), []Scenario{bench()})
	for i := range all {
		all[i] = all[i].completed()
	}
	return all
}

// Named returns the scenario of that name, or an error that lists all names.
func Named(name string) (Scenario, error) {
	var names []string
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Scenario{}, fmt.Errorf("scenario %q is unknown: there are %s", name, strings.Join(names, ", "))
}

// completed fills what most scenarios share.
func (s Scenario) completed() Scenario {
	s.App, s.Release = s.Name, "sim-1"
	s.Start = time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	if s.crowds == nil {
		s.crowds = everybody()
	}
	if s.metrics == nil {
		s.metrics = usualMetrics()
	}
	if s.latencyICC == 0 {
		s.latencyICC = 0.2
	}
	if s.resolvedLimit == 0 {
		s.resolvedLimit = 20
	}
	return s
}
