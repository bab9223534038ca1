package control

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

// unchanged ends the test where an attack came through.
func unchanged(t *testing.T, g *rig) {
	t.Helper()
	if e := g.steering.Current(); e.Seq != 1 {
		t.Fatalf("change %d by %s", e.Seq, e.Actor)
	}
}

func TestNobodyWithoutAToken(t *testing.T) {
	g := newRig(t, plain, nil)
	for authorization, code := range map[string]string{
		"": "no_token", "Bearer": "no_token", "Bearer ": "no_token", "Bearer  ": "no_token", "bearer KEY": "no_token", "Basic S0VZ": "no_token", "KEY": "no_token",
		"Bearer KEY2": "wrong_token", "Bearer KE": "wrong_token", "Bearer key": "wrong_token", "Basic eDpLRVky": "wrong_token",
		"Bearer sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8": "wrong_token",
		"Bearer 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8":        "wrong_token",
	} {
		a := g.call("", "PATCH", deployments, fivePercent, "Authorization: "+authorization).want(401, code)
		refused := strings.Contains(a.header.Get("WWW-Authenticate"), `error="invalid_token"`)
		if a.header.Get("WWW-Authenticate") == "" || refused != (code == "wrong_token") || strings.Contains(a.body, "KEY") {
			t.Errorf("%q: %v %s", authorization, a.header, a.body)
		}
	}
	unchanged(t, g)
	g.call("password", "GET", deployments, "").want(200) // the one that is written as its hash
	if strings.Contains(g.log.String(), "KEY") {
		t.Error("a token is in the log")
	}
}

func TestScopes(t *testing.T) {
	g := newRig(t, plain, nil)
	for _, r := range (&api{}).routes() {
		path := strings.NewReplacer("{app}", "support-bot", "{key}", "support-bot").Replace(r.path)
		for key, scope := range map[string][]Scope{"key-of-app": {Ingest}, "password": {Read}, "key-of-ci": {Operate}} {
			if r.scopes == nil || (token{scopes: scope}).may(r.scopes) {
				continue
			}
			g.call(key, r.method, path, "").want(403, "scope")
		}
		if a := g.call("", r.method, path, ""); r.scopes != nil && a.status != 401 && a.status != 429 {
			t.Errorf("%s %s without a token: %d", r.method, path, a.status)
		}
	}
	unchanged(t, g)
}

func TestGuessingIsSlow(t *testing.T) {
	g := newRig(t, plain, nil)
	tooMany := 0
	for i := range 3 * guessBurst {
		switch a := g.call(fmt.Sprint("guess-", i), "GET", deployments, ""); a.status {
		case http.StatusTooManyRequests:
			tooMany++
			if a.header.Get("Retry-After") == "" {
				t.Error("it does not say when to come again")
			}
		case http.StatusUnauthorized:
		default:
			t.Fatal(a.status)
		}
	}
	if tooMany < guessBurst {
		t.Errorf("%d of %d guesses were slowed down", tooMany, 3*guessBurst)
	}
	g.logging.Lock()
	if lines := strings.Count(g.log.String(), "\n"); lines > 3*guessBurst-tooMany {
		t.Errorf("%d lines are logged of %d guesses that were let through", lines, 3*guessBurst-tooMany)
	}
	g.logging.Unlock()
	g.call("KEY", "GET", deployments, "").want(200) // who has a token is not in their way
}

func TestRate(t *testing.T) {
	g := newRig(t, plain, func(c *Config) { c.Rate = 0.5 })
	g.call("key-of-ci", "GET", deployments, "").want(200)
	g.call("key-of-ci", "GET", deployments, "").want(429)
	g.call("key-of-anna", "GET", deployments, "").want(200)
}

