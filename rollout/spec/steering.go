package spec

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// anywhere stands for an upstream that is not told.
const anywhere = "http://unnamed.invalid"

// Steering is what [Release.JSON] gives, with context and rules: all that a
// later specification of the release is compared with by [Amendments]. Of
// versions it holds the names alone. [Parse] reads it.
func (r *Release) Steering() []byte {
	steers := r.only("app", "release", "environment", "stable", "candidate", "unit", "context", "rules",
		"holdout", "ramp", "metrics", "decision", "planning")
	if !r.MetricsDeclared {
		delete(steers, "metrics")
	}
	if len(r.Versions) > 0 {
		names := map[string]any{}
		for name := range r.Versions {
			names[name] = map[string]any{"upstream": anywhere}
		}
		steers["versions"] = names
	}
	return bytes.TrimSpace(encode(steers, ""))
}

// HeaderRule is a rule that forces a version on the units whose first request
// carries a header with exactly that value.
func HeaderRule(name, header, value, version string) (Rule, error) {
	if !headerForm.MatchString(header) {
		return Rule{}, errors.New("the header's name has characters that no header has")
	}
	if value == "" {
		return Rule{}, errors.New("the header's value is empty")
	}
	r := Rule{
		Name: name, Version: version,
		When: fmt.Sprintf("headers[%s] == %s", strconv.Quote(canonicalHeader(header)), strconv.Quote(value)),
	}
	d := newDecoder("")
	r.program = newConditions(nil).compile(d, "", r.When)
	if d.faults != nil {
		return Rule{}, errors.New("the header's value cannot be compared with")
	}
	return r, nil
}
