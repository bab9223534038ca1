package spec

import (
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// small is the shortest specification.
const small = "app: a\nrelease: r\nstable: v1\ncandidate: v2\n"

func parse(t *testing.T, src string) *Release {
	t.Helper()
	r, err := Parse("weir.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// blankPrograms takes out what cannot be compared.
func blankPrograms(rules []Rule) []Rule {
	for i := range rules {
		rules[i].program = nil
	}
	return rules
}

// testdata/every-key.yaml is the example of the design that shows every key.
func TestEveryKey(t *testing.T) {
	src, err := os.ReadFile("testdata/every-key.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := parse(t, string(src))
	blankPrograms(got.Rules)
	got.references, got.places = nil, nil
	full := Capture{Metadata: true, Content: 1}
	timeout := Timeout{2 * time.Second, 30 * time.Second, 2 * time.Minute}
	want := &Release{
		App: "support-bot", Release: "2026-11-rag", Environment: "production", Stable: "v1", Candidate: "v2",
		Unit: UnitSession,
		Versions: map[string]Version{
			"v1": {Upstream: "http://127.0.0.1:9001", Protocol: ProtocolDify, Timeout: timeout, MaxInFlight: 256, AskUsage: true,
				SetHeaders: map[string]string{"Authorization": "Bearer ${V1_API_KEY}"}, Capture: full, Health: Health{Path: "/"}},
			"v2": {Upstream: "http://127.0.0.1:9002", Protocol: ProtocolDify, Timeout: timeout, MaxInFlight: 64, AskUsage: true,
				SetHeaders: map[string]string{"Authorization": "Bearer ${V2_API_KEY}"}, Capture: full, Fallback: FallbackStable},
		},
		Context: Context{
			Session:        []Source{{FromHeader, "X-Session-Id"}, {FromBody, "conversation_id"}},
			User:           []Source{{FromHeader, "X-User-Id"}, {FromBody, "user"}},
			Attributes:     map[string][]Source{"device": {{FromHeader, "X-Device-Type"}}, "tier": {{FromHeader, "X-Tier"}}},
			Region:         Source{FromHeader, "X-Region"},
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		},
		Rules: []Rule{
			{Name: "qa", When: `headers["X-Feature-Flag"] == "v2"`, Version: "v2"},
			{Name: "staff", When: `user startsWith "staff-"`, Version: "v2"},
			{Name: "vip", When: `attributes.tier == "gold"`, Split: 0.02, FromShare: 0.2},
		},
		Ramp: &Ramp{
			Steps:   []Step{{0.05, day, 20}, {0.2, day, 100}, {0.5, 0, 400}},
			Advance: Advance{Mode: AdvanceAuto}, MaxWait: 28 * day, Windows: []string{},
		},
		Breaker:  Breaker{0.05, time.Minute, 5, 20, 20},
		Sessions: Sessions{30 * time.Minute, day},
		Sticky:   Sticky{30 * day, 1_000_000},
		Prices:   map[string]Price{"gpt-4o-mini": {Input: 0.15, Output: 0.6, Cached: 0.075, Per: 1e6}},
		Metrics: []Metric{
			{Name: "resolution", Role: RoleGoal, Value: "resolved", Missing: MissingZero, Good: Up,
				Margin: Margin{0.03, MarginPoints}, MatureAfter: day, MatureAfterDeclared: true},
			{Name: "quality", Role: RoleGoal, Judge: "support-quality", Good: Up,
				Margin: Margin{0.05, MarginAbsolute}, MatureAfter: 2 * time.Hour},
			{Name: "handoff", Role: RoleGuardrail, Value: "handoff", Missing: MissingZero, Good: Down,
				Margin: Margin{0.02, MarginPoints}, MatureAfter: day},
			{Name: "errors", Role: RoleGuardrail, Per: PerRequest, Value: "error", Good: Down,
				Margin: Margin{0.01, MarginPoints}, MatureAfter: 2 * time.Hour},
			{Name: "latency_p95", Role: RoleGuardrail, Per: PerRequest, Value: "latency_ms", Rows: RowsOK, Quantile: 0.95, Good: Down,
				Margin: Margin{0.1, MarginRelative}, MatureAfter: 2 * time.Hour},
			{Name: "tokens", Role: RoleGuardrail, Value: "total_tokens", Agg: AggSum, Cap: Cap{CapQuantile, 0.99}, Good: Down,
				Margin: Margin{0.15, MarginRelative}, MatureAfter: 2 * time.Hour},
			{Name: "satisfaction", Role: RoleMonitor, Value: "satisfaction", Good: Up, MatureAfter: day},
		},
		MetricsDeclared: true,
		Decision:        Decision{MethodSequential, 0.05, GoalsSuperior, OnInvalidHalt},
		Planning:        Planning{2000},
		Judge: &Judge{Endpoint: "${OPENAI_BASE_URL}", Models: []string{"gpt-4o-mini"}, Rubrics: []string{"support-quality"},
			Sample: Sample{Rate: 0.1, Strata: []SampleStratum{}}, Samples: 3, Budget: Budget{USD: 5, Calls: 2000, Minutes: 30}, Concurrency: 8},
		Jobs: Jobs{"0 2 * * *", "@every 10m", "@every 1h", "@daily", "Asia/Shanghai"},
		Webhooks: []Webhook{{URL: "https://...", Secret: "${HOOK_SECRET}",
			On: []Event{EventStep, EventVerdict, EventBreaker, EventSRM}}},
		Retention:      Retention{30 * day, 400 * day},
		Privacy:        Privacy{Redact: []Redaction{RedactEmail, RedactPhone}},
		Journal:        Journal{50 * time.Millisecond},
		ResponseHeader: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// The other form of every value that has two.
func TestOtherForms(t *testing.T) {
	r := parse(t, small+`
versions:
  v1: {upstream: "${V1}/v1", protocol: openai, capture: metadata, timeout: {connect: 100ms}}
  v2: {upstream: "https://example.com", capture: {content: 0.1}}
  v2.1: {upstream: "https://example.com", capture: none}
context:
  session: "header:x-session"
  user: []
  attributes: {plan: ["header:x-plan", "body:inputs.plan"]}
  region: "geoip:GeoLite2.mmdb"
  trusted_proxies: ["10.1.2.3/8", "::1"]
rules: [{name: lab, when: "true", version: v2.1}]
holdout: 0.01
ramp:
  steps: [{to: 0.5%}, {to: 0.25, hold: 1d12h}]
  advance: {cron: "0 3 * * *", by: 5 %, timezone: Asia/Shanghai}
  windows: ["CRON_TZ=Asia/Shanghai * 9-17 * * MON-fri"]
prices: {gpt: {input: 1, output: 2}}
metrics:
  - {name: spend, role: monitor, value: cost_usd, cap: 2.5, good: down, mature_after: 7d}
  - {name: rounds, role: monitor, value: requests, cap: none, quantile: 0.5, good: down}
journal: {fsync: always}
response_header: false
`)
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"reference", r.Versions["v1"].Upstream, "${V1}/v1"},
		{"one time-out", r.Versions["v1"].Timeout, Timeout{100 * time.Millisecond, 30 * time.Second, 2 * time.Minute}},
		{"capture metadata", r.Versions["v1"].Capture, Capture{Metadata: true}},
		{"capture a share", r.Versions["v2"].Capture, Capture{Metadata: true, Content: 0.1}},
		{"capture none", r.Versions["v2.1"].Capture, Capture{}},
		{"a source alone", r.Context.Session, []Source{{FromHeader, "X-Session"}}},
		{"no source", r.Context.User, []Source{}},
		{"sources of an attribute", r.Context.Attributes["plan"], []Source{{FromHeader, "X-Plan"}, {FromBody, "inputs.plan"}}},
		{"region by address", r.Context.Region, Source{FromGeoIP, "GeoLite2.mmdb"}},
		{"networks", r.Context.TrustedProxies, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
		{"a third version", r.Rules[0].Version, "v2.1"},
		{"a bare share", r.Holdout, Share(0.01)},
		{"steps", r.Ramp.Steps, []Step{{To: 0.005, Units: 20}, {To: 0.25, Hold: 36 * time.Hour, Units: 20}}},
		{"a clock", r.Ramp.Advance, Advance{AdvanceCron, "0 3 * * *", 0.05, "Asia/Shanghai"}},
		{"windows", r.Ramp.Windows, []string{"CRON_TZ=Asia/Shanghai * 9-17 * * MON-fri"}},
		{"cached as input", r.Prices["gpt"], Price{Input: 1, Output: 2, Cached: 1, Per: 1e6}},
		{"a number as cap", r.Metrics[0].Cap, Cap{CapValue, 2.5}},
		{"days", r.Metrics[0].MatureAfter, 7 * day},
		{"no cap", r.Metrics[1].Cap, Cap{CapNone, 0}},
		{"fsync always", r.Journal.Fsync, time.Duration(0)},
		{"response header", r.ResponseHeader, false},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.what, c.got, c.want)
		}
	}
}

// What stands on a line does not depend on how lines end, nor on a byte order
// mark.
func TestLineEndings(t *testing.T) {
	want := parse(t, small+"holdout: 5%\n")
	for _, src := range []string{
		strings.ReplaceAll(small+"holdout: 5%\n", "\n", "\r\n"),
		"\ufeff" + small + "holdout: 5%",
	} {
		if got := parse(t, src); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, want %+v", src, got, want)
		}
	}
}

// Without a file everything has the value that it has in the shortest file.
func TestDefault(t *testing.T) {
	want := parse(t, small)
	got := Default("a", "r", "v1", "v2")
	want.references, want.places = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if got.MetricsDeclared || !reflect.DeepEqual(got.Metrics, DefaultMetrics()) {
		t.Errorf("metrics are not the default ones: %+v", got.Metrics)
	}
}

// A default is the same written and absent: for each key of the table the
// file that writes it gives the release that leaves it out.
func TestDefaultsWritten(t *testing.T) {
	written := releaseKind.zero()
	written.App, written.Release, written.Stable, written.Candidate = "a", "r", "v1", "v2"
	keys := releaseKind.write(written).(map[string]any)
	delete(keys, "metrics") // to write them is to declare them
	got := parse(t, string(encode(keys, "")))
	want := parse(t, small)
	got.places, want.places = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestExample(t *testing.T) {
	r := parse(t, string(Example()))
	if r.Ramp == nil || len(r.Versions) != 2 || !r.MetricsDeclared {
		t.Errorf("the example lacks the ramp, a version or the metrics: %+v", r)
	}
	defaults := map[string]Metric{}
	for _, m := range DefaultMetrics() {
		defaults[m.Name] = m
	}
	for _, m := range r.Metrics {
		if m != defaults[m.Name] {
			t.Errorf("got %+v, the default metric is %+v", m, defaults[m.Name])
		}
	}
}
