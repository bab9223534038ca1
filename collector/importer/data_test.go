package importer

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"weir/trace"
)

// A collection is a sink that keeps its rows.
type collection struct {
	exchanges []*trace.Exchange
	contents  []*trace.Content
	dates     []string // of contents
	outcomes  []*trace.Outcome
	judgments []*trace.Judgment
	labels    []*trace.Label
	losses    []*trace.Loss
}

func (c *collection) Exchange(e *trace.Exchange) error {
	c.exchanges = append(c.exchanges, e)
	return nil
}
func (c *collection) Content(date string, t *trace.Content) error {
	c.contents, c.dates = append(c.contents, t), append(c.dates, date)
	return nil
}
func (c *collection) Outcome(o *trace.Outcome) error { c.outcomes = append(c.outcomes, o); return nil }
func (c *collection) Judgment(j *trace.Judgment) error {
	c.judgments = append(c.judgments, j)
	return nil
}
func (c *collection) Label(l *trace.Label) error { c.labels = append(c.labels, l); return nil }
func (c *collection) Loss(l *trace.Loss) error   { c.losses = append(c.losses, l); return nil }

// repository returns the root of the repository.
func repository(t *testing.T) string {
	t.Helper()
	for dir := testDir; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the package")
		}
	}
}

// importData imports a data set by a mapping of its example; without one where
// mapping is empty. The test is skipped where the data is not there.
func importData(t *testing.T, format, dataset, mapping, file string, into *collection, lake *Index) Report {
	t.Helper()
	root := repository(t)
	path := filepath.Join(root, "..", "shared", "data", dataset, file)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the data set %s is not beside the repository", dataset)
	}
	source := Source{Format: format, Files: []string{path}, App: "example"}
	if mapping != "" {
		name := filepath.Join(root, "examples", dataset, mapping)
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if source.Mapping, err = ParseMapping(format, name, text); err != nil {
			t.Fatal(err)
		}
	}
	report, err := Run(context.Background(), source, Options{Known: lake.Known}, into)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Warnings) > 0 {
		t.Errorf("warnings: %q", report.Warnings)
	}
	return report
}

// remember puts a collection into an index, as if it had been published.
func (c *collection) remember(lake *Index) {
	for _, e := range c.exchanges {
		lake.Exchange(e)
	}
	for i, t := range c.contents {
		lake.Content(c.dates[i], t)
	}
	for _, o := range c.outcomes {
		lake.Outcome(o)
	}
	for _, l := range c.losses {
		lake.Loss(l)
	}
}

// addsNothing imports a data set again.
func addsNothing(t *testing.T, format, dataset, mapping, file string, lake *Index) {
	t.Helper()
	if report := importData(t, format, dataset, mapping, file, &collection{}, lake); len(report.Added) != 0 {
		t.Errorf("imported again, %s added %v", file, report.Added)
	}
}

// ones counts the outcomes of a name that are 1, by the version of their
// session or trace.
func (c *collection) ones(name string) map[string]int {
	count := map[string]int{}
	c.outcomesOf(name, func(version string, value float64) {
		if value == 1 {
			count[version]++
		}
	})
	return count
}

func (c *collection) outcomesOf(name string, visit func(version string, value float64)) {
	version := map[string]string{}
	for _, e := range c.exchanges {
		version[e.SessionID], version[e.TraceID] = e.AssignedVersion, e.AssignedVersion
	}
	for _, o := range c.outcomes {
		if o.Name == name {
			visit(version[o.SessionID+o.TraceID], o.Value)
		}
	}
}

func (c *collection) errors() map[string]int {
	count := map[string]int{}
	for _, e := range c.exchanges {
		if e.ErrorType != "" {
			count[e.AssignedVersion]++
		}
	}
	return count
}

