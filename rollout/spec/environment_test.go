package spec

import (
	"slices"
	"strings"
	"testing"
)

func TestExpandEnv(t *testing.T) {
	r := parse(t, small+`
versions:
  v1: {upstream: "http://127.0.0.1:9001", set_headers: {Authorization: "Bearer ${KEY}", X-Two: "${A}-${B}"}}
  v2: {upstream: "http://127.0.0.1:9002"}
webhooks: [{url: "https://example.com", secret: "$literal {x}"}]
`)
	lookup := func(name string) (string, bool) {
		v, ok := map[string]string{"SET": "s${KEY}", "EMPTY": ""}[name]
		return v, ok
	}
	for _, c := range []struct{ text, want, err string }{
		{"plain", "plain", ""},
		{r.Webhooks[0].Secret, "$literal {x}", ""},
		{"a${SET}b${EMPTY}c", "as${KEY}bc", ""},
		{r.Versions["v1"].SetHeaders["Authorization"], "",
			"weir.yaml:7:72: versions.v1.set_headers.Authorization: ${KEY} is not set: set it in the environment"},
		{r.Versions["v1"].SetHeaders["X-Two"], "",
			"weir.yaml:7:96: versions.v1.set_headers.X-Two: ${A} is not set: set it in the environment\n" +
				"weir.yaml:7:96: versions.v1.set_headers.X-Two: ${B} is not set: set it in the environment"},
		{"${ELSEWHERE}", "", "${ELSEWHERE} is not set: set it in the environment"},
	} {
		got, err := r.ExpandEnv(c.text, lookup)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if got != c.want || message != c.err {
			t.Errorf("%s: got %q, %q, want %q, %q", c.text, got, message, c.want, c.err)
		}
	}
}

// TestUnset finds every name that is not set, wherever it stands.
func TestUnset(t *testing.T) {
	r := parse(t, small+`
versions:
  v1: {upstream: "http://${HOST}:9001", set_headers: {Authorization: "Bearer ${KEY}", X-Two: "${SET}-${B}-${A}"}}
  v2: {upstream: "http://${HOST}:9001"}
webhooks: [{url: "${HOOK}", secret: "${EMPTY}"}]
`)
	got := r.Unset(func(name string) (string, bool) { return "", name == "SET" || name == "EMPTY" })
	want := []string{"7:18: versions.v1.upstream: ${HOST}", "7:70: versions.v1.set_headers.Authorization: ${KEY}", "7:94: versions.v1.set_headers.X-Two: ${A}", "7:94: versions.v1.set_headers.X-Two: ${B}", "9:18: webhooks[0].url: ${HOOK}"}
	for i := range want {
		want[i] = "weir.yaml:" + want[i] + " is not set: set it in the environment"
	}
	texts := make([]string, len(got))
	for i, f := range got {
		texts[i] = f.Error()
	}
	if !slices.Equal(texts, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(texts, "\n"), strings.Join(want, "\n"))
	}
}
