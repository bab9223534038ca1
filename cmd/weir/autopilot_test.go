package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/control"
)

// steeredSpec climbs fast on the lake of a scenario, whose epochs are as those of
// the release here.
const steeredSpec = `ramp: {steps: [{to: 1%, hold: 1s, units: 1}, {to: 2%, hold: 1s, units: 1}, {to: 3%, units: 1}]}
jobs: {analyze: "@every 1s", compact: never, retention: never}
`

// TestServeKilled kills the server again and again while its autopilot climbs: each
// step is taken once, in order, by a record that is there; and a second autopilot,
// beside it, waits.
func TestServeKilled(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	if status := run(t.Context(), []string{"simulate", "--scenario", "better", "--seed", "1", "--sessions", "300", "--lake", lake}, nil, &bytes.Buffer{}, &bytes.Buffer{}); status != 0 {
		t.Fatal(status)
	}
	(&server{T: t, dir: dir}).spec(steeredSpec)
	var past []control.Past
	var s *server
	for kills := 0; ; kills++ {
		s = startServer(t, dir)
		reached := func() bool {
			var err error
			past, err = s.client.History(t.Context(), 100)
			return err == nil && past[0].Share == .03
		}
		if reached() {
			t.Logf("killed %d times", kills)
			break
		}
		before := past[0].Seq
		if kills < 6 {
			time.Sleep(time.Duration(300+450*kills%1300) * time.Millisecond)
		} else {
			await(t, "another step", func() bool { return reached() || past[0].Seq > before })
		}
		s.Process.Signal(syscall.SIGKILL)
		s.Wait()
	}
	var kinds []string
	for i := len(past) - 1; i >= 0; i-- {
		kinds = append(kinds, fmt.Sprintf("%s %v", past[i].Kind, past[i].Share))
		if past[i].Kind != "step" || past[i].Share == .01 && past[i].Record == nil {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(lake, filepath.FromSlash(past[i].Record.Path)))
		sum := sha256.Sum256(raw)
		if err != nil || hex.EncodeToString(sum[:]) != past[i].Record.SHA256 {
			t.Errorf("change %d cites %+v: %v", past[i].Seq, past[i].Record, err)
		}
	}
	if got := strings.Join(kinds, ", "); got != "begin 0, step 0.01, step 0.02, step 0.03" {
		t.Errorf("the ledger says %s", got)
	}
	var out bytes.Buffer
	t.Setenv("WEIR_TOKEN", "secret")
	if code := run(t.Context(), []string{"autopilot", "--once", "--server", s.client.Server, "--lake", lake, "--spec", filepath.Join(dir, "weir.yaml")}, nil, &out, &out); code != 1 || !strings.Contains(out.String(), "autopilot weir serve steers this release") {
		t.Errorf("a second autopilot ends with %d: %s", code, &out)
	}
	out.Reset()
	if code := run(t.Context(), []string{"status", "--server", s.client.Server, "--app", "better"}, nil, &out, &out); code != 0 || !strings.Contains(out.String(), "1 % ✓ ─ 2 % ✓ ─ 3 % ●") || !strings.Contains(out.String(), "steered   by weir serve") {
		t.Errorf("status ends with %d: %s", code, &out)
	}
}
