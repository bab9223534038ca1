package live

import (
	"fmt"
	"path/filepath"
	"testing"

	"weir/internal/answers"
	"weir/trace"
)

// Who is forgotten is forgotten by the judge as well: what it answered about their
// conversations goes with them, the journal's latest included.
func TestForgetTakesJudgesAnswers(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	for _, who := range []string{"ann", "bob"} {
		status, said := f.call("POST", "/v1/traces", fmt.Sprintf(
			`{"traces": [{"trace_id": "t-%[1]s", "session_id": "s-%[1]s", "user_id": %[1]q, "assigned_version": "v1", "started_at": "2026-11-25T09:00:00Z", "latency_ms": 12}]}`, who))
		if status >= 300 {
			t.Fatalf("%d %s", status, said)
		}
	}
	kept := answers.Of(filepath.Join(p.dir, "lake", "_state"), "bot", "r1")
	keys := map[string]string{"s-ann": fmt.Sprintf("%064d", 1), "s-bob": fmt.Sprintf("%064d", 2)}
	for subject, key := range keys {
		if err := kept.Put(key, subject, []byte(`{"quote": "x"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if status, said := f.call("POST", "/v1/applications/bot/forget", `{"user": "ann"}`); status != 200 {
		t.Fatalf("%d %s", status, said)
	}
	for subject, want := range map[string]bool{"s-ann": false, "s-bob": true} {
		if _, is := kept.Get(keys[subject]); is != want {
			t.Errorf("the answer about %s is kept: %v", subject, is)
		}
	}
	f.stop()
	if left := rows[trace.Exchange](p); len(left) != 1 || left[0].UserID != "bob" {
		t.Errorf("left are %+v", left)
	}
}

// The memory of assignments forgets them too, through a restart.
func TestForgetTakesAssignments(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	for _, who := range []string{"ann", "bob"} {
		f.ask("s-"+who, who)
	}
	if n := f.sticky.Len(); n != 2 {
		t.Fatalf("%d assignments are remembered", n)
	}
	if status, said := f.call("POST", "/v1/applications/bot/forget", `{"user": "ann"}`); status != 200 {
		t.Fatalf("%d %s", status, said)
	}
	f.stop()
	f = p.start(nil)
	if n := f.sticky.Len(); n != 1 {
		t.Errorf("%d assignments are remembered", n)
	}
	f.stop()
}
