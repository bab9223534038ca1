package main

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// root returns the root of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the package")
		}
	}
}

// A dataset is one of the public data sets that examples are of; the data lie beside the repository.
type dataset struct{ examples, data string }

// open returns the data set of that name; the test is skipped where it is not there.
func open(t *testing.T, name string) dataset {
	t.Helper()
	d := dataset{filepath.Join(root(t), "examples", name), filepath.Join(root(t), "..", "shared", "data", name)}
	if _, err := os.Stat(d.data); err != nil {
		t.Skipf("the data set %s is not in ../shared/data beside the repository", name)
	}
	return d
}

// imports brings a file of the data set into a lake; without a mapping where that is empty.
func (d dataset) imports(t *testing.T, lake, app, format, mapping, file string) {
	t.Helper()
	args := []string{"import", "--from", format, "--lake", lake, "--app", app, filepath.Join(d.data, file)}
	if mapping != "" {
		args = append(args, "--map", filepath.Join(d.examples, mapping))
	}
	ran(t, 0, args...)
}

// gate decides by a spec of the example; status is the verdict's.
func (d dataset) gate(t *testing.T, status int, lake, spec string, args ...string) document {
	t.Helper()
	record := parsed(t, status, append([]string{"gate", "--lake", lake, "--spec", filepath.Join(d.examples, spec), "--format", "json"}, args...)...)
	return document{record.at(t, "analysis")}
}

// A figure is a value of a document as it is published: a number to as many decimals as it has there.
type figure struct{ path, published string }

// match compares figures, as they are rounded where they are published.
func (d document) match(t *testing.T, figures []figure) {
	t.Helper()
	for _, f := range figures {
		if got := render(d.at(t, f.path), f.published); got != f.published {
			t.Errorf("%s is %s, published is %s", f.path, got, f.published)
		}
	}
}

// Two prompts, the same 114 tickets: the pairing decides.
func TestTau2Retail(t *testing.T) {
	d, lake := open(t, "tau2-retail-solo-haiku"), t.TempDir()
	d.imports(t, lake, "tau2-retail", "csv", "map-calls.yaml", "llm_calls.csv")
	d.imports(t, lake, "tau2-retail", "csv", "map-sessions.yaml", "sessions.csv")
	d.gate(t, statusHold, lake, "weir.yaml").match(t, []figure{
		{"design.kind", "paired"},
		{"design.why", "paired by case: 114 cases ran under v1, 114 under v2, 114 under both"},
		{"units.requests.control", "598"},
		{"units.requests.treatment", "599"},
		{"metrics.resolution.control.value", "0.8158"},
		{"metrics.resolution.treatment.value", "0.8947"},
		{"metrics.resolution.absolute.value", "0.0789"},
		{"metrics.resolution.absolute.std_err", "0.0356"},
		{"metrics.resolution.absolute.p_value", "0.0490"},
		{"metrics.resolution.method", "paired by case, paired t interval, exact McNemar test"},
		{"metrics.resolution.direction", "better"},
		{"metrics.handoff.control.value", "0.05263"},   // 6 of 114
		{"metrics.handoff.treatment.value", "0.08772"}, // 10 of 114
		{"metrics.handoff.test.p_value", "0.125"},
		{"metrics.latency_p95.control.value", "11884.9"},
		{"metrics.latency_p95.treatment.value", "14749.9"},
		{"metrics.tokens.control.value", "2379.2"},
		{"metrics.tokens.treatment.value", "2399.6"},
		{"metrics.duration.control.value", "26.65"},
		{"metrics.duration.treatment.value", "27.59"},
		{"metrics.tool_errors.control.value", "0.1579"},   // 18 in 114 sessions
		{"metrics.tool_errors.treatment.value", "0.0965"}, // 11 in 114
	})
	d.gate(t, statusHold, lake, "weir.yaml", "--design", "independent").match(t, []figure{
		{"design.kind", "independent"},
		{"metrics.resolution.absolute.value", "0.0789"},
		{"metrics.resolution.direction", "unclear"},
	})
}

