package spec

import (
	"slices"
	"strings"
	"testing"
)

// TestDoubts warns of versions that cannot be meant, and of no others.
func TestDoubts(t *testing.T) {
	for text, want := range map[string][]string{
		`v1: {upstream: "http://a"}, v2: {upstream: "http://b"}`:                                                           nil,
		`v1: {upstream: "http://a"}, v2: {upstream: "http://a/"}`:                                                          {"versions.v2.upstream: is that of v1"},
		`v1: {upstream: "http://a"}, v2: {upstream: "http://a", set_headers: {X-Version: "2"}}`:                            nil,
		`v1: {upstream: "http://a", protocol: dify}, v2: {upstream: "http://a", protocol: dify, workflow_id: w}`:           nil,
		`v1: {upstream: "http://a", protocol: openai}, v2: {upstream: "http://b"}`:                                         {"versions.v2.protocol: is http"},
		`v1: {upstream: "http://a"}, v2: {upstream: "http://b"}, v3: {upstream: "http://c"}, v4: {upstream: "http://d"}`:   {"versions.v3: gets no traffic"},
		`v1: {upstream: "http://a", timeout: {total: 10s}}, v2: {upstream: "http://b", timeout: {connect: 2m, total: 2m}}`: {"versions.v1.timeout.first_byte: 30s never passes before total, 10s", "versions.v2.timeout.connect: 2m0s"},
	} {
		rules := ""
		if strings.Contains(text, "v4") {
			rules = "rules: [{name: r, when: 'user == \"a\"', version: v4}]\n"
		}
		r, err := Parse("weir.yaml", []byte("app: bot\nrelease: r1\nstable: v1\ncandidate: v2\n"+rules+"versions: {"+text+"}\n"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := r.Doubts(); !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("%s\ngot %q\nwant %q", text, got, want)
		}
	}
}

// TestMetricDoubts warns of metrics that promote nothing or measure nothing that is
// there, and of no outcome of the user's own.
func TestMetricDoubts(t *testing.T) {
	const goal = "{name: a, role: goal, value: resolved, good: up, margin: 3pp}"
	for text, want := range map[string][]string{
		"": nil,
		"metrics: [" + goal + ", {name: b, role: monitor, value: thumbs_up, good: up}, {name: d, role: monitor, value: solved, good: up}, {name: c, role: monitor, value: cost_usd, over: resolved, good: down}]": nil,
		"metrics: [{name: b, role: guardrail, value: resolved, good: up, margin: 3pp}]":                {"metrics: none is a goal"},
		"metrics: [" + goal + ", {name: b, role: monitor, value: total_token, good: down}]":            {"metrics[1].value: total_token is taken for the name of an outcome of yours: did you mean total_tokens?"},
		"metrics: [" + goal + ", {name: b, role: monitor, value: cost_usd, over: errors, good: down}]": {"metrics[1].over: errors is taken for the name of an outcome of yours: did you mean error?"},
		"metrics: [{name: a, role: goal, judge: support-quality, good: up, margin: 0.05}]":             nil,
	} {
		r, err := Parse("weir.yaml", []byte("app: bot\nrelease: r1\nstable: v1\ncandidate: v2\n"+text+"\n"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := r.Doubts(); !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("%s\ngot %q\nwant %q", text, got, want)
		}
	}
}
