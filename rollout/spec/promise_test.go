package spec

import (
	"os"
	"strings"
	"testing"
)

// The promise of testdata/every-key.yaml. It stands in assignments and
// decisions: a change of the canonical form breaks releases under way.
func TestPromise(t *testing.T) {
	src, err := os.ReadFile("testdata/every-key.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := parse(t, string(src))
	golden(t, "canonical.json", append(r.canonical(), '\n'))
	const want = "633f46a5c12ead0263d3bd606379b7dbaf5cafd3ed60bf93f683b3ef53e69a39"
	if got := r.Promise(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

const promised = small + `
unit: session
ramp: {steps: [{to: 5%, hold: 24h}, {to: 50%}]}
metrics:
  - {name: resolution, role: goal, value: resolved, good: up, margin: 3pp}
  - {name: latency_p95, role: guardrail, per: request, value: latency_ms, quantile: 0.95, good: down, margin: 10%}
decision: {alpha: 0.05}
`

// Order, format, comments, written defaults and all that is no promise change
// nothing.
func TestPromiseKept(t *testing.T) {
	want := parse(t, promised).Promise()
	for what, src := range map[string]string{
		"order and format": `
candidate: v2
decision:
    alpha: 5.0e-2   # as ever
metrics:
- per: request
  name: "latency_p95"
  margin: 10.0 %
  good: down
  quantile: .95
  value: latency_ms
  role: guardrail
- {margin: 3.0pp, good: up, value: 'resolved', role: goal, name: resolution}
ramp:
    steps:
    - to: 0.05
      hold: 1d
    - to: 50%
stable: v1
release: r
app: a
`,
		"defaults": strings.NewReplacer(
			"alpha: 0.05", "method: sequential, goals: superior, on_invalid: halt",
			"{to: 50%}]", "{to: 50%, hold: 0s, units: 20}], advance: auto, max_wait: 28d, windows: [], cool_down: 0s",
			"value: resolved", "per: session, rows: all, missing: zero, mature_after: 24h, value: resolved",
			"unit: session", "").Replace(promised),
		"other keys":  promised + "environment: test\nholdout: 1%\nresponse_header: false\nplanning: {sessions_per_day: 5}\nrules: [{name: x, when: 'user == \"a\"', version: v2}]\n",
		"other names": strings.ReplaceAll(promised, "release: r", "release: s"),
	} {
		if got := parse(t, src).Promise(); got != want {
			t.Errorf("%s: the promise changed", what)
		}
	}
}

// changes are edits of promised, with what each leads to.
var changes = []struct {
	what, old, new string
	want           []Amendment
}{
	{"unit", "unit: session", "unit: user", []Amendment{
		{ChangeRefused, "unit", "", "session", "user"},
		{ChangeRestart, "metrics.resolution.mature_after", "resolution", "24h", "72h"},
		{ChangeRestart, "metrics.latency_p95.mature_after", "latency_p95", "2h", "72h"},
	}},
	{"margin", "3pp", "4pp", []Amendment{{ChangeAmended, "metrics.resolution.margin", "resolution", "3pp", "4pp"}}},
	{"scale of a margin", "3pp", "0.03", []Amendment{{ChangeAmended, "metrics.resolution.margin", "resolution", "3pp", "0.03"}}},
	{"margin of a quantile", "10%", "15%", []Amendment{{ChangeRestart, "metrics.latency_p95.margin", "latency_p95", "10%", "15%"}}},
	{"threshold", "quantile: 0.95", "quantile: 0.99", []Amendment{{ChangeRestart, "metrics.latency_p95.quantile", "latency_p95", "0.95", "0.99"}}},
	{"cap", "value: resolved", "value: resolved, cap: p99", []Amendment{{ChangeRestart, "metrics.resolution.cap", "resolution", "", "p99"}}},
	{"direction", "good: up", "good: down", []Amendment{{ChangeRestart, "metrics.resolution.good", "resolution", "up", "down"}}},
	{"role", "role: goal", "role: guardrail", []Amendment{{ChangeRestart, "metrics.resolution.role", "resolution", "goal", "guardrail"}}},
	{"value", "value: resolved", "value: handoff", []Amendment{{ChangeRestart, "metrics.resolution.value", "resolution", "resolved", "handoff"}}},
	{"name", "name: resolution", "name: resolved", []Amendment{
		{ChangeAmended, "metrics.resolution", "resolution",
			`{"good":"up","margin":"3pp","mature_after":"24h","missing":"zero","name":"resolution","per":"session","role":"goal","rows":"all","value":"resolved"}`, ""},
		{ChangeRestart, "metrics.resolved", "resolved", "",
			`{"good":"up","margin":"3pp","mature_after":"24h","missing":"zero","name":"resolved","per":"session","role":"goal","rows":"all","value":"resolved"}`},
	}},
	{"alpha", "alpha: 0.05", "alpha: 0.01", []Amendment{{ChangeRestart, "decision.alpha", "", "0.05", "0.01"}}},
	{"method", "alpha: 0.05", "method: fixed", []Amendment{{ChangeRestart, "decision.method", "", "sequential", "fixed"}}},
	{"goals", "alpha: 0.05", "goals: non_inferior", []Amendment{{ChangeAmended, "decision.goals", "", "superior", "non_inferior"}}},
	{"consequence", "alpha: 0.05", "on_invalid: rollback", []Amendment{{ChangeAmended, "decision.on_invalid", "", "halt", "rollback"}}},
	{"ramp", "{steps: [{to: 5%, hold: 24h}, {to: 50%}]}", "{steps: [{to: 5%, hold: 48h}, {to: 50%}]}", []Amendment{{ChangeEpoch, "ramp", "",
		`{"advance":"auto","cool_down":"0s","max_wait":"28d","steps":[{"hold":"24h","to":"5%","units":20},{"hold":"0s","to":"50%","units":20}],"windows":[]}`,
		`{"advance":"auto","cool_down":"0s","max_wait":"28d","steps":[{"hold":"48h","to":"5%","units":20},{"hold":"0s","to":"50%","units":20}],"windows":[]}`}}},
}

// Every change of the promise changes the hash.
func TestPromiseBroken(t *testing.T) {
	before := parse(t, promised).Promise()
	for _, c := range changes {
		if got := parse(t, strings.Replace(promised, c.old, c.new, 1)).Promise(); got == before {
			t.Errorf("%s: the promise did not change", c.what)
		}
	}
}

// The default metrics are another promise than the same metrics declared: one
// without data is left out or is not estimable.
func TestPromiseOfDefaultMetrics(t *testing.T) {
	byDefault, declared := Default("a", "r", "v1", "v2"), Default("a", "r", "v1", "v2")
	declared.MetricsDeclared = true
	if byDefault.Promise() == declared.Promise() {
		t.Error("the promises are the same")
	}
}

// The JSON of a release is a specification with the same promise and the same
// JSON, and holds no secret.
func TestJSON(t *testing.T) {
	src, err := os.ReadFile("testdata/every-key.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{small, promised, small + "unit: user\n", strings.ReplaceAll(string(src), "${HOOK_SECRET}", "hunter2")} {
		r := parse(t, src)
		again := parse(t, string(r.JSON()))
		if again.Promise() != r.Promise() || string(again.JSON()) != string(r.JSON()) {
			t.Errorf("got\n%s\nwant\n%s", again.JSON(), r.JSON())
		}
		if strings.Contains(string(r.JSON()), "hunter2") {
			t.Error("the JSON holds a secret")
		}
	}
}
