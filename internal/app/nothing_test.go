package app

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"weir/rollout"
	"weir/rollout/spec"
)

// A look before anybody came is a hold that says so, and comes out the same again.
func TestNothing(t *testing.T) {
	j := Job{Spec: spec.Default("bot", "r1", "v1", "v2"), AsOf: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	raw, err := json.Marshal(Nothing(j, errors.New("no data")))
	if err != nil {
		t.Fatal(err)
	}
	r, err := rollout.ParseRecord(raw)
	if err != nil {
		t.Fatal(err)
	}
	if d := r.Analysis.Decision; d.Verdict != rollout.Hold || d.Reasons[0] != "Nothing was compared: there are 0 units of v1 and 0 of v2." {
		t.Errorf("%+v", d)
	}
	if err := Replay(t.Context(), r, ""); err != nil {
		t.Error(err)
	}
}