// Two versions of one agent, the same 100 tasks: the whole gain is crashes.
func TestTauRetail(t *testing.T) {
	d, lake := open(t, "tau-retail-assertions-agent"), t.TempDir()
	d.imports(t, lake, "tau-retail", "tau-bench", "map.yaml", "trajectories.jsonl.gz")
	d.gate(t, statusDone, lake, "weir.yaml").match(t, []figure{
		{"metrics.resolution.control.value", "0.35"},
		{"metrics.resolution.treatment.value", "0.49"},
		{"metrics.resolution.absolute.value", "0.140"},
		{"metrics.resolution.absolute.std_err", "0.0586"},
		{"metrics.resolution.test.p_value", "0.0288"},
		{"metrics.errors.control.value", "0.34"},
		{"metrics.errors.treatment.value", "0.05"},
		{"metrics.errors.direction", "better"},
		{"metrics.handoff.control.value", "0.06"},
		{"metrics.handoff.treatment.value", "0.05"},
		{"metrics.quality.control.units", "63"}, // tasks that finished under both
		{"metrics.quality.absolute.value", "-0.016"},
		{"metrics.quality.test.p_value", "1.000"},
		{"metrics.quality.control.missing", "0.34"},
		{"metrics.quality.treatment.missing", "0.05"},
		{"metrics.quality.missing_differs", "true"},
		{"metrics.quality.warnings.0", "values are missing for 34.0 % of v1 and 5.0 % of v2 (p 1.9e-07): the figures are those of the survivors and are not counted as better"},
		{"metrics.quality.direction", "unclear"},
	})
}

// One version run four times: nothing may be claimed, and pass^k is the published one.
func TestTauAirline(t *testing.T) {
	d, lake := open(t, "tau-airline-gpt4o"), t.TempDir()
	d.imports(t, lake, "tau-airline", "tau-bench", "map.yaml", "trajectories.jsonl.gz")
	got := d.gate(t, statusHold, lake, "weir.yaml")
	got.match(t, []figure{
		{"design.kind", "paired"},
		{"units.control", "50"},
		{"units.requests.control", "100"},
		{"metrics.resolution.control.value", "0.43"},
		{"metrics.resolution.treatment.value", "0.41"},
		{"metrics.handoff.control.value", "0.22"},
		{"metrics.handoff.treatment.value", "0.26"},
		{"metrics.tool_calls.method", "paired by case, paired t over cases"},
	})
	for _, name := range []string{"resolution", "handoff", "user_turns", "tool_calls"} {
		if direction := got.metric(t, name).at(t, "direction"); direction != "unclear" {
			t.Errorf("%s is called %v, where nothing differs", name, direction)
		}
	}
	whole := t.TempDir()
	d.imports(t, whole, "tau-airline", "tau-bench", "", "trajectories.jsonl.gz")
	parsed(t, 0, "query", "--lake", whole, "--name", "pass-k", "--format", "json").match(t, []figure{
		{"0.pass_k", "0.420"}, {"1.pass_k", "0.2733"}, {"2.pass_k", "0.220"}, {"3.pass_k", "0.200"},
		{"0.version", "gpt-4o-airline"}, {"3.k", "4"}, {"3.cases", "50"},
	})
}

// Latencies of fifteen providers are those of the published summary, to the last digits.
func TestLLMPerfSummary(t *testing.T) {
	d, lake := open(t, "llmperf-llama2"), t.TempDir()
	d.imports(t, lake, "70b", "csv", "map.yaml", "requests.csv")
	d.imports(t, lake, "13b", "csv", "map-13b.yaml", "requests.csv")
	computed := map[[2]string]document{}
	rows := parsed(t, 0, "query", "--lake", lake, "--name", "latency-by-version", "--format", "json").value.([]any)
	for _, row := range rows {
		r := row.(map[string]any)
		computed[[2]string{r["app"].(string), r["version"].(string)}] = document{r}
	}
	published := summary(t, filepath.Join(d.data, "published_summary.csv"))
	if len(published) != len(computed) {
		t.Errorf("%d providers are published, %d computed", len(published), len(computed))
	}
	for key, want := range published {
		for ours, theirs := range map[string]string{
			"latency_mean": "end_to_end_latency_s_mean", "latency_p50": "end_to_end_latency_s_quantiles_p50",
			"latency_p95": "end_to_end_latency_s_quantiles_p95", "latency_p99": "end_to_end_latency_s_quantiles_p99",
			"ttft_mean": "ttft_s_mean", "ttft_p50": "ttft_s_quantiles_p50", "ttft_p95": "ttft_s_quantiles_p95", "ttft_p99": "ttft_s_quantiles_p99",
		} {
			seconds, err := strconv.ParseFloat(want[theirs], 64)
			if err != nil {
				t.Fatal(err)
			}
			if got := computed[key].number(t, ours) / 1000; math.Abs(got-seconds) > 1e-12*seconds {
				t.Errorf("%v: %s is %v s, published is %v", key, ours, got, seconds)
			}
		}
		if got := render(computed[key].at(t, "requests"), ""); got != want["num_completed_requests"] {
			t.Errorf("%v: %s requests were answered, published is %s", key, got, want["num_completed_requests"])
		}
	}
}

