package control

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"weir/rollout/spec"
	"weir/router"
	"weir/trace"
)

// OpenFeature's remote evaluation (OFREP 0.3.0) sees one flag: its key is the
// application, its value and variant the version.

// An evaluation is OFREP's answer for one flag; ErrorCode is empty where there
// is a value.
type evaluation struct {
	Key          string         `json:"key"`
	Value        string         `json:"value,omitempty"`
	Variant      string         `json:"variant,omitempty"`
	Reason       string         `json:"reason,omitempty"`
	Metadata     map[string]any `json:"metadata,omitempty"`
	ErrorCode    string         `json:"errorCode,omitempty"`
	ErrorDetails string         `json:"errorDetails,omitempty"`
}

// evaluate answers for the flag of a key.
func (a *api) evaluate(w http.ResponseWriter, r *http.Request, _ caller) error {
	key := r.PathValue("key")
	if key != a.Steering.Current().App {
		writeJSON(w, http.StatusNotFound, evaluation{Key: key, ErrorCode: "FLAG_NOT_FOUND", ErrorDetails: "the one flag is named as the app that is served"})
		return nil
	}
	e := a.evaluated(r)
	status := http.StatusOK
	if e.ErrorCode != "" {
		status = http.StatusBadRequest
	}
	writeJSON(w, status, e)
	return nil
}

// evaluateAll answers for all flags: one. Where the answer is the one that the
// caller has, it says so.
func (a *api) evaluateAll(w http.ResponseWriter, r *http.Request, _ caller) error {
	e := a.evaluated(r)
	if e.ErrorCode != "" {
		writeJSON(w, http.StatusBadRequest, map[string]string{"errorCode": e.ErrorCode, "errorDetails": e.ErrorDetails})
		return nil
	}
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "no-cache")
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	writeJSON(w, http.StatusOK, map[string]any{"flags": []evaluation{e}, "metadata": map[string]any{}})
	return nil
}

// evaluated decides for the context of the call, and remembers.
func (a *api) evaluated(r *http.Request) evaluation {
	current := a.Steering.Current()
	e := evaluation{Key: current.App}
	var body struct {
		Context map[string]any `json:"context"`
	}
	d, err := document(r)
	if err == nil {
		err = d.Decode(&body)
	}
	if err != nil {
		e.ErrorCode, e.ErrorDetails = "PARSE_ERROR", "the body is not a JSON document with a context"
		return e
	}
	target, ok := body.Context["targetingKey"].(string)
	if !ok || target == "" {
		e.ErrorCode, e.ErrorDetails = "TARGETING_KEY_MISSING", "context.targetingKey is the id of the "+current.Release.Unit.String()+": a text that is not empty"
		return e
	}
	c, err := a.context(requestOf(current.Release, target, body.Context))
	if err != nil {
		var f *failure
		errors.As(err, &f)
		e.ErrorCode, e.ErrorDetails = "INVALID_CONTEXT", f.Message
		return e
	}
	decided := router.Assign(a.Plan(), c, a.Memory)
	e.Value, e.Variant, e.Reason = decided.Version, decided.Version, ofrepReason(decided)
	e.Metadata = map[string]any{
		"release": decided.Release, "reason": string(decided.Reason), "randomized": decided.Randomized,
		"epoch": decided.Epoch, "unit_id": decided.UnitID, "assigned_version": decided.AssignedVersion,
	}
	if decided.Randomized {
		e.Metadata["propensity"] = decided.Propensity
	}
	return e
}

// requestOf reads what the router decides by out of an evaluation context: the
// targeting key is the unit's id; session, user, region and declared attributes
// go by their names; what nobody declared is left alone.
func requestOf(r *spec.Release, target string, context map[string]any) request {
	text := func(name string) string { s, _ := context[name].(string); return s }
	q := request{Session: text("session"), User: text("user"), Region: text("region"), Attributes: map[string]string{}}
	if r.Unit == spec.UnitUser {
		q.User = target
	} else {
		q.Session = target
	}
	for name := range r.Context.Attributes {
		if value := text(name); value != "" {
			q.Attributes[name] = value
		}
	}
	return q
}

// ofrepReason is the nearest of OpenFeature's reasons.
func ofrepReason(d router.Decision) string {
	switch {
	case d.Reason == trace.ReasonRollback, d.Reason == trace.ReasonHalt, d.Reason == trace.ReasonBreaker:
		return "DISABLED"
	case d.Randomized:
		return "SPLIT"
	case d.Rule != "":
		return "TARGETING_MATCH"
	}
	return "STATIC"
}