func TestRebinding(t *testing.T) {
	g := newRig(t, plain, func(c *Config) { c.Hosts = []string{"weir.internal"} })
	for _, host := range []string{"evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "weir.internal.evil.example"} {
		g.call("KEY", "PATCH", deployments, fivePercent, "Host: "+host).want(421, "unknown_host")
		g.call("", "GET", "/healthz", "", "Host: "+host).want(421)
	}
	unchanged(t, g)
	for _, host := range []string{"localhost", "LOCALHOST:8081", "127.0.0.1", "[::1]:8081", "10.1.2.3:8081", "weir.internal:8081"} {
		g.call("KEY", "GET", deployments, "", "Host: "+host).want(200)
	}
}

func TestOtherSites(t *testing.T) {
	g := newRig(t, plain, nil)
	for _, header := range []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example", "Origin: null"} {
		g.call("KEY", "PATCH", deployments, fivePercent, header).want(403, "cross_site")
		g.call("KEY", "POST", "/v1/applications/support-bot/rollback", "", header).want(403)
	}
	unchanged(t, g)
	g.call("KEY", "PATCH", deployments, fivePercent, "Sec-Fetch-Site: same-origin").want(200)
}

func TestPaths(t *testing.T) {
	g := newRig(t, plain, nil)
	for _, path := range []string{
		"//v1/applications/support-bot/rollback", "/v1//applications/support-bot/rollback",
		"/healthz/../v1/applications/support-bot/rollback", "/v1/applications/support-bot/./rollback",
		"/v1/applications/support-bot/rollback/", "/v1/applications/support-bot%2Frollback",
		"/v1/applications/..%2Fsupport-bot/rollback", "/healthz/..%2fv1/applications/support-bot/rollback",
		"/v1/applications/support%2Dbot/rollback%00", "/V1/applications/support-bot/rollback",
	} {
		if a := raw(t, g, "POST "+path+" HTTP/1.1"); a.StatusCode != 404 {
			t.Errorf("%s: status %d", path, a.StatusCode)
		}
	}
	g.call("KEY", "DELETE", deployments, "").want(405)
	g.call("KEY", "POST", "/metrics", "").want(405)
	unchanged(t, g)
}

// raw makes a call whose request line is as it stands.
func raw(t *testing.T, g *rig, line string) *http.Response {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(g.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "%s\r\nHost: localhost\r\nAuthorization: Bearer KEY\r\nContent-Length: 0\r\n\r\n", line)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}

func TestHugeBodies(t *testing.T) {
	g := newRig(t, plain, nil)
	huge := `{"reason":"` + strings.Repeat("x", maxBody) + `"}`
	for _, action := range []string{"rollback", "promote", "pause", "resume", "explain"} {
		g.call("KEY", "POST", "/v1/applications/support-bot/"+action, huge).want(413)
	}
	g.call("KEY", "POST", "/v1/outcomes", `["`+strings.Repeat("x", maxIngest)+`"]`).want(413)
	unchanged(t, g)
	g.call("KEY", "POST", "/v1/applications/support-bot/explain", strings.Repeat(`{"headers":`, 5000)).want(400)
}

// A call that is sent twice is carried out twice unless it says what it was
// decided on.
func TestReplay(t *testing.T) {
	g := newRig(t, plain, nil)
	g.call("KEY", "PATCH", deployments, fivePercent, `If-Match: "1"`).want(200)
	g.call("KEY", "PATCH", deployments, strings.Replace(fivePercent, "true", "false", 1)).want(200)
	g.call("KEY", "PATCH", deployments, fivePercent, `If-Match: "1"`).want(412)
	g.call("KEY", "GET", deployments, "").want(200, `"share":0,`)
}

func TestTokenFaults(t *testing.T) {
	for text, want := range map[string]string{
		"ci operate":                "tokens:1: found 2 words",
		"\nci admin secret":         `tokens:2: scope "admin"`,
		"ci read a\nci read b":      `tokens:2: another token is called "ci"`,
		"ci read sha256:12":         "64 hexadecimal digits",
		"ci read,, secret":          "scope",
		"ci read secret and secret": "5 words",
	} {
		if _, err := ParseTokens("tokens", []byte(text)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
