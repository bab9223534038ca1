package rollout

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// TestVerdictInJSON: a verdict is a word, and no other word is one.
func TestVerdictInJSON(t *testing.T) {
	for verdict, word := range map[Verdict]string{Hold: "hold", Promote: "promote", Rollback: "rollback", Invalid: "invalid"} {
		b, err := json.Marshal(verdict)
		if err != nil || string(b) != `"`+word+`"` {
			t.Errorf("%v is written as %s, %v", verdict, b, err)
		}
		var back Verdict
		if err := json.Unmarshal(b, &back); err != nil || back != verdict {
			t.Errorf("%s is read as %v, %v", b, back, err)
		}
	}
	for _, text := range []string{`"pass"`, `""`, `"Promote"`} {
		v := Rollback
		var unknown *UnknownVerdictError
		if err := json.Unmarshal([]byte(text), &v); !errors.As(err, &unknown) {
			t.Errorf("%s is read as %v, %v", text, v, err)
		}
	}
	for _, text := range []string{"1", "true", "{}"} {
		var v Verdict
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s is read as %v", text, v)
		}
	}
}

// TestParseRecord refuses what is no record, and says what it found.
func TestParseRecord(t *testing.T) {
	for text, want := range map[string]string{
		`{"schema": "weir.decision/1"}`: "",
		`{"schema": "weir.decision/2"}`: `its schema is "weir.decision/2"; this Weir reads "weir.decision/1"`,
		`{}`:                            `its schema is ""; this Weir reads "weir.decision/1"`,
		`{"schema": `:                   "it is no decision record",
		`[]`:                            "it is no decision record",
		`{"schema": "weir.decision/1", "analysis": {"decision": {"verdict": "pass"}}}`: "verdict pass is unknown",
	} {
		_, err := ParseRecord([]byte(text))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: the error is %v, want %q", text, err, want)
		}
	}
}

// TestRecordRoundTrip: a record read back decides the same, to the last digit.
func TestRecordRoundTrip(t *testing.T) {
	result := promotable(nothing)
	first := Record{Schema: RecordSchema, Analysis: Analysis{Result: result, Decision: Decide(result, Policy{})}}
	written, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParseRecord(written)
	if err != nil {
		t.Fatal(err)
	}
	read.Analysis.Decision = Decide(read.Analysis.Result, read.Policy)
	again, err := json.Marshal(read)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(written) {
		t.Errorf("written %s\nagain %s", written, again)
	}
}
