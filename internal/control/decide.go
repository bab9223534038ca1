package control

import (
	"cmp"
	"fmt"
	"net/http"
	"net/textproto"
	"time"

	"github.com/google/uuid"

	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout/spec"
	"weir/router"
	"weir/trace"
)

// A request says of a call to the application what the router decides by. What
// it does not say is read from its headers, where the specification has it there.
type request struct {
	Session    string            `json:"session"`
	User       string            `json:"user"`
	Bound      []string          `json:"bound"` // ids that a version handed out
	FollowUp   bool              `json:"follow_up"`
	Headers    map[string]string `json:"headers"`
	Attributes map[string]string `json:"attributes"`
	Region     string            `json:"region"`
	Method     string            `json:"method"`
	Path       string            `json:"path"`
}

// maxID bounds an id, as the proxy does.
const maxID = 512

// context is the request as the router sees it.
func (a *api) context(q request) (router.Context, error) {
	from := a.Steering.Current().Release.Context
	for name := range q.Attributes {
		if _, ok := from.Attributes[name]; !ok {
			return router.Context{}, fail(http.StatusBadRequest, "bad_value", "attribute %q is not declared: add it under context.attributes in the spec", name)
		}
	}
	q.Headers = canonical(q.Headers)
	q.complete(from)
	c := router.Context{
		FollowUp: q.FollowUp, Attributes: q.Attributes, Region: q.Region, Method: q.Method, Path: q.Path,
		Headers: func() map[string]string { return q.Headers },
		Fresh:   uuid.NewString(), At: a.Now().UTC(),
	}
	var err error
	if c.Session, err = a.id(q.Session); err != nil {
		return c, err
	}
	if c.User, err = a.id(q.User); err != nil {
		return c, err
	}
	for _, id := range q.Bound {
		if id, err = a.id(id); err != nil {
			return c, err
		}
		c.Bound = append(c.Bound, id)
	}
	return c, nil
}

// id is an id as everyone but the client and the version sees it.
func (a *api) id(id string) (string, error) {
	switch {
	case id == "":
		return "", nil
	case len(id) > maxID:
		return "", fail(http.StatusBadRequest, "bad_value", "an id has %d bytes: at most %d are taken", len(id), maxID)
	}
	return a.Hash(id), nil
}

// complete reads from the headers what is not said by name, as the proxy does.
func (q *request) complete(from spec.Context) {
	q.Session = cmp.Or(q.Session, q.header(from.Session...))
	q.User = cmp.Or(q.User, q.header(from.User...))
	q.Region = cmp.Or(q.Region, q.header(from.Region))
	attributes := make(map[string]string, len(from.Attributes))
	for name, of := range from.Attributes {
		if v := cmp.Or(q.Attributes[name], q.header(of...)); v != "" {
			attributes[name] = v
		}
	}
	q.Attributes = attributes
}

// header is the first of several sources that is a header and present.
func (q *request) header(of ...spec.Source) string {
	for _, s := range of {
		if v := q.Headers[s.Name]; s.From == spec.FromHeader && v != "" && len(v) <= maxID {
			return v
		}
	}
	return ""
}

func canonical(headers map[string]string) map[string]string {
	out := make(map[string]string, len(headers))
	for name, value := range headers {
		out[textproto.CanonicalMIMEHeaderKey(name)] = value
	}
	return out
}

// A Decision is what the router decided, under the names of the traces table:
// what an application that routes by itself reports back.
type Decision struct {
	Version      string     `json:"version"` // to send the request to
	Assigned     string     `json:"assigned_version"`
	Reason       string     `json:"reason"`
	Rule         *string    `json:"rule"`
	Randomized   bool       `json:"randomized"`
	Propensity   *float64   `json:"propensity"`
	Epoch        int64      `json:"epoch"`
	ServingEpoch int64      `json:"serving_epoch"`
	Release      string     `json:"release"`
	UnitID       string     `json:"unit_id"`
	AssignedAt   *time.Time `json:"assigned_at"`
	PromiseHash  string     `json:"promise_hash"`
	Detach       bool       `json:"detach"` // the bound ids belong to another version: send the request without them
}

func decisionOf(d router.Decision) Decision {
	out := Decision{
		Version: d.Version, Assigned: d.AssignedVersion, Reason: string(d.Reason), Randomized: d.Randomized,
		Epoch: d.Epoch, ServingEpoch: d.ServingEpoch, Release: d.Release, UnitID: d.UnitID,
		AssignedAt: &d.AssignedAt, PromiseHash: d.PromiseHash, Detach: d.Detach,
	}
	if d.Rule != "" {
		out.Rule = &d.Rule
	}
	if d.Randomized {
		out.Propensity = &d.Propensity
	}
	return out
}

// route decides, and remembers, for an application that forwards by itself.
func (a *api) route(w http.ResponseWriter, r *http.Request, _ caller) error {
	c, err := a.asked(r)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, decisionOf(router.Assign(a.Plan(), c, a.Memory)))
	return nil
}

// explain says where a request would go, and why, and remembers nothing.
func (a *api) explain(w http.ResponseWriter, r *http.Request, _ caller) error {
	c, err := a.asked(r)
	if err != nil {
		return err
	}
	d := router.Decide(a.Plan(), c, a.Memory)
	now := a.Steering.Current()
	writeJSON(w, http.StatusOK, struct {
		Decision
		Why string `json:"why"`
	}{decisionOf(d), why(d, now)})
	return nil
}

func (a *api) asked(r *http.Request) (router.Context, error) {
	var q request
	if err := readJSON(r, &q); err != nil {
		return router.Context{}, err
	}
	return a.context(q)
}

// why says in a sentence what decided.
func why(d router.Decision, now steering.Current) string {
	r := now.Release
	switch d.Reason {
	case trace.ReasonRollback:
		return fmt.Sprintf("release %s is rolled back", r.Release)
	case trace.ReasonHalt:
		return "the release is halted: new units go to stable"
	case trace.ReasonBreaker:
		return fmt.Sprintf("the breaker of %s is, or was, open", r.Candidate)
	case trace.ReasonBinding:
		return fmt.Sprintf("an id in the request belongs to %s", d.Version)
	case trace.ReasonSticky:
		return fmt.Sprintf("its unit was assigned to %s at %s", d.AssignedVersion, d.AssignedAt.UTC().Format(time.RFC3339))
	case trace.ReasonRule:
		if d.Err != nil {
			return fmt.Sprintf("rule %s cannot be evaluated: stable", d.Rule)
		}
		return fmt.Sprintf("rule %s is the first that it meets", d.Rule)
	case trace.ReasonHoldout:
		return "its unit is in the holdout"
	case trace.ReasonUnknownID:
		return "nobody knows the ids in it: stable"
	case trace.ReasonSplit:
		u := router.Draw(router.Salt(r.App, r.Release, router.PurposeArm), d.UnitID)
		return fmt.Sprintf("its unit's number is %.4f, and %s has the numbers below %v", u, r.Candidate, armShare(r, now.State))
	}
	return "nothing is drawn for its unit"
}

// armShare is what the number of a unit that is drawn is held against.
func armShare(r *spec.Release, s ledger.State) float64 {
	if r.Unit == spec.UnitUser {
		return 0.5
	}
	return float64(s.Share)
}
