package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/control/ledger"
)

// The history has a header, and columns under it; a reason is one line.
func TestHistoryTable(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	change := func(seq int64, kind, actor, reason string, share float64) control.Past {
		p := control.Past{Release: "2026-11-rag", State: "ramping", Share: share, Epoch: seq}
		p.Seq, p.At, p.Kind, p.Actor, p.Reason = seq, at, kind, actor, reason
		return p
	}
	past := []control.Past{change(12, "step", "autopilot", "", .2), change(2, "share", "Anna K.", "looks\twell,\nso on", .05), change(1, "share", "ci", "beta", 0)}
	past[2].Header = "X-Beta: v2"
	past[0].Record = &ledger.Record{Path: "decisions/a.json"}
	var b bytes.Buffer
	if err := historyTable(&b, past); err != nil {
		t.Fatal(err)
	}
	want := `change   at                        kind    by           share   epoch   release       reason, record
    12   2026-11-23 14:00:00 UTC   step    autopilot     20 %      12   2026-11-rag   (decisions/a.json)
     2   2026-11-23 14:00:00 UTC   share   Anna K.        5 %       2   2026-11-rag   looks well, so on
     1   2026-11-23 14:00:00 UTC   share   ci             0 %       1   2026-11-rag   requests with "X-Beta: v2"  beta
`
	if b.String() != want {
		t.Errorf("%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := historyTable(&b, nil); err != nil || strings.TrimSpace(b.String()) != "" {
		t.Errorf("of nothing it shows %q, %v", b.String(), err)
	}
}

// A ramp that the spec does not have is not called paused.
func TestPausedInWords(t *testing.T) {
	d := control.Deployment{Version: "v2", Unit: "session", Share: .05, State: "paused"}
	if got, want := inWords(d), "v2 gets 5 % of new sessions"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	d.Ramp = &control.Ramp{}
	if got, want := inWords(d), "v2 gets 5 % of new sessions, the ramp is paused"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Who names a share right after the start is not told that the ramp was faster; whatever
// else came first, and a step that was to be the next, still is.
func TestRampOvertaken(t *testing.T) {
	for _, c := range []struct {
		kind   ledger.Kind
		seq    int64 // of the change that came first
		share  string
		status int
	}{
		{ledger.KindStep, 2, "20%", statusDone}, {ledger.KindStep, 3, "20%", statusFailure},
		{ledger.KindRollback, 2, "20%", statusFailure}, {ledger.KindShare, 2, "20%", statusFailure}, {ledger.KindStep, 2, "", statusFailure},
	} {
		now := control.Deployment{App: "bot", Version: "v2", Unit: "session", State: "ramping", Ramp: &control.Ramp{Steps: []float64{.05, .5}}}
		now.Changed.Seq, now.Changed.Kind = 1, string(ledger.KindBegin)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(control.Header, "1")
			if r.Method == http.MethodPatch {
				if now.Changed.Seq == 1 { // somebody comes first
					now.Changed.Seq, now.Changed.Kind = c.seq, string(c.kind)
				}
				if r.Header.Get("If-Match") != fmt.Sprintf("%q", fmt.Sprint(now.Changed.Seq)) {
					w.WriteHeader(http.StatusPreconditionFailed)
					fmt.Fprint(w, `{"error": {"code": "changed", "message": "somebody came first"}}`)
					return
				}
				now.Changed.Seq, now.Changed.Kind, now.Share = now.Changed.Seq+1, string(ledger.KindShare), .2
			}
			json.NewEncoder(w).Encode(now)
		}))
		args := []string{"ramp", "--server", server.URL, "--app", "bot"}
		if c.share != "" {
			args = append(args, c.share)
		}
		stdout, stderr := ran(t, c.status, args...)
		if done := strings.HasPrefix(stdout, "v2 gets 20 % of new sessions"); done != (c.status == statusDone) || !done && !strings.Contains(stderr, "somebody changed the release meanwhile") {
			t.Errorf("%+v: %s%s", c, stdout, stderr)
		}
		server.Close()
	}
}
