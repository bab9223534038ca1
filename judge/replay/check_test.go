package replay

import (
	"encoding/json"
	"testing"
)

func TestPass(t *testing.T) {
	for _, c := range []struct {
		check, answer string
		want          bool
	}{
		{`{"contains": "refund"}`, "a refund, then", true},
		{`{"contains": "refund"}`, "a Refund, then", false},
		{`{"contains": "refund", "fold": true}`, "a Refund, then", true},
		{`{"contains": "退款"}`, "可以退款。", true},
		{`{"lacks": "sorry"}`, "no", true},
		{`{"lacks": "sorry"}`, "sorry, no", false},
		{`{"exact": "42"}`, " 42\n", true},
		{`{"exact": "42"}`, "420", false},
		{`{"regex": "^\\d{2}$"}`, "42", true},
		{`{"regex": "^\\d{2}$"}`, "421", false},
		{`{"json": "a.1.b"}`, `{"a": [0, {"b": 0}]}`, true},
		{`{"json": "a.1.b"}`, `{"a": [0, {"b": null}]}`, false},
		{`{"json": "a.2"}`, `{"a": [0, 1]}`, false},
		{`{"json": "a", "equals": null}`, `{"a": null}`, true},
		{`{"json": "a", "equals": {"x": [1, "y"]}}`, `{"a": {"x": [1.0, "y"]}}`, true},
		{`{"json": "a", "equals": "1"}`, `{"a": 1}`, false},
		{`{"json": "a"}`, `no JSON at all`, false},
	} {
		var checks Checks
		if err := json.Unmarshal([]byte(c.check), &checks); err != nil {
			t.Fatal(err)
		}
		if err := checks.compile(); err != nil {
			t.Fatalf("%s: %v", c.check, err)
		}
		if got := checks[0].Pass(c.answer); got != c.want {
			t.Errorf("%s of %q is %v", c.check, c.answer, got)
		}
	}
}

// An outcome is 1 where all its checks pass; without an answer none does, not even one that
// wants something to be absent.
func TestTally(t *testing.T) {
	checks := Checks{{Contains: "a"}, {Contains: "b"}, {Lacks: "z", Outcome: "polite"}}
	if err := checks.compile(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		answer           string
		answered         bool
		resolved, polite bool
	}{{"ab", true, true, true}, {"a", true, false, true}, {"b", true, false, true}, {"abz", true, true, false}, {"ab", false, false, false}} {
		got := tally{}
		got.take(checks, c.answer, c.answered)
		if got["resolved"] != c.resolved || got["polite"] != c.polite || len(got) != 2 {
			t.Errorf("%q answered %v gives %v", c.answer, c.answered, got)
		}
	}
}