func wantCounts(t *testing.T, what string, got map[string]int, want map[string]int) {
	t.Helper()
	for arm, n := range want {
		if got[arm] != n {
			t.Errorf("%s of %s: got %d, want %d", what, arm, got[arm], n)
		}
	}
	for arm := range got {
		if _, ok := want[arm]; !ok {
			t.Errorf("%s: unexpected arm %q with %d", what, arm, got[arm])
		}
	}
}

func armCounts(r Report) map[string]int {
	count := map[string]int{}
	for version, arm := range r.Arms {
		count[version] = int(arm.Exchanges)
	}
	return count
}

// The figures are those of the README of each data set.

func TestTau2(t *testing.T) {
	const dataset = "tau2-retail-solo-haiku"
	var c collection
	var lake Index
	calls := importData(t, "csv", dataset, "map-calls.yaml", "llm_calls.csv", &c, &lake)
	c.remember(&lake)
	sessions := importData(t, "csv", dataset, "map-sessions.yaml", "sessions.csv", &c, &lake)
	wantCounts(t, "calls", armCounts(calls), map[string]int{"v1": 598, "v2": 599})
	if sessions.Added["traces"] != 0 {
		t.Errorf("sessions added %d requests", sessions.Added["traces"])
	}
	wantCounts(t, "resolved", c.ones("resolved"), map[string]int{"v1": 93, "v2": 102})
	wantCounts(t, "handoff", c.ones("handoff"), map[string]int{"v1": 6, "v2": 10})
	output, duration, cases := map[string]float64{}, map[string]float64{}, map[string]bool{}
	for _, e := range c.exchanges {
		output[e.AssignedVersion] += float64(*e.OutputTokens)
		cases[e.AssignedVersion+e.CaseID] = true
	}
	c.outcomesOf("duration_s", func(version string, v float64) { duration[version] += v })
	for version, want := range map[string][2]float64{"v1": {2379.2, 26.65}, "v2": {2399.6, 27.59}} {
		if got := output[version] / 114; math.Abs(got-want[0]) > 0.05 {
			t.Errorf("mean output tokens of %s: %v, want %v", version, got, want[0])
		}
		if got := duration[version] / 114; math.Abs(got-want[1]) > 0.005 {
			t.Errorf("mean duration of %s: %v s, want %v", version, got, want[1])
		}
	}
	if len(cases) != 2*114 {
		t.Errorf("%d cases of versions, want %d", len(cases), 2*114)
	}
	c.remember(&lake)
	addsNothing(t, "csv", dataset, "map-calls.yaml", "llm_calls.csv", &lake)
	addsNothing(t, "csv", dataset, "map-sessions.yaml", "sessions.csv", &lake)
}

func TestTauRetail(t *testing.T) {
	const dataset = "tau-retail-assertions-agent"
	var c collection
	var lake Index
	report := importData(t, "tau-bench", dataset, "map.yaml", "trajectories.jsonl.gz", &c, &lake)
	wantCounts(t, "dialogues", armCounts(report), map[string]int{"v1": 100, "v2": 100})
	wantCounts(t, "resolved", c.ones("resolved"), map[string]int{"v1": 35, "v2": 49})
	wantCounts(t, "handoff", c.ones("handoff"), map[string]int{"v1": 6, "v2": 5})
	wantCounts(t, "errors", c.errors(), map[string]int{"v1": 34, "v2": 5})
	if len(c.contents) != 161 {
		t.Errorf("%d dialogues have texts, want 161", len(c.contents))
	}
	turns, finished := map[string]float64{}, map[string]float64{"v1": 66, "v2": 95}
	c.outcomesOf("user_turns", func(version string, v float64) { turns[version] += v })
	for version, want := range map[string]float64{"v1": 6.97, "v2": 7.95} {
		if got := turns[version] / finished[version]; math.Abs(got-want) > 0.005 {
			t.Errorf("mean user turns of %s: %v, want %v", version, got, want)
		}
	}
	c.remember(&lake)
	addsNothing(t, "tau-bench", dataset, "map.yaml", "trajectories.jsonl.gz", &lake)
}

