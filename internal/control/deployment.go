package control

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout/spec"
)

// A Deployment is what a release has come to, as the API says it.
type Deployment struct {
	App         string         `json:"app"`
	Environment string         `json:"environment"`
	Release     string         `json:"release"`
	Version     string         `json:"version"` // the candidate
	Stable      string         `json:"stable"`  // as the spec says
	Unit        string         `json:"unit"`
	Enabled     bool           `json:"enabled"` // new units may get the candidate
	Traffic     TrafficControl `json:"traffic_control"`
	State       string         `json:"state"` // running, paused, halted, breaker, rolled_back or promoted
	// Share is the one that is set, of new units: what resume brings back while the
	// release is halted, or its breaker open; 0 once it is rolled back, 1 once promoted.
	Share      float64   `json:"share"`
	Epoch      int64     `json:"epoch"`
	Ramp       *Ramp     `json:"ramp"`    // null where the spec has none
	Breaker    *string   `json:"breaker"` // what opened it; null: closed
	BeganAt    time.Time `json:"began_at"`
	ShareSince time.Time `json:"share_since"`
	Since      time.Time `json:"since"` // new units go where they go
	// InvalidLooks counts the looks in a row that called the comparison invalid;
	// InvalidAt is when the last of them was made, PreviousEnd when the release
	// before ended; null: never.
	InvalidLooks int        `json:"invalid_looks"`
	InvalidAt    *time.Time `json:"invalid_at"`
	PreviousEnd  *time.Time `json:"previous_end"`
	Promise      string     `json:"promise"`
	Changed      Change     `json:"changed"` // last
}

// A TrafficControl is a strategy and its value: a fraction, or a header and its
// value.
type TrafficControl struct {
	Strategy string `json:"strategy"`
	Value    any    `json:"value"`
}

// A Ramp is how far the share has climbed.
type Ramp struct {
	Steps      []float64  `json:"steps"`
	Step       int        `json:"step"` // reached; 0: none
	Paused     bool       `json:"paused"`
	LastStepAt *time.Time `json:"last_step_at"` // when the last was first reached; null: not yet
}

// A Change is who did what, and when it took effect.
type Change struct {
	Seq        int64              `json:"seq"`
	At         time.Time          `json:"at"`
	Actor      string             `json:"actor"`
	Kind       string             `json:"kind"`
	Reason     string             `json:"reason,omitempty"`
	Amendments []ledger.Amendment `json:"amendments,omitempty"`
	// Record is the decision record that it was made on, as it lies in the lake.
	Record *ledger.Record `json:"record,omitempty"`
}

func changeOf(e ledger.Entry) Change {
	return Change{e.Seq, e.At, e.Actor, string(e.Kind), e.Reason, e.Amendments, e.Record}
}

func deploymentOf(r *spec.Release, e ledger.Entry) Deployment {
	s := e.State
	d := Deployment{
		App: r.App, Environment: r.Environment, Release: r.Release, Version: r.Candidate, Stable: r.Stable,
		Unit: r.Unit.String(), Enabled: enabled(s), Traffic: trafficOf(s), State: stateWord(s),
		Share: float64(s.Set()), Epoch: s.Epoch, BeganAt: s.BeganAt, ShareSince: s.ShareSince, Since: e.InForceSince(),
		InvalidLooks: s.Invalid, InvalidAt: moment(s.InvalidAt), PreviousEnd: moment(s.PreviousEnd),
		Promise: e.Promise, Changed: changeOf(e),
	}
	if s.Breaker != "" {
		d.Breaker = &s.Breaker
	}
	if r.Ramp != nil {
		d.Ramp = &Ramp{Step: s.Step, Paused: s.Paused}
		for _, step := range r.Ramp.Steps {
			d.Ramp.Steps = append(d.Ramp.Steps, float64(step.To))
		}
		if !s.LastStepAt.IsZero() {
			d.Ramp.LastStepAt = &s.LastStepAt
		}
	}
	return d
}

// moment is a time in UTC, or null.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func enabled(s ledger.State) bool {
	return s.Promoted || (s.Share > 0 || s.Header != "") && !s.RolledBack && !s.Halted && s.Breaker == ""
}

func trafficOf(s ledger.State) TrafficControl {
	if s.Header != "" && !s.Over() {
		return TrafficControl{string(ledger.StrategyHeader), s.Header}
	}
	strategy := s.Strategy
	if strategy == "" || strategy == ledger.StrategyHeader {
		strategy = ledger.StrategyPercentage
	}
	return TrafficControl{string(strategy), float64(s.Set())}
}

// stateWord is what matters most of a state.
func stateWord(s ledger.State) string {
	switch {
	case s.RolledBack:
		return "rolled_back"
	case s.Promoted:
		return "promoted"
	case s.Breaker != "":
		return "breaker"
	case s.Halted:
		return "halted"
	case s.Paused:
		return "paused"
	}
	return "running"
}

