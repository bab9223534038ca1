package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"runtime"
	"strings"
	"testing"
	"time"

	"weir/trace"
)

// A digest is a sink that hashes everything it is given, in order.
type digest struct{ hash hash.Hash }

func (d digest) write(v any) error                           { return json.NewEncoder(d.hash).Encode(v) }
func (d digest) Exchange(e *trace.Exchange) error            { return d.write(e) }
func (d digest) Content(date string, c *trace.Content) error { return d.write([]any{date, c}) }
func (d digest) Outcome(o *trace.Outcome) error              { return d.write(o) }
func (d digest) Loss(l *trace.Loss) error                    { return d.write(l) }

func digestOf(t *testing.T, s Scenario, seed uint64, size Size) string {
	t.Helper()
	d := digest{sha256.New()}
	if err := Run(context.Background(), s, seed, size, d, nil); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(d.hash.Sum(nil)[:8])
}

// TestReproducible pins the rows of every arrival process: whoever changes them
// changes the truth of stored results and says so by changing these.
func TestReproducible(t *testing.T) {
	for name, want := range map[string]string{
		"better":        "f915e42b0ccdce0d",
		"lost-traces":   "e070f6e48f5c1dbb",
		"user-unit":     "d3b8617fb5d0cffc",
		"paired-trials": "056d0958fa3047e5",
		"bench":         "bd7df3b471e0bb3a",
	} {
		s := named(t, name)
		s.PromiseHash = "promise" // else it follows the wording of the spec
		if got := digestOf(t, s, 1, 2000); got != want {
			t.Errorf("%s: digest %s, want %s", name, got, want)
		}
	}
}

func TestProcessorsDoNotMatter(t *testing.T) {
	s := named(t, "better")
	many := digestOf(t, s, 9, 3000)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if one := digestOf(t, s, 9, 3000); one != many {
		t.Errorf("digest %s with one processor, %s with several", one, many)
	}
}

func TestSeedAndSizeMatter(t *testing.T) {
	s := named(t, "better")
	base := digestOf(t, s, 1, 2000)
	if base == digestOf(t, s, 2, 2000) {
		t.Error("seeds 1 and 2 give the same rows")
	}
	ids := map[string]bool{}
	for _, size := range []Size{2000, 2100} {
		for _, e := range simulated(t, s, 1, size).exchanges {
			if ids[e.TraceID] {
				t.Fatalf("trace id %s occurs in runs of different size", e.TraceID)
			}
			ids[e.TraceID] = true
		}
	}
}

func TestSizeIsExact(t *testing.T) {
	for _, c := range []struct {
		scenario   string
		size, want Size
	}{
		{"better", 1, 1}, {"better", 7, 7}, {"better", 5003, 5003}, {"peeking", 0, 30000},
		{"user-unit", 503, 503}, {"paired-trials", 1, 20}, {"paired-trials", 41, 60},
	} {
		l := simulated(t, named(t, c.scenario), 1, c.size)
		if got := len(l.dialogues(time.Hour)); got != int(c.want) {
			t.Errorf("%s of size %d: %d sessions, want %d", c.scenario, c.size, got, c.want)
		}
	}
}

// full is a sink that fails after some exchanges.
type full struct {
	discard
	left int
}

var errFull = errors.New("the sink is full")

func (f *full) Exchange(*trace.Exchange) error {
	if f.left--; f.left < 0 {
		return errFull
	}
	return nil
}

func TestRunEndsWithTheSinksError(t *testing.T) {
	for _, left := range []int{0, 1, 5000} {
		if err := Run(context.Background(), named(t, "better"), 1, 0, &full{left: left}, nil); !errors.Is(err, errFull) {
			t.Errorf("after %d rows: %v, want %v", left, err, errFull)
		}
	}
}

func TestRunEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	reports := 0
	err := Run(ctx, named(t, "better"), 1, 0, discard{}, func(int64) {
		if reports++; reports == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || reports != 3 {
		t.Errorf("%v after %d reports, want %v after 3", err, reports, context.Canceled)
	}
}

func TestProgressCountsExchanges(t *testing.T) {
	l, last := &lake{}, int64(0)
	err := Run(context.Background(), named(t, "worse"), 1, 500, l, func(rows int64) {
		if rows < last || rows != int64(len(l.exchanges)) {
			t.Errorf("progress %d after %d, with %d delivered", rows, last, len(l.exchanges))
		}
		last = rows
	})
	if err != nil || last != int64(len(l.exchanges)) || last == 0 {
		t.Errorf("%v; progress ended at %d of %d", err, last, len(l.exchanges))
	}
}

func TestRefusals(t *testing.T) {
	err := Run(context.Background(), named(t, "better"), 1, -1, discard{}, nil)
	if err == nil || !strings.Contains(err.Error(), "size -1 of scenario better") {
		t.Errorf("size -1: %v", err)
	}
	_, err = Named("bettr")
	if err == nil || !strings.Contains(err.Error(), `"bettr"`) || !strings.Contains(err.Error(), "simpson-ramp") {
		t.Errorf("unknown name: %v", err)
	}
}

// TestCallersMayChoose holds the exported fields to be used.
func TestCallersMayChoose(t *testing.T) {
	s := named(t, "worse")
	s.App, s.Release, s.PromiseHash = "support-bot", "2026-11-rag", "abc"
	s.Start = time.Date(2026, time.November, 9, 0, 0, 0, 0, time.UTC)
	for _, e := range simulated(t, s, 1, 100).exchanges {
		if e.App != s.App || e.Release != s.Release || e.PromiseHash != "abc" || e.StartedAt.Before(s.Start) {
			t.Fatalf("%+v", *e)
		}
	}
}
