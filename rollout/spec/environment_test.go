package spec

import "testing"

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