// etag is the number of the last change.
func etag(seq int64) string { return `"` + strconv.FormatInt(seq, 10) + `"` }

func (a *api) getDeployment(w http.ResponseWriter, _ *http.Request, _ caller) error {
	c := a.Steering.Current()
	w.Header().Set("ETag", etag(c.Seq))
	writeJSON(w, http.StatusOK, deploymentOf(c.Release, c.Entry))
	return nil
}

// A patch is the body of a PATCH of the deployment.
type patch struct {
	Version string `json:"version"`
	Traffic *struct {
		Strategy string          `json:"strategy"`
		Value    json.RawMessage `json:"value"`
	} `json:"traffic_control"`
	Environment string `json:"target_environment"`
	Enabled     *bool  `json:"enabled"` // absent: true
	Reason      string `json:"reason"`
}

func (a *api) patchDeployment(w http.ResponseWriter, r *http.Request, by caller) error {
	var p patch
	if err := readJSON(r, &p); err != nil {
		return err
	}
	release := a.Steering.Current().Release
	if err := p.check(release); err != nil {
		return err
	}
	action := steering.Action{Kind: ledger.KindShare, Reason: p.Reason}
	if p.Enabled == nil || *p.Enabled {
		if err := p.traffic(&action); err != nil {
			return err
		}
	}
	return a.do(w, r, by, action)
}

// check refuses what the patch names and is not there.
func (p *patch) check(r *spec.Release) error {
	_, known := r.Versions[p.Version]
	switch {
	case p.Version == "":
		return fail(http.StatusBadRequest, "missing", "version is missing: name the candidate, %s", r.Candidate)
	case p.Environment == "":
		return fail(http.StatusBadRequest, "missing", "target_environment is missing: write %s", r.Environment)
	case p.Environment != r.Environment:
		return fail(http.StatusNotFound, "unknown_environment", "there is no environment %q here: this process serves %s", p.Environment, r.Environment)
	case p.Version == r.Candidate:
		return nil
	case p.Version == r.Stable:
		return fail(http.StatusConflict, "refused", "version %s is stable and gets what the candidate does not: set the share of %s", r.Stable, r.Candidate)
	case known:
		return fail(http.StatusConflict, "refused", "version %s is not the candidate of release %s, %s is: write a new release in the spec", p.Version, r.Release, r.Candidate)
	}
	return fail(http.StatusNotFound, "unknown_version", "there is no version %q: the candidate is %s", p.Version, r.Candidate)
}

// traffic reads strategy and value.
func (p *patch) traffic(a *steering.Action) error {
	if p.Traffic == nil {
		return fail(http.StatusBadRequest, "missing", `traffic_control is missing: write {"strategy": "percentage", "value": 0.05}, or "enabled": false`)
	}
	a.Strategy = ledger.Strategy(p.Traffic.Strategy)
	switch a.Strategy {
	case ledger.StrategyPercentage, ledger.StrategyUserID:
		var share *float64 // null is no share
		if json.Unmarshal(p.Traffic.Value, &share) != nil || share == nil || !(*share >= 0 && *share <= 1) {
			return fail(http.StatusBadRequest, "bad_value", "traffic_control.value is no fraction from 0 to 1: 5 %% is 0.05")
		}
		a.Share = spec.Share(*share)
		return nil
	case ledger.StrategyHeader:
		if json.Unmarshal(p.Traffic.Value, &a.Header) != nil || !strings.Contains(a.Header, ":") {
			return fail(http.StatusBadRequest, "bad_value", `traffic_control.value is no header: write it as "X-Feature-Flag: v2"`)
		}
		if err := steering.CheckHeader(a.Header); err != nil {
			return fail(http.StatusBadRequest, "bad_value", `traffic_control.value: %v: write it as "X-Feature-Flag: v2"`, err)
		}
		return nil
	}
	return fail(http.StatusBadRequest, "bad_value", "traffic_control.strategy %q is unknown: allowed are percentage, user_id and header", p.Traffic.Strategy)
}

// do takes an action and answers with what the release has come to.
func (a *api) do(w http.ResponseWriter, r *http.Request, by caller, action steering.Action) error {
	after, err := ifMatch(r, a.Steering.Current().Seq)
	if err != nil {
		return err
	}
	action.Actor, action.After = by.name, after
	e, err := a.Steering.Do(action)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(e.Seq))
	writeJSON(w, http.StatusOK, deploymentOf(a.Steering.Current().Release, e))
	return nil
}

// ifMatch is the change that the caller has seen; 0 where he does not say.
func ifMatch(r *http.Request, now int64) (int64, error) {
	match := strings.Join(r.Header.Values("If-Match"), ",")
	if match == "" || match == "*" {
		return 0, nil
	}
	for tag := range strings.SplitSeq(match, ",") {
		if strings.TrimSpace(tag) == etag(now) {
			return now, nil
		}
	}
	return 0, fail(http.StatusPreconditionFailed, "changed", "the state is at change %d and not at %s: read it again, and decide again", now, match)
}
