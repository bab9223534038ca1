package control

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout/spec"
)

// An Autopilot is who steers the release by its plan, and what that waits for.
type Autopilot struct {
	App     string `json:"app"`
	Mode    string `json:"mode"`    // auto, manual, cron, or none where the spec has no ramp
	Steered bool   `json:"steered"` // somebody looks and acts
	Holder  string `json:"holder"`  // who; empty: nobody
	Course
}

// autopilot tells what steers, and what it waits for.
func (a *api) autopilot(w http.ResponseWriter, _ *http.Request, _ caller) error {
	c := a.Steering.Current()
	w.Header().Set("ETag", etag(c.Seq))
	writeJSON(w, http.StatusOK, a.autopilotOf(c))
	return nil
}

func (a *api) autopilotOf(c steering.Current) Autopilot {
	holder, course := a.Helm.seen(a.Now())
	out := Autopilot{App: c.App, Mode: "none", Steered: holder != "", Holder: holder}
	if c.Release.Ramp != nil {
		out.Mode = c.Release.Ramp.Advance.Mode.String()
	}
	if course != nil && course.Release == c.Entry.Release {
		out.Course = *course
	}
	out.Release = c.Entry.Release
	out.Steps = stepsOf(c.Release.Ramp, c.State)
	if holder != "" && course != nil {
		out.Steps = progress(out.Steps, course.Steps)
	}
	if holder == "" {
		out.NextLook = nil
		out.Waiting = &Waiting{For: "person", Reason: "No autopilot is here: weir ramp, promote and rollback steer, and so does weir autopilot beside the router."}
	}
	if holder != "" && out.Seen > 0 && out.Seen < c.Seq {
		out.Waiting = &Waiting{For: "change", Reason: "The autopilot has not seen the last change yet."}
	}
	if c.State.Over() { // an autopilot that has not seen it yet waits for something else
		out.Waiting = &Waiting{For: "over", Reason: overReason(c)}
	}
	if out.Warnings == nil {
		out.Warnings = []string{}
	}
	return out
}

func overReason(c steering.Current) string {
	if c.State.Promoted {
		return fmt.Sprintf("Release %s is promoted.", c.Entry.Release)
	}
	return fmt.Sprintf("Release %s is rolled back. Another attempt is a new release.", c.Entry.Release)
}

// progress is the ramp as the state shows it, with how far the current step has come as an
// autopilot shows it: that may not have seen the last change yet.
func progress(steps, shown []Step) []Step {
	for i := range steps {
		if i < len(shown) && shown[i].Share == steps[i].Share && shown[i].State == steps[i].State {
			steps[i] = shown[i]
		}
	}
	return steps
}

// stepsOf is the ramp as the state alone shows it.
func stepsOf(r *spec.Ramp, s ledger.State) []Step {
	out := []Step{}
	if r == nil {
		return out
	}
	for i, step := range r.Steps {
		place := "ahead"
		switch {
		case i+1 < s.Step || s.Promoted:
			place = "passed"
		case i+1 == s.Step && s.RolledBack:
			place = "ended"
		case i+1 == s.Step:
			place = "current"
		}
		out = append(out, Step{Share: float64(step.To), State: place, HoldHours: step.Hold.Hours(), Units: step.Units, Proof: i == len(r.Steps)-1})
	}
	return out
}

// Bounds of how long the helm may be taken for.
const (
	leastHelm = time.Second
	mostHelm  = time.Hour
)

// takeHelm lets an autopilot beside the process take the helm, or keep it.
func (a *api) takeHelm(w http.ResponseWriter, r *http.Request, _ caller) error {
	var body struct {
		Holder  string  `json:"holder"`
		Seconds float64 `json:"seconds"`
		Course  *Course `json:"course"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if body.Holder == "" || len(body.Holder) > maxID {
		return fail(http.StatusBadRequest, "missing", "holder is missing, or longer than %d bytes: name the autopilot", maxID)
	}
	length := time.Duration(body.Seconds * float64(time.Second))
	if !(body.Seconds > 0) || length < leastHelm || length > mostHelm {
		return fail(http.StatusBadRequest, "bad_value", "seconds is out of range: the helm is taken for %g to %g seconds", leastHelm.Seconds(), mostHelm.Seconds())
	}
	now := a.Now()
	if err := a.Helm.Take(body.Holder, now, now.Add(length), body.Course); err != nil {
		return err
	}
	return a.autopilot(w, r, caller{})
}

// autopilotKinds are what an autopilot may do.
var autopilotKinds = map[string]ledger.Kind{
	"step": ledger.KindStep, "promote": ledger.KindPromote, "rollback": ledger.KindRollback,
	"halt": ledger.KindHalt, "suspect": ledger.KindSuspect, "trust": ledger.KindTrust,
}

var errNoMatch = fail(http.StatusPreconditionRequired, "no_match", "an autopilot's action names the change it was decided on: send If-Match")

// steer takes an action of the autopilot at the helm.
func (a *api) steer(w http.ResponseWriter, r *http.Request, by caller) error {
	var body struct {
		Holder string         `json:"holder"`
		Kind   string         `json:"kind"`
		Share  float64        `json:"share"`
		Reason string         `json:"reason"`
		Record *ledger.Record `json:"record"`
		LookAt time.Time      `json:"look_at"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	kind, ok := autopilotKinds[body.Kind]
	if !ok {
		return fail(http.StatusBadRequest, "bad_value", "kind %q is no action: allowed are step, promote, rollback, halt, suspect and trust", body.Kind)
	}
	if m := r.Header.Get("If-Match"); m == "" || m == "*" {
		return errNoMatch
	}
	if err := a.Helm.has(body.Holder, a.Now()); err != nil {
		return err
	}
	return a.do(w, r, caller{name: AutopilotActor + "/" + by.name}, steering.Action{
		Kind: kind, Share: spec.Share(body.Share), Reason: body.Reason, Record: body.Record, LookAt: body.LookAt,
	})
}

// AutopilotActor is the autopilot's name in the history; one beside the process
// has its token's behind a slash.
const AutopilotActor = "autopilot"

// heldCode is the answer to an autopilot while another has the helm.
const heldCode = "held"

func heldFailure(err error) *failure {
	var held *HeldError
	if errors.As(err, &held) {
		return fail(http.StatusConflict, heldCode, "%v", held)
	}
	return nil
}
