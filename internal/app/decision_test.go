package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/analyze"
	"weir/internal/sim"
	"weir/rollout"
)

// decided is the record of a small release, and its lake.
func decided(t *testing.T) (rollout.Record, string) {
	t.Helper()
	r := simulated(t, "equal", 600)
	record, _ := analyzed(t, r.job)
	return record, r.job.Lake
}

// A record read back from JSON replays from its moments and from the files; a changed one does not.
func TestReplay(t *testing.T) {
	record, lake := decided(t)
	written, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	read := func(change func(*rollout.Record)) rollout.Record {
		r, err := rollout.ParseRecord(written)
		if err != nil {
			t.Fatal(err)
		}
		change(&r)
		return r
	}
	ctx := context.Background()
	for _, dir := range []string{"", lake} {
		if err := Replay(ctx, read(func(*rollout.Record) {}), dir); err != nil {
			t.Errorf("in %q: %v", dir, err)
		}
	}
	tests := []struct {
		name   string
		change func(*rollout.Record)
		files  bool   // seen only where the files are read again
		want   string // a part of the error
	}{
		{"the verdict", func(r *rollout.Record) { r.Analysis.Decision.Verdict = rollout.Promote }, false, "analysis.decision.verdict"},
		{"a reason", func(r *rollout.Record) { r.Analysis.Decision.Reasons[0] = "all is well" }, false, "analysis.decision.reasons[0]"},
		{"an estimate's last digit", func(r *rollout.Record) {
			v := &r.Analysis.Metrics[0].Test.Value
			*v = analyze.Number(math.Nextafter(float64(*v), 2))
		}, false, "computes another analysis"},
		{"a moment", func(r *rollout.Record) { r.Data.Metrics[0].Cells[0].Mean[0] += .25 }, false, "computes another analysis"},
		{"the policy", func(r *rollout.Record) { r.Policy.Explored = "x" }, false, "computes another analysis"},
		{"a file's checksum", func(r *rollout.Record) { r.Files[0].SHA256 = strings.Repeat("0", 64) }, true, ".parquet has changed"},
		{"a file left out", func(r *rollout.Record) { r.Files = r.Files[1:] }, true, "read again from the files, data."},
		{"a file that never was", func(r *rollout.Record) { r.Files[0].Path = "../" + r.Files[0].Path }, true, ".parquet is gone"},
		{"the spec", func(r *rollout.Record) { r.Spec = strings.Replace(r.Spec, "margin: 3pp", "margin: 30pp", 1) }, true, "its promise is not that of its spec"},
		{"the promise", func(r *rollout.Record) { r.Promise = strings.Repeat("0", 64) }, true, "its promise is not that of its spec"},
		{"the promise and the spec", func(r *rollout.Record) {
			r.Spec = strings.Replace(r.Spec, "margin: 3pp", "margin: 30pp", 1)
			r.Promise = parse(t, r.Spec).Promise()
		}, true, "data.metrics[0].metric"},
		{"units that came late", func(r *rollout.Record) {
			r.Data.Units.Control++
			r.Analysis = conclude(r.Data, r.Policy)
		}, true, "data.units.control differs"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			changed := read(test.change)
			err := Replay(ctx, changed, "")
			if test.files {
				if err != nil {
					t.Errorf("from its moments: %v", err)
				}
				err = Replay(ctx, changed, lake)
			}
			if !errors.Is(err, ErrReplay) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
		})
	}
}

// A record is replayed from the files it names, however the lake has grown; a lost or a
// changed one is named, and how many they are.
func TestReplayNamedFiles(t *testing.T) {
	record, dir := decided(t)
	more, err := sim.Named("equal")
	if err != nil {
		t.Fatal(err)
	}
	if err := Simulate(t.Context(), dir, more, 6, sim.Size(300), nil); err != nil {
		t.Fatal(err)
	}
	files, err := inputs(Job{Lake: dir, Spec: parse(t, record.Spec)})
	if err != nil || len(files) <= len(record.Files) {
		t.Fatalf("the lake has %d files, before %d, error %v", len(files), len(record.Files), err)
	}
	if err := Replay(t.Context(), record, dir); err != nil {
		t.Errorf("in a lake that has grown: %v", err)
	}

	last := record.Files[len(record.Files)-1].Path
	name := filepath.Join(dir, filepath.FromSlash(last))
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	refused := func(how string) {
		t.Helper()
		want := fmt.Sprintf("of its %d files, the lake no longer holds 1 as read (compaction, retention and forget replace files): %s %s", len(record.Files), last, how)
		if err := Replay(t.Context(), record, dir); !errors.Is(err, ErrReplay) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
	refused("has changed")
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	refused("is gone")
}

// TestDiffers: numbers to 1e-9, relative above one; all else exactly; doubts in words not at all.
func TestDiffers(t *testing.T) {
	tests := []struct{ a, b, want string }{
		{`{"x": 1}`, `{"x": 1.0000000005}`, ""},
		{`{"x": 1}`, `{"x": 1.000000002}`, "data.x"},
		{`{"x": 1e12}`, `{"x": 1000000000500}`, ""},
		{`{"x": 1e12}`, `{"x": 1000000002000}`, "data.x"},
		{`{"x": 0}`, `{"x": 5e-10}`, ""},
		{`{"x": null}`, `{"x": 0}`, "data.x"},
		{`{"x": 0}`, `{"x": null}`, "data.x"},
		{`{"x": null}`, `{"x": null}`, ""},
		{`{"x": [1, 2]}`, `{"x": [1, 3]}`, "data.x[1]"},
		{`{"x": [1, 2]}`, `{"x": [1]}`, "data.x"},
		{`{"x": {"y": "a"}}`, `{"x": {"y": "b"}}`, "data.x.y"},
		{`{"x": 1}`, `{"y": 1}`, "data.x"},
		{`{"x": 1}`, `{"x": 1, "y": 1}`, "data"},
		{`{"x": true}`, `{"x": "true"}`, "data.x"},
		{`{"warnings": ["a"]}`, `{"warnings": []}`, ""},
	}
	for _, test := range tests {
		var a, b any
		if err := errors.Join(json.Unmarshal([]byte(test.a), &a), json.Unmarshal([]byte(test.b), &b)); err != nil {
			t.Fatal(err)
		}
		if got := differs("data", a, b); got != test.want {
			t.Errorf("%s and %s differ at %q, want %q", test.a, test.b, got, test.want)
		}
	}
}

// A decision is one line of JSON in the lake, in the folder of its day; twice at one moment is once.
func TestKeep(t *testing.T) {
	dir := t.TempDir()
	record := rollout.Record{Schema: rollout.RecordSchema}
	record.Analysis.App, record.Analysis.Release = "bot", "r1"
	at := time.Date(2026, time.January, 2, 23, 30, 0, 0, time.FixedZone("", -3600)) // the next day in UTC
	for _, moment := range []time.Time{at, at, at.Add(time.Microsecond)} {
		record.Analysis.Period.AsOf = moment
		if err := Keep(dir, record); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := filepath.Glob(filepath.Join(dir, "decisions", "app=bot", "date=2026-01-03", "r1-*.jsonl"))
	if err != nil || len(kept) != 2 {
		t.Fatalf("kept are %v, %v", kept, err)
	}
	content, err := os.ReadFile(kept[0])
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(content), "\n") != 1 {
		t.Errorf("it is not one line: %s", content)
	}
	if _, err := rollout.ParseRecord(content); err != nil {
		t.Error(err)
	}
}
