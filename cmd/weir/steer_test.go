package main

import (
	"bytes"
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
	past := []control.Past{change(12, "step", "autopilot", "", .2), change(2, "share", "Anna K.", "looks\twell,\nso on", .05)}
	past[0].Record = &ledger.Record{Path: "decisions/a.json"}
	var b bytes.Buffer
	if err := historyTable(&b, past); err != nil {
		t.Fatal(err)
	}
	want := `change   at                        kind    by           share   epoch   release       reason, record
    12   2026-11-23 14:00:00 UTC   step    autopilot     20 %      12   2026-11-rag   (decisions/a.json)
     2   2026-11-23 14:00:00 UTC   share   Anna K.        5 %       2   2026-11-rag   looks well, so on
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
