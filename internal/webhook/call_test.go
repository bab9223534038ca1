package webhook

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/rollout/spec"
)

// Receivers over a real network, of all kinds that are bad.
func TestCall(t *testing.T) {
	followed := false
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer target.Close()
	respond := func(do http.HandlerFunc) *httptest.Server {
		s := httptest.NewServer(do)
		t.Cleanup(s.Close)
		return s
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	for name, c := range map[string]struct {
		url    string
		status int
		says   string // of the error; empty: the event is taken
	}{
		"good": {respond(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) }).URL, 202, ""},
		"redirect": {respond(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, target.URL, http.StatusTemporaryRedirect)
		}).URL, 307, "redirects are not followed"},
		"much":    {respond(func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 4<<20)) }).URL, 200, ""},
		"headers": {respond(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }).URL, 0, "headers exceeded"},
		"cut": {respond(func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			c.Close()
		}).URL, 0, "EOF"},
		"nonsense": {respond(func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			c.Write([]byte("hello\r\n\r\n"))
			c.Close()
		}).URL, 0, "malformed"},
		"closed":  {"http://" + closed.Addr().String(), 0, "refused"},
		"unknown": {"http://nobody.invalid", 0, "nobody.invalid"},
		"TLS":     {secure.URL, 0, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := spec.Parse("weir.yaml", []byte(text+`webhooks: [{url: "`+c.url+`/services/T0/hook-secret"}]`))
			if err != nil {
				t.Fatal(err)
			}
			x, err := Receivers(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			a := Call(context.Background(), NewClient(), x[0], Test(r, time.Now()), time.Now())
			if a.Status != c.status || (a.Err == nil) != (c.says == "") {
				t.Fatalf("it comes to %+v", a)
			}
			if a.Err != nil && (!strings.Contains(a.Err.Error(), c.says) || strings.Contains(a.Err.Error(), "hook-secret")) {
				t.Errorf("it says %v", a.Err)
			}
		})
	}
	if followed {
		t.Error("a redirect was followed")
	}
}

// What the environment lacks is a fault of the spec at its place; what it gives is
// never shown.
func TestReceivers(t *testing.T) {
	r, err := spec.Parse("weir.yaml", []byte(text+`webhooks: [{url: "${HOOK_URL}", secret: "${HOOK_SECRET}"}]`))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		env  map[string]string
		says string // empty: fine
	}{
		"nothing":   {nil, "weir.yaml:7:18: webhooks[0].url: ${HOOK_URL} is not set"},
		"no secret": {map[string]string{"HOOK_URL": "https://one/"}, "webhooks[0].secret: ${HOOK_SECRET} is not set"},
		"no URL":    {map[string]string{"HOOK_URL": "one/hunter2", "HOOK_SECRET": "s"}, "weir.yaml:7:18: webhooks[0].url: what the environment gives is no http or https URL: set ${HOOK_URL} to one"},
		"empty":     {map[string]string{"HOOK_URL": "https://one/", "HOOK_SECRET": ""}, "weir.yaml:7:41: webhooks[0].secret: ${HOOK_SECRET} is empty"},
		"base64":    {map[string]string{"HOOK_URL": "https://one/", "HOOK_SECRET": "whsec_hunter2!"}, "weir.yaml:7:41: webhooks[0].secret: ${HOOK_SECRET} begins with whsec_ and goes on with no base64"},
		"fine":      {map[string]string{"HOOK_URL": "https://one/", "HOOK_SECRET": "hunter2"}, ""},
	} {
		_, err := Receivers(r, func(name string) (string, bool) { v, ok := c.env[name]; return v, ok })
		if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: it says %v", name, err)
		}
	}
}