// summary reads the published figures by size and provider.
func summary(t *testing.T, path string) map[[2]string]map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[[2]string]map[string]string{}
	for _, row := range rows[1:] {
		r := map[string]string{}
		for i, name := range rows[0] {
			r[name] = row[i]
		}
		out[[2]string{r["size"], r["provider"]}] = r
	}
	return out
}

// Faster in the mean, slower in the tail; and a provider that answered 20 of 150 does not win.
func TestLLMPerfVerdicts(t *testing.T) {
	d, lake := open(t, "llmperf-llama2"), t.TempDir()
	d.imports(t, lake, "llmperf", "csv", "map.yaml", "requests.csv")
	d.gate(t, statusRollback, lake, "weir.yaml").match(t, []figure{
		{"health.srm.p_value", "null"},
		{"metrics.latency.control.value", "2354.7"},
		{"metrics.latency.treatment.value", "2490.6"},
		{"metrics.latency_p95.control.value", "3125.6"},
		{"metrics.latency_p95.treatment.value", "2996.8"},
		{"metrics.ttft_p50.control.value", "212.8"},
		{"metrics.ttft_p50.treatment.value", "635.3"},
		{"metrics.ttft_p95.control.value", "362.0"},
		{"metrics.ttft_p95.treatment.value", "770.1"},
		{"metrics.ttft_p95.margin.check", "failed"},
	})
	lepton := d.gate(t, statusRollback, lake, "weir-lepton.yaml")
	lepton.match(t, []figure{
		{"metrics.errors.treatment.value", "0.867"}, // 130 of 150
		{"metrics.errors.margin.check", "failed"},
		{"metrics.latency.treatment.value", "4468.7"},
		{"metrics.latency.treatment.units", "20"},
		{"metrics.latency_p95.treatment.value", "4703.4"},
		{"metrics.latency.missing_differs", "true"},
		{"decision.verdict", "rollback"},
	})
	for _, name := range []string{"latency", "latency_p50", "latency_p95", "ttft", "ttft_p50", "ttft_p95"} {
		m := lepton.metric(t, name)
		if direction := m.at(t, "direction"); direction == "better" {
			t.Errorf("lepton is better on %s, of which it answered 20 of 150", name)
		}
		if check := m.at(t, "margin.check"); check == "passed" {
			t.Errorf("lepton passes the margin of %s", name)
		}
	}
}

// 90,189 players, drawn half and half: a suspicious split is a warning, not the end.
func TestCookieCats(t *testing.T) {
	d, lake := open(t, "cookie-cats"), t.TempDir()
	d.imports(t, lake, "cookie-cats", "csv", "map.yaml", "cookie_cats.csv.gz")
	got := d.gate(t, statusHold, lake, "weir.yaml")
	got.match(t, []figure{
		{"units.control", "44700"},
		{"units.treatment", "45489"},
		{"design.unit", "user"},
		{"health.ok", "true"},
		{"health.srm.ok", "true"},
		{"health.srm.p_value", "0.0086"},
		{"metrics.retention_7.control.value", "0.190201"},
		{"metrics.retention_7.treatment.value", "0.182000"},
		{"metrics.retention_7.absolute.value", "-0.0082"},
		{"metrics.retention_7.absolute.p_value", "0.0016"},
		{"metrics.retention_7.absolute.lower", "-0.0133"},
		{"metrics.retention_7.absolute.upper", "-0.0031"},
		{"metrics.retention_7.direction", "worse"},
		{"metrics.retention_1.absolute.value", "-0.005905"},
		{"metrics.retention_1.absolute.p_value", "0.07441"},
		{"metrics.rounds.control.value", "52.456"},
		{"metrics.rounds.treatment.value", "51.299"},
		{"metrics.rounds.test.p_value", "0.376"},
		{"decision.verdict", "hold"},
	})
	if warnings := got.at(t, "health.warnings").([]any); len(warnings) != 1 {
		t.Errorf("the split is not warned of once: %v", warnings)
	}
}