func TestTauAirline(t *testing.T) {
	const dataset = "tau-airline-gpt4o"
	var c collection
	var lake Index
	report := importData(t, "tau-bench", dataset, "map.yaml", "trajectories.jsonl.gz", &c, &lake)
	wantCounts(t, "dialogues", armCounts(report), map[string]int{"a": 100, "b": 100})
	wantCounts(t, "resolved", c.ones("resolved"), map[string]int{"a": 43, "b": 41})
	wantCounts(t, "handoff", c.ones("handoff"), map[string]int{"a": 22, "b": 26})
	if len(c.contents) != 200 {
		t.Errorf("%d dialogues have texts, want 200", len(c.contents))
	}
	var plain collection
	report = importData(t, "tau-bench", dataset, "", "trajectories.jsonl.gz", &plain, &Index{})
	wantCounts(t, "dialogues", armCounts(report), map[string]int{"gpt-4o-airline": 200})
	wantCounts(t, "resolved", plain.ones("resolved"), map[string]int{"gpt-4o-airline": 84})
	c.remember(&lake)
	addsNothing(t, "tau-bench", dataset, "map.yaml", "trajectories.jsonl.gz", &lake)
}

func TestLLMPerf(t *testing.T) {
	const dataset = "llmperf-llama2"
	var c collection
	report := importData(t, "csv", dataset, "map.yaml", "requests.csv", &c, &Index{})
	if report.Rows != 2095 {
		t.Errorf("%d rows, want 2095", report.Rows)
	}
	got := map[string]int{}
	for arm, n := range armCounts(report) {
		got[arm] = n
	}
	for arm, want := range map[string][2]int{
		"anyscale": {150, 0}, "together": {150, 0}, "fireworks": {150, 0}, "replicate": {145, 0}, "bedrock": {101, 49}, "lepton": {20, 130},
	} {
		if bad := c.errors()[arm]; bad != want[1] || got[arm]-bad != want[0] {
			t.Errorf("%s: %d ok and %d errors, want %v", arm, got[arm]-bad, bad, want)
		}
	}
	latency, n := 0.0, 0.0
	for _, e := range c.exchanges {
		if e.AssignedVersion == "anyscale" {
			latency, n = latency+*e.LatencyMS, n+1
		}
	}
	if math.Abs(latency/n-2354.7) > 0.05 {
		t.Errorf("mean latency of anyscale: %v ms, want 2354.7", latency/n)
	}
	var small collection
	importData(t, "csv", dataset, "map-13b.yaml", "requests.csv", &small, &Index{})
	if bad := small.errors()["together"]; bad != 1 {
		t.Errorf("13b together: %d errors, want 1", bad)
	}
}

func TestCookieCats(t *testing.T) {
	const dataset = "cookie-cats"
	var c collection
	var lake Index
	report := importData(t, "csv", dataset, "map.yaml", "cookie_cats.csv.gz", &c, &lake)
	wantCounts(t, "players", armCounts(report), map[string]int{"gate_30": 44700, "gate_40": 45489})
	wantCounts(t, "retention_1", c.ones("retention_1"), map[string]int{"gate_30": 20034, "gate_40": 20119})
	wantCounts(t, "retention_7", c.ones("retention_7"), map[string]int{"gate_30": 8502, "gate_40": 8279})
	rounds, most := map[string]float64{}, 0.0
	c.outcomesOf("sum_gamerounds", func(version string, v float64) { rounds[version] += v; most = max(most, v) })
	for version, want := range map[string][2]float64{"gate_30": {52.456, 44700}, "gate_40": {51.299, 45489}} {
		if got := rounds[version] / want[1]; math.Abs(got-want[0]) > 0.0005 {
			t.Errorf("mean rounds of %s: %v, want %v", version, got, want[0])
		}
	}
	if most != 49854 {
		t.Errorf("most rounds: %v, want 49854", most)
	}
	c.remember(&lake)
	addsNothing(t, "csv", dataset, "map.yaml", "cookie_cats.csv.gz", &lake)
}
