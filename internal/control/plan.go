package control

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"weir/rollout/spec"
)

// A Plan is what the specification says of the release: what is ahead, and by
// which rules.
type Plan struct {
	Versions   []string        `json:"versions"`
	Holdout    float64         `json:"holdout"`
	Ramp       *PlannedRamp    `json:"ramp"` // null where there is none
	Breaker    PlannedBreaker  `json:"breaker"`
	Metrics    []PlannedMetric `json:"metrics"`
	Goals      string          `json:"goals"` // superior or non_inferior
	Method     string          `json:"method"`
	Alpha      float64         `json:"alpha"`
	Jobs       PlannedJobs     `json:"jobs"`
	Webhooks   []PlannedHook   `json:"webhooks"`
	Attributes []string        `json:"attributes"` // that rules may ask for
	Idle       float64         `json:"conversation_idle_seconds"`
}

// A PlannedRamp is the steps of the ramp.
type PlannedRamp struct {
	Advance string        `json:"advance"` // auto, manual or cron
	MaxWait float64       `json:"max_wait_seconds"`
	Steps   []PlannedStep `json:"steps"`
}

// A PlannedStep is a step, and what it takes.
type PlannedStep struct {
	To    float64 `json:"to"`
	Hold  float64 `json:"hold_seconds"`
	Units int     `json:"units"`
}

// A PlannedBreaker is when a failing version is taken out.
type PlannedBreaker struct {
	ErrorRate           float64 `json:"error_rate"`
	Window              float64 `json:"window_seconds"`
	Consecutive         int     `json:"consecutive"`
	MinRequests         int     `json:"min_requests"`
	ConsecutiveFailures int     `json:"consecutive_failures"`
}

// A PlannedMetric is what is compared.
type PlannedMetric struct {
	Name   string `json:"name"`
	Role   string `json:"role"`
	Good   string `json:"good"`
	Value  string `json:"value"`
	Judge  string `json:"judge"`
	Margin string `json:"margin"`
}

// PlannedJobs are when jobs run; empty: never.
type PlannedJobs struct {
	Judge     string `json:"judge"`
	Analyze   string `json:"analyze"`
	Compact   string `json:"compact"`
	Retention string `json:"retention"`
	Timezone  string `json:"timezone"`
}

// A PlannedHook is who is told, by host alone: paths may hold secrets.
type PlannedHook struct {
	Host string   `json:"host"`
	On   []string `json:"on"`
}

func planOf(r *spec.Release) Plan {
	p := Plan{
		Versions: []string{r.Stable, r.Candidate}, Holdout: float64(r.Holdout),
		Breaker: PlannedBreaker{float64(r.Breaker.ErrorRate), r.Breaker.Window.Seconds(), r.Breaker.Consecutive, r.Breaker.MinRequests, r.Breaker.ConsecutiveFailures},
		Goals:   r.Decision.Goals.String(), Method: r.Decision.Method.String(), Alpha: r.Decision.Alpha,
		Jobs: PlannedJobs(r.Jobs), Attributes: slices.AppendSeq([]string{}, maps.Keys(r.Context.Attributes)),
		Metrics: []PlannedMetric{}, Webhooks: []PlannedHook{}, Idle: r.Sessions.Idle.Seconds(),
	}
	slices.Sort(p.Attributes)
	for _, v := range slices.Sorted(maps.Keys(r.Versions)) {
		if !slices.Contains(p.Versions, v) {
			p.Versions = append(p.Versions, v)
		}
	}
	if r.Ramp != nil {
		p.Ramp = &PlannedRamp{Advance: r.Ramp.Advance.Mode.String(), MaxWait: r.Ramp.MaxWait.Seconds()}
		for _, s := range r.Ramp.Steps {
			p.Ramp.Steps = append(p.Ramp.Steps, PlannedStep{float64(s.To), s.Hold.Seconds(), s.Units})
		}
	}
	for _, m := range r.Metrics {
		p.Metrics = append(p.Metrics, PlannedMetric{m.Name, m.Role.String(), m.Good.String(), m.Value, m.Judge, m.Margin.String()})
	}
	for _, h := range r.Webhooks {
		hook := PlannedHook{On: []string{}}
		if u, err := url.Parse(h.URL); err == nil {
			hook.Host = u.Host
		}
		for _, e := range h.On {
			hook.On = append(hook.On, e.String())
		}
		p.Webhooks = append(p.Webhooks, hook)
	}
	return p
}

func (a *api) plan(w http.ResponseWriter, _ *http.Request, _ caller) error {
	writeJSON(w, http.StatusOK, planOf(a.Steering.Current().Release))
	return nil
}

// Conversations are those under way, by version.
type Conversations struct {
	Unit          string           `json:"unit"` // what is counted: session or user
	ActiveSeconds float64          `json:"active_seconds"`
	Since         time.Time        `json:"since"` // with a request since then
	Versions      map[string]int64 `json:"versions"`
}

func (a *api) conversations(w http.ResponseWriter, _ *http.Request, _ caller) error {
	if a.Underway == nil {
		return errNoLive
	}
	c := a.Steering.Current()
	idle := c.Release.Sessions.Idle
	since := a.Now().UTC().Add(-idle)
	writeJSON(w, http.StatusOK, Conversations{c.Release.Unit.String(), idle.Seconds(), since, a.Underway(since)})
	return nil
}

// me says who a token is.
func (a *api) me(w http.ResponseWriter, _ *http.Request, by caller) error {
	writeJSON(w, http.StatusOK, struct {
		Name   string  `json:"name"`
		Scopes []Scope `json:"scopes"`
		App    string  `json:"app"`
		// Alone says that this process reads a lake, and serves and steers nothing.
		Alone bool `json:"alone,omitempty"`
	}{by.name, by.scopes, a.app(), a.Steering == nil})
	return nil
}
