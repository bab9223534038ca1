package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/collector"
	"weir/collector/parquet"
	"weir/trace"
)

const weirYAML = `app: bot
release: r1
environment: production
stable: v1
candidate: v2
unit: session
versions:
  v1: {upstream: %q}
  v2: {upstream: %q}
context:
  session: ["header:X-Session-Id"]
  attributes: {request: "header:X-Request"}
journal: {fsync: 5ms}
`

// folder returns a new folder, in memory where the system has such: fifty lives wait for the disk
// a thousand times.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "weir-chaos")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// The router is killed fifty times at random moments under load, while its share goes up and down
// and its lake is compacted. No request that was answered is lost, none is in the lake twice, no
// file is torn, and no conversation changes its version.
func TestRouterKilledFiftyTimes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	killed(t, []string{build(t)}, 50, 20)
}

// The whole of weir serve, with its autopilot and jobs, keeps the same promises.
func TestServeKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	killed(t, []string{buildWhole(t), "serve"}, 8, 3)
}

// killed kills what the command starts, so many times at most within a minute and no fewer than at
// least, and holds what its clients were told against its lake.
func killed(t *testing.T, command []string, most, least int) {
	dir := folder(t)
	v1, v2 := upstream(), upstream()
	defer v1.Close()
	defer v2.Close()
	if err := os.WriteFile(filepath.Join(dir, "weir.yaml"), fmt.Appendf(nil, weirYAML, v1.URL, v2.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	lake, err := parquet.Open(filepath.Join(dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(uint64(os.Getpid()), 1))
	deadline := time.Now().Add(time.Minute)

	asking, stop := context.WithCancel(t.Context())
	defer stop()
	c := newClients()
	lives := 0
	for ; lives < most && time.Now().Before(deadline); lives++ {
		r := start(t, command, dir)
		c.serve(r.data)
		if lives == 0 {
			c.run(asking)
		}
		if lives%3 == 0 {
			if err := r.share([]float64{.2, .5, .8, .3}[lives/3%4]); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Duration(random.IntN(400_000)) * time.Microsecond)
		r.kill(t)
		if lives%5 == 4 {
			if _, err := lake.Compact(t.Context(), "bot", parquet.CompactOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := start(t, command, dir)
	c.serve(r.data)
	time.Sleep(300 * time.Millisecond)
	stop()
	c.all.Wait()
	r.end(t)

	check(t, c, lake)
	left, err := filepath.Glob(filepath.Join(dir, "state", "serve", "bot", "journal", "*.wal"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v are left in the journal, %v", left, err)
	}
	t.Logf("%d lives, %d requests answered of %d sent, %d conversations, statuses %v", lives, len(c.answered), len(c.sent), len(c.versions), c.statuses)
	if lives < least || len(c.answered) < 20*lives {
		t.Errorf("%d lives, %d requests: this is no load", lives, len(c.answered))
	}
}

// check holds what the clients were told against the lake.
func check(t *testing.T, c *clients, lake *parquet.Lake) {
	t.Helper()
	for _, flip := range c.flips {
		t.Error(flip)
	}
	rows, crashed := map[string]trace.Exchange{}, 0
	ids := map[string]bool{}
	assigned := map[string]string{}
	for e, err := range parquet.ReadAll[trace.Exchange](t.Context(), lake, "bot") {
		if err != nil {
			t.Fatal(err)
		}
		id := e.Attributes["request"]
		if _, twice := rows[id]; twice || ids[e.TraceID] {
			t.Errorf("%s (%s) is in the lake twice", id, e.TraceID)
		}
		rows[id], ids[e.TraceID] = e, true
		if e.ErrorType == collector.Crashed {
			crashed++
		}
		if was, known := assigned[e.SessionID]; known && was != e.AssignedVersion {
			t.Errorf("%s is assigned to %s and to %s", e.SessionID, was, e.AssignedVersion)
		}
		assigned[e.SessionID] = e.AssignedVersion
	}
	lost := 0
	for id, session := range c.answered {
		e, there := rows[id]
		switch {
		case !there:
			if lost++; lost <= 10 {
				t.Errorf("%s was answered and is not in the lake", id)
			}
		case e.SessionID != session || e.ServedVersion != c.versions[session] || e.ErrorType == collector.Crashed:
			t.Errorf("%s of %s was answered by %s; the lake has %s, %s, error %q", id, session, c.versions[session], e.SessionID, e.ServedVersion, e.ErrorType)
		}
	}
	if lost > 0 {
		t.Errorf("%d requests that were answered are lost", lost)
	}
	for id := range rows {
		if !c.sent[id] {
			t.Errorf("%s was never sent", id)
		}
	}
	both := map[string]int{}
	for _, v := range c.versions {
		both[v]++
	}
	if both["v1"] < 3 || both["v2"] < 3 || crashed == 0 {
		t.Errorf("%v conversations, %d requests crashed: nothing was tried", both, crashed)
	}
}
