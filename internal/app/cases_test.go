package app

import (
	"strings"
	"testing"

	"weir/rollout/spec"
)

// What the environment makes of an upstream is held to what the spec may say.
func TestReplayVersionsRefuseUpstreams(t *testing.T) {
	r, err := spec.Parse("weir.yaml", []byte(`
app: bot
release: r1
stable: v1
candidate: v2
versions: {v1: {upstream: "${UPSTREAM}"}, v2: {upstream: "http://h"}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		"http://h/base":             "",
		"http://h/v1?api-version=2": "versions.v1.upstream has a query",
		"http://user:hush@h":        "versions.v1.upstream has a user or a password",
		"h:9001":                    "versions.v1.upstream is not an http or https URL",
	} {
		t.Setenv("UPSTREAM", value)
		_, err := ReplayVersions(r, nil, false)
		switch {
		case want == "" && err == nil:
		case err == nil || want == "" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush"):
			t.Errorf("%s: got %v, want %s", value, err, want)
		}
	}
}
