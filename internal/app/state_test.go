package app

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/analyze"
	"weir/internal/sim"
	"weir/rollout"
	"weir/rollout/spec"
)

// A release is simulated traffic of Weir's own router, and the job that analyses it.
type release struct {
	job Job
	end time.Time // when all is mature
}

// simulated writes a scenario's traffic into a lake of its own.
func simulated(t *testing.T, scenario string, sessions sim.Size) release {
	t.Helper()
	s, err := sim.Named(scenario)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "lake")
	if err := Simulate(context.Background(), dir, s, 5, sessions, nil); err != nil {
		t.Fatal(err)
	}
	_, end := s.Window()
	end = end.Add(96 * time.Hour)
	return release{Job{Lake: dir, Spec: parse(t, sim.Spec(s)), SpecText: sim.Spec(s), AsOf: end, MemoryMB: 500, Threads: 1}, end}
}

func parse(t *testing.T, text string) *spec.Release {
	t.Helper()
	r, err := spec.Parse("weir.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// amended is the job under a spec in which one text stands for another.
func (r release) amended(t *testing.T, old, new string) Job {
	t.Helper()
	if !strings.Contains(r.job.SpecText, old) {
		t.Fatalf("the spec has no %q:\n%s", old, r.job.SpecText)
	}
	j := r.job
	j.SpecText = strings.Replace(j.SpecText, old, new, 1)
	j.Spec = parse(t, j.SpecText)
	return j
}

// analyzed analyses, and returns the record and what is frozen for each metric.
func analyzed(t *testing.T, j Job) (rollout.Record, map[string]analyze.Frozen) {
	t.Helper()
	r, err := Analyze(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	frozen := map[string]analyze.Frozen{}
	for _, m := range r.Data.Metrics {
		frozen[m.Metric.Name] = m.Frozen
	}
	return r, frozen
}

// statePath is where the job's state lies.
func (r release) statePath() string {
	return filepath.Join(r.job.Lake, "_state", "analysis", r.job.Spec.App, r.job.Spec.Release+".json")
}

// marked puts a source of its own into everything that is frozen: who reads it can be told.
const marked = "marked by a test"

func (r release) mark(t *testing.T) {
	t.Helper()
	s, err := openState(r.job)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.kept.Frozen) == 0 {
		t.Fatal("nothing is frozen")
	}
	for name, p := range s.kept.Frozen {
		p.Frozen.Source = marked
		s.kept.Frozen[name] = p
	}
	if err := s.write(); err != nil {
		t.Fatal(err)
	}
}

// What the first look froze holds at every later one, whatever has come since.
func TestFrozenOverLooks(t *testing.T) {
	r := simulated(t, "equal", 1500)
	early := r.job
	early.AsOf = r.end.Add(-9 * 24 * time.Hour)
	_, first := analyzed(t, early)
	if first["errors"].Provisional || !first["errors"].Spread.Known() {
		t.Fatalf("the first look fixed nothing: %+v", first["errors"])
	}
	r.mark(t)
	record, later := analyzed(t, r.job)
	for name, f := range later {
		was := first[name]
		was.Source = marked
		if !equalJSON(t, f, was) {
			t.Errorf("%s: frozen %+v, was %+v", name, f, was)
		}
	}
	if err := Replay(context.Background(), record, r.job.Lake); err != nil {
		t.Error(err)
	}
}

// equalJSON compares values in which NaN is null.
func equalJSON(t *testing.T, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(x) == string(y)
}

// Too few units fix nothing for good.
func TestProvisionalIsNotKept(t *testing.T) {
	r := simulated(t, "equal", 1500)
	s, err := sim.Named("equal")
	if err != nil {
		t.Fatal(err)
	}
	start, _ := s.Window()
	early := r.job
	early.AsOf = start.Add(18 * time.Hour)
	_, first := analyzed(t, early)
	for name, f := range first {
		if !f.Provisional {
			t.Errorf("%s is fixed for good by %q", name, f.Source)
		}
	}
	if s, err := openState(early); err != nil || len(s.kept.Frozen) > 0 {
		t.Errorf("what is provisional is kept: %v, error %v", s.kept.Frozen, err)
	}
	if _, later := analyzed(t, r.job); later["errors"].Provisional {
		t.Error("all units fix nothing for good either")
	}
}

// An amended margin, or one metric more, freezes nothing anew; another cap does, for its metric.
func TestAmendments(t *testing.T) {
	r := simulated(t, "equal", 1500)
	analyzed(t, r.job)
	r.mark(t)
	const tokens = "name: tokens, role: guardrail, per: session, value: total_tokens, good: down, agg: sum, cap: p99, margin: 15%"
	tests := []struct {
		name, old, new string
		anew           []string // metrics that are frozen anew
	}{
		{"nothing", "app: equal", "app: equal", nil},
		{"a margin", "margin: 3pp", "margin: 2pp", nil},
		{"a margin that is part of a threshold", "quantile: 0.95, margin: 10%", "quantile: 0.95, margin: 20%", nil},
		{"a cap", tokens, strings.Replace(tokens, "cap: p99", "cap: p95", 1), []string{"tokens"}},
		{"a quantile", "quantile: 0.95, margin: 10%", "quantile: 0.9, margin: 10%", []string{"latency_p95"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			j := r.amended(t, test.old, test.new)
			j.State = filepath.Join(t.TempDir(), "state") // each amendment by itself
			copyFile(t, r.statePath(), filepath.Join(j.State, "analysis", j.Spec.App, j.Spec.Release+".json"))
			_, frozen := analyzed(t, j)
			for name, f := range frozen {
				anew := false
				for _, n := range test.anew {
					anew = anew || n == name
				}
				if kept := f.Source == marked; kept == anew && f.Spread.Known() {
					t.Errorf("%s: frozen anew is %v, want %v", name, !kept, anew)
				}
			}
		})
	}
}

// A changed margin is shown; a changed cap starts its metric anew on later units; a
// changed alpha every metric, and each start halves alpha; a changed unit is refused.
func TestRestarts(t *testing.T) {
	r := simulated(t, "equal", 1500)
	early := r.job
	early.AsOf = r.end.Add(-11 * 24 * time.Hour)
	analyzed(t, early)

	margin := r.amended(t, "margin: 3pp", "margin: 2pp")
	margin.AsOf = early.AsOf
	record, _ := analyzed(t, margin)
	if a := record.Analysis.Amendments; len(a) != 1 || a[0].Path != "metrics.resolution.margin" || a[0].Old != "3pp" || a[0].New != "2pp" || a[0].Change != "amended" {
		t.Errorf("amendments %+v", a)
	}
	for _, m := range record.Data.Metrics {
		if m.Restart != nil {
			t.Errorf("%s starts anew for a margin", m.Metric.Name)
		}
	}

	both := r.amended(t, "margin: 3pp", "margin: 2pp")
	r.job.SpecText = both.SpecText
	capped := r.amended(t, "cap: p99", "cap: p95")
	capped.AsOf = early.AsOf
	analyzed(t, capped)
	capped.AsOf = r.end
	record, _ = analyzed(t, capped)
	since := early.AsOf.Unix()/3600 + 1
	for _, m := range record.Data.Metrics {
		switch want := m.Metric.Name == "tokens"; {
		case (m.Restart != nil) != want:
			t.Errorf("%s starts anew: %t", m.Metric.Name, !want)
		case want && *m.Restart != analyze.Restart{K: 1, Since: since}:
			t.Errorf("tokens: %+v, want the first restart since hour %d", *m.Restart, since)
		}
	}
	if err := Replay(context.Background(), record, r.job.Lake); err != nil {
		t.Error(err)
	}

	r.job.SpecText = capped.SpecText
	alpha := r.amended(t, "alpha: 0.05", "alpha: 0.01")
	record, _ = analyzed(t, alpha)
	for _, m := range record.Data.Metrics {
		if m.Restart == nil || m.Restart.K != 2 {
			t.Errorf("%s: %+v, want the second restart", m.Metric.Name, m.Restart)
		}
	}

	r.job.SpecText = alpha.SpecText
	users := r.amended(t, "unit: session", "unit: user")
	if _, err := Analyze(context.Background(), users); err == nil || !strings.Contains(err.Error(), "begin a new release") {
		t.Errorf("a changed unit: error %v", err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, content, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// An exploration freezes nothing: it left out units.
func TestExplorationFreezesNothing(t *testing.T) {
	r := simulated(t, "equal", 1500)
	j := r.job
	j.Since = r.end.Add(-10 * 24 * time.Hour)
	record, _ := analyzed(t, j)
	if record.Policy.Explored == "" || record.Analysis.Decision.Verdict != rollout.Hold {
		t.Errorf("an exploration gives %v, %q", record.Analysis.Decision.Verdict, record.Policy.Explored)
	}
	if _, err := os.Stat(r.statePath()); err == nil {
		t.Error("an exploration is remembered")
	}
	if err := Replay(context.Background(), record, ""); err != nil {
		t.Error(err)
	}
	if err := Replay(context.Background(), record, r.job.Lake); err == nil || !strings.Contains(err.Error(), "an exploration") {
		t.Errorf("replayed from the files: %v", err)
	}
}

// Looks are counted by distinct files: the same files are the same look, whenever it is.
func TestLooks(t *testing.T) {
	files := func(sums ...string) (out []rollout.File) {
		for _, s := range sums {
			out = append(out, rollout.File{Path: "traces/" + s, SHA256: s})
		}
		return out
	}
	dir := t.TempDir()
	at := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	for i, step := range []struct {
		files []rollout.File
		look  int
	}{
		{files("a"), 1},
		{files("a"), 1},
		{files("a", "b"), 2},
		{files("a"), 1},
		{files("ab"), 3},
		{nil, 4},
		{[]rollout.File{{Path: "traces/a", SHA256: "b"}}, 5},
		{files("a", "b"), 2},
	} {
		j := Job{Lake: dir, Spec: spec.Default("bot", "r1", "v1", "v2"), AsOf: at.Add(time.Duration(i) * time.Hour)}
		s, err := openState(j)
		if err != nil {
			t.Fatal(err)
		}
		if warning := s.remember(j, analyze.Data{Design: analyze.Design{Method: analyze.Fixed}}, step.files); warning != "" {
			t.Fatal(warning)
		}
		if got := s.look(analyze.Fixed); got != step.look {
			t.Errorf("step %d is look %d, want %d", i, got, step.look)
		}
		if got := s.look(analyze.Sequential); got != 0 {
			t.Errorf("a sequential method counts look %d", got)
		}
	}
}

// A release's state is its own.
func TestStateByRelease(t *testing.T) {
	dir := t.TempDir()
	seen := map[string]bool{}
	for _, name := range [][2]string{{"bot", "r1"}, {"bot", "r2"}, {"bat", "r1"}} {
		s, err := openState(Job{Lake: dir, Spec: spec.Default(name[0], name[1], "v1", "v2")})
		if err != nil {
			t.Fatal(err)
		}
		if seen[s.path] {
			t.Errorf("%v shares its state", name)
		}
		seen[s.path] = true
	}
	for _, name := range [][2]string{{"../bot", "r1"}, {"bot", ".."}, {"bot", "a/b"}, {"", "r1"}} {
		if _, err := openState(Job{Lake: dir, Spec: spec.Default(name[0], name[1], "v1", "v2")}); err == nil {
			t.Errorf("%q has a state", name)
		}
	}
}

// A lake that cannot be written is analysed all the same; a warning says what is not remembered.
func TestReadOnlyLake(t *testing.T) {
	r := simulated(t, "equal", 600)
	tests := []struct {
		name    string
		prepare func(t *testing.T)
	}{
		{"a state that leads nowhere", func(t *testing.T) {
			if err := os.Symlink("nowhere/at/all", filepath.Join(r.job.Lake, "_state")); err != nil {
				t.Fatal(err)
			}
		}},
		{"a folder without permission", func(t *testing.T) {
			if os.Getuid() == 0 {
				t.Skip("root may write everywhere")
			}
			if err := os.Remove(filepath.Join(r.job.Lake, "_state")); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(r.job.Lake, 0o555); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(r.job.Lake, 0o755) })
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.prepare(t)
			record, _ := analyzed(t, r.job)
			said := strings.Join(record.Analysis.Warnings, "\n")
			if !strings.Contains(said, "what is frozen and how often was looked is not remembered: ") {
				t.Errorf("warnings are %q", said)
			}
			if record.Analysis.Decision.Verdict != rollout.Hold {
				t.Errorf("the verdict is %v", record.Analysis.Decision.Verdict)
			}
			if err := Replay(context.Background(), record, ""); err != nil {
				t.Error(err)
			}
		})
	}
}

// A state that cannot be understood is an error: it holds what was promised.
func TestDamagedState(t *testing.T) {
	dir := t.TempDir()
	j := Job{Lake: dir, Spec: spec.Default("bot", "r1", "v1", "v2")}
	path := filepath.Join(dir, "_state", "analysis", "bot", "r1.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"schema": "weir.analysis-state/1", "frozen": {`: "is damaged",
		``:                                    "is damaged",
		`{"schema": "weir.analysis-state/9"}`: `has layout "weir.analysis-state/9", this Weir writes "weir.analysis-state/1"`,
		`{}`:                                  `has layout ""`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := openState(j); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: the error is %v, want %q and the path", text, err, want)
		}
	}
}
