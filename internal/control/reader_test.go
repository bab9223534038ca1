package control

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// asks answers with who asks and what it was told of him.
var asks = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/csv")
	fmt.Fprintf(w, "%s %s asked by %q with %q%q", r.Method, r.URL.Path, r.Header.Get(CallerHeader), r.Header.Get("Authorization"), r.Header.Get("X-API-Key"))
})

func TestDialoguesAreAskedInTheNameOfTheToken(t *testing.T) {
	g := newRig(t, plain, func(c *Config) { c.Dialogues = asks })
	const app = "/v1/applications/support-bot/"
	ask := func(token, method, name string) *http.Response {
		t.Helper()
		r, err := http.NewRequest(method, g.url+app+name, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set(CallerHeader, "somebody-else")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	for call, tokens := range map[string][2]string{ // who may, who may not
		"GET dialogues": {"key-of-ci", "key-of-app"}, "GET dialogue": {"key-of-anna", "key-of-app"}, "GET samples": {"key-of-anna", "key-of-app"},
		"GET samples/abc": {"key-of-anna", "key-of-app"}, "POST samples": {"key-of-ci", "key-of-anna"}, "POST labels": {"key-of-anna", "password"},
	} {
		method, name, _ := strings.Cut(call, " ")
		res := ask(tokens[0], method, name)
		body := make([]byte, 200)
		n, _ := res.Body.Read(body)
		who := map[string]string{"key-of-ci": "ci", "key-of-anna": "anna"}[tokens[0]]
		if want := fmt.Sprintf(`%s %s%s asked by "%s" with """"`, method, app, name, who); res.StatusCode != 200 || string(body[:n]) != want {
			t.Errorf("%s: %d %s, want %s", call, res.StatusCode, body[:n], want)
		}
		if res := ask(tokens[1], method, name); res.StatusCode != 403 {
			t.Errorf("%s: %s gets %d", call, tokens[1], res.StatusCode)
		}
		if res := ask("", method, name); res.StatusCode != 401 {
			t.Errorf("%s: nobody gets %d", call, res.StatusCode)
		}
	}
	newRig(t, plain, nil).call("key-of-anna", "GET", app+"dialogues", "").want(404, "no_dialogues")
}

// TestReaderAlone: without traffic there are dialogues and pages, and nothing to steer.
func TestReaderAlone(t *testing.T) {
	h := NewReader("bot", Config{Tokens: EnvironmentToken("KEY").Named("me"), Dialogues: asks, Pages: http.NotFoundHandler()})
	ask := func(token, host, method, path string) (int, string) {
		r := httptest.NewRequest(method, path, nil)
		r.Host = host
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	if status, body := ask("KEY", "127.0.0.1:1", "GET", "/v1/me"); status != 200 || !strings.Contains(body, `"name":"me"`) || !strings.Contains(body, `"app":"bot","alone":true`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body := ask("KEY", "localhost", "GET", "/v1/applications/bot/dialogues"); status != 200 || !strings.Contains(body, `asked by "me"`) {
		t.Errorf("%d %s", status, body)
	}
	for what, c := range map[string]struct {
		token, host, method, path string
		status                    int
	}{
		"another app":      {"KEY", "localhost", "GET", "/v1/applications/other/dialogues", 404},
		"nobody":           {"", "localhost", "GET", "/v1/applications/bot/dialogues", 401},
		"a foreign name":   {"KEY", "evil.example", "GET", "/v1/applications/bot/dialogues", 421},
		"steering":         {"KEY", "localhost", "POST", "/v1/applications/bot/rollback", 404},
		"the wrong method": {"KEY", "localhost", "DELETE", "/v1/applications/bot/labels", 405},
	} {
		if status, body := ask(c.token, c.host, c.method, c.path); status != c.status {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
}
