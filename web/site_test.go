package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func serve(t *testing.T, method, target string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	New(Dashboard, Dialogues).ServeHTTP(w, r)
	return w.Result()
}

func TestPagesAndTheirPolicies(t *testing.T) {
	for _, target := range []string{"/", "/dialogues", "/assets/main.js", "/nothing"} {
		res := serve(t, "GET", target)
		policy := res.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %s", target, want)
			}
		}
		if strings.Contains(policy, "unsafe") || res.Header.Get("X-Frame-Options") != "DENY" || res.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", target, res.Header)
		}
		if want := map[bool]int{true: 404, false: 200}[target == "/nothing"]; res.StatusCode != want {
			t.Errorf("%s: status %d", target, res.StatusCode)
		}
		if len(res.Cookies()) > 0 {
			t.Errorf("%s sets a cookie", target)
		}
	}
	if res := serve(t, "POST", "/"); res.StatusCode != 405 {
		t.Errorf("POST: status %d", res.StatusCode)
	}
	if res := serve(t, "GET", "/assets/../site.go"); res.StatusCode != 404 {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestWhatIsKnownIsNotSentAgain(t *testing.T) {
	tag := serve(t, "GET", "/assets/weir.css").Header.Get("ETag")
	if res := serve(t, "GET", "/assets/weir.css", "If-None-Match: "+tag); res.StatusCode != 304 {
		t.Errorf("status %d", res.StatusCode)
	}
	if res := serve(t, "GET", "/assets/weir.css", "Accept-Encoding: gzip"); res.Header.Get("Content-Encoding") != "gzip" {
		t.Error("it is not compressed")
	}
}

func TestOnePageAlone(t *testing.T) {
	w := httptest.NewRecorder()
	New(Dialogues).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 302 || w.Header().Get("Location") != "/dialogues" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
}

// TestPagesAreSmall: all there is, uncompressed, is less than what a page may transfer.
func TestPagesAreSmall(t *testing.T) {
	plain, zipped := 0, 0
	for _, f := range New(Dashboard).files {
		plain += len(f.plain)
		zipped += len(f.zip)
	}
	t.Logf("%d bytes, %d compressed", plain, zipped)
	if plain > 300_000 {
		t.Errorf("%d bytes", plain)
	}
}

func asset(t *testing.T, name string) string {
	t.Helper()
	b, err := embedded.ReadFile("assets/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestNothingIsInline: the policy would refuse it, and nothing reads text as markup.
func TestNothingIsInline(t *testing.T) {
	if m := regexp.MustCompile(`<script(?:>| [^>]*[^"]>)[^<]|<style|style=|\son[a-z]+=|javascript:|https?://`).FindString(asset(t, "index.html")); m != "" {
		t.Errorf("index.html has %q", m)
	}
	dangerous := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|DOMParser|srcdoc|createContextualFragment|setHTML`)
	for name := range New().files {
		if path.Ext(name) != ".js" {
			continue
		}
		text := asset(t, path.Base(name))
		if m := dangerous.FindString(text); m != "" {
			t.Errorf("%s has %s", name, m)
		}
		if m := regexp.MustCompile(`https?://(www\.w3\.org/2000/svg)?`).FindString(text); m != "" && m != "http://www.w3.org/2000/svg" {
			t.Errorf("%s names an address: %s", name, m)
		}
	}
}

var entry = regexp.MustCompile(`(?m)^  '?([A-Za-z0-9_.]+)'?: '((?:[^'\\]|\\.)*)',$`)

func catalogue(t *testing.T, name string) map[string]string {
	t.Helper()
	text, out := asset(t, name), map[string]string{}
	for _, m := range entry.FindAllStringSubmatch(text, -1) {
		if _, twice := out[m[1]]; twice {
			t.Errorf("%s has %s twice", name, m[1])
		}
		out[m[1]] = m[2]
	}
	if lines := strings.Count(text, "\n  "); lines != len(out) {
		t.Fatalf("%s: %d lines, %d entries read", name, lines, len(out))
	}
	return out
}

var parameter = regexp.MustCompile(`\{\w+\}`)

// TestLanguagesAreWhole: both catalogues have the same entries, and each says the
// same: no parameter is forgotten.
func TestLanguagesAreWhole(t *testing.T) {
	en, zh := catalogue(t, "en.js"), catalogue(t, "zh.js")
	han := regexp.MustCompile(`\p{Han}`)
	for key, text := range en {
		other, ok := zh[key]
		if !ok {
			t.Errorf("zh.js lacks %s", key)
			continue
		}
		sorted := func(s string) []string {
			found := parameter.FindAllString(s, -1)
			slices.Sort(found)
			return slices.Compact(found)
		}
		if !slices.Equal(sorted(text), sorted(other)) {
			t.Errorf("%s: parameters %v and %v", key, sorted(text), sorted(other))
		}
		if han.MatchString(text) {
			t.Errorf("en.js: %s is not English", key)
		}
		words := parameter.ReplaceAllString(other, "")
		if regexp.MustCompile(`[a-z]{3,}`).MatchString(strings.ReplaceAll(words, "Weir", "")) && !han.MatchString(words) {
			t.Errorf("zh.js: %s is not Chinese: %s", key, other)
		}
	}
	for key := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("en.js lacks %s", key)
		}
	}
}

// TestEveryTextIsThere: what the modules ask the catalogue for is in it.
func TestEveryTextIsThere(t *testing.T) {
	en := catalogue(t, "en.js")
	asked := regexp.MustCompile("\\bt\\('([^'`$]+)'")
	branched := regexp.MustCompile(`\bt\([^()'?]*(?:\([^()]*\))?[^()'?]*\? '([^']+)' : '([^']+)'`)
	count := 0
	for name := range New().files {
		if path.Ext(name) != ".js" {
			continue
		}
		text := asset(t, path.Base(name))
		var keys []string
		for _, m := range append(asked.FindAllStringSubmatch(text, -1), branched.FindAllStringSubmatch(text, -1)...) {
			keys = append(keys, m[1:]...)
		}
		for _, key := range keys {
			count++
			if _, ok := en[key]; !ok {
				t.Errorf("%s asks for %q", name, key)
			}
		}
	}
	if count < 80 {
		t.Errorf("only %d texts found", count)
	}
}

func TestEveryModuleIsThere(t *testing.T) {
	site := New()
	imported := regexp.MustCompile(`(?:from|import\() ?'\./([a-z0-9]+\.js)'`)
	for name := range site.files {
		if path.Ext(name) != ".js" {
			continue
		}
		for _, m := range imported.FindAllStringSubmatch(asset(t, path.Base(name)), -1) {
			if _, ok := site.files["/assets/"+m[1]]; !ok && m[1] != "dialogues.js" {
				t.Errorf("%s imports %s", name, m[1])
			}
		}
	}
	for _, m := range regexp.MustCompile(`"(/assets/[^"]+)"`).FindAllStringSubmatch(asset(t, "index.html")+asset(t, "weir.css"), -1) {
		if res := serve(t, "GET", m[1]); res.StatusCode != 200 {
			t.Errorf("%s is not there", m[1])
		}
		res := serve(t, "GET", m[1])
		if b, _ := io.ReadAll(res.Body); len(b) == 0 {
			t.Errorf("%s is empty", m[1])
		}
	}
}
