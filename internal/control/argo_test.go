package control

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/goccy/go-yaml"
)

// A measured is a metric of an AnalysisTemplate.
type measured struct {
	Success           string `yaml:"successCondition"`
	Failure           string `yaml:"failureCondition"`
	Count             int
	Successes         int  `yaml:"consecutiveSuccessLimit"`
	FailureLimit      int  `yaml:"failureLimit"`
	InconclusiveLimit int  `yaml:"inconclusiveLimit"`
	ErrorLimit        *int `yaml:"consecutiveErrorLimit"`
	Provider          struct {
		Web struct {
			URL      string
			JSONPath string `yaml:"jsonPath"`
			Headers  []struct{ Key, Value string }
		}
	}
}

// templates reads the example's metrics, by the name of their template.
func templates(t *testing.T) map[string]measured {
	t.Helper()
	raw, err := os.ReadFile("../../examples/argo/analysis.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]measured{}
	for d := yaml.NewDecoder(bytes.NewReader(raw)); ; {
		var template struct {
			Metadata struct{ Name string }
			Spec     struct{ Metrics []measured }
		}
		if err := d.Decode(&template); err == io.EOF {
			return out
		} else if err != nil || len(template.Spec.Metrics) != 1 {
			t.Fatalf("%+v, %v", template, err)
		}
		out[template.Metadata.Name] = template.Spec.Metrics[0]
	}
}

// measure does what Argo Rollouts' web provider does with an answer (metricproviders/webmetric
// and utils/evaluate of argoproj/argo-rollouts): another status than 2xx, no JSON, a path that
// is not there or a condition that gives no boolean is an error; where both conditions are
// there and neither is true, the measurement is inconclusive. Since a later version what is no
// JSON is evaluated as a text; lenient says so.
func (m measured) measure(status int, body string, lenient bool) string {
	if status < 200 || status > 299 {
		return "Error"
	}
	var result any
	if err := json.Unmarshal([]byte(body), &result); err != nil {
		if !lenient {
			return "Error"
		}
		result = body
	} else {
		keys, ok := strings.CutPrefix(strings.Trim(m.Provider.Web.JSONPath, "{}"), "$")
		if !ok {
			return "Error"
		}
		for key := range strings.SplitSeq(strings.TrimPrefix(keys, "."), ".") {
			object, _ := result.(map[string]any) // of another type, it has no keys
			if result, ok = object[key]; !ok {
				return "Error"
			}
		}
	}
	holds := func(condition string) (bool, error) {
		env := map[string]any{"result": result}
		program, err := expr.Compile(condition, expr.Env(env), expr.AsBool())
		if err != nil {
			return false, err
		}
		out, err := expr.Run(program, env)
		if err != nil {
			return false, err
		}
		return out.(bool), nil
	}
	success, err := holds(m.Success)
	failure, err2 := holds(m.Failure)
	switch {
	case err != nil || err2 != nil:
		return "Error"
	case failure:
		return "Failed"
	case success:
		return "Successful"
	}
	return "Inconclusive"
}

// run is how an analysis ends after measurements, by Argo's limits; empty: it goes on.
func (m measured) run(measurements []string) string {
	errorLimit := 4
	if m.ErrorLimit != nil {
		errorLimit = *m.ErrorLimit
	}
	var failed, inconclusive, errors, successes int
	for i, phase := range measurements {
		if phase == "Error" {
			errors++
		} else {
			errors = 0
		}
		switch phase {
		case "Failed":
			failed, successes = failed+1, 0
		case "Inconclusive":
			inconclusive, successes = inconclusive+1, 0
		case "Successful":
			successes++
		}
		switch {
		case failed > m.FailureLimit:
			return "Failed"
		case inconclusive > m.InconclusiveLimit:
			return "Inconclusive"
		case errors > errorLimit:
			return "Error"
		case m.Successes > 0 && successes >= m.Successes, m.Count > 0 && i+1 >= m.Count && phase == "Successful":
			return "Successful"
		}
	}
	return ""
}

// The example's conditions on what the control plane answers: promote alone is proof, and
// nothing that is missing, broken or refused is ever a success.
func TestArgo(t *testing.T) {
	g := newRig(t, plain, nil)
	ask := func(m measured, token string) (int, string) {
		r, err := http.NewRequest("GET", strings.NewReplacer("http://weir:8081", g.url, "{{args.app}}", "support-bot").Replace(m.Provider.Web.URL), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range m.Provider.Web.Headers {
			r.Header.Set(h.Key, strings.ReplaceAll(h.Value, "{{args.token}}", token))
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(raw)
	}
	all := templates(t)
	want := map[string]map[string]string{
		"weir-no-harm": {"hold": "Successful", "promote": "Successful", "rollback": "Failed", "invalid": "Failed"},
		"weir-proof":   {"hold": "Inconclusive", "promote": "Successful", "rollback": "Failed", "invalid": "Failed"},
	}
	if len(all) != len(want) {
		t.Fatalf("there are %d templates", len(all))
	}
	for name, m := range all {
		for verdict, phase := range want[name] {
			g.verdict = Verdict{Verdict: verdict, At: &start}
			status, body := ask(m, "key-of-anna")
			if got := m.measure(status, body, true); got != phase {
				t.Errorf("%s: %s is %s, want %s (%d, %s)", name, verdict, got, phase, status, body)
			}
		}
		g.verdict = Verdict{Verdict: "promote", At: &start}
		if status, body := ask(m, "wrong"); m.measure(status, body, true) != "Error" {
			t.Errorf("%s: a wrong token is %s", name, m.measure(status, body, true))
		}
		for _, body := range []string{``, `{}`, `null`, `[]`, `"promote"`, `{"verdict": null}`, `{"verdict": true}`, `{"verdict": ["promote"]}`, `{"verdict": 1}`, `<html>promote</html>`, `{"data": {"verdict": "promote"}}`, `{"verdict": "promo`, `{"verdict": "Promote"}`} {
			for _, lenient := range []bool{false, true} {
				if got := m.measure(200, body, lenient); got == "Successful" {
					t.Errorf("%s: %s is a success", name, body)
				}
			}
		}
	}
	proof := all["weir-proof"]
	for want, measurements := range map[string][]string{
		"":             append(repeat("Inconclusive", 4000), repeat("Error", 20)...),
		"Successful":   append(repeat("Inconclusive", 4000), "Error", "Successful"),
		"Failed":       append(repeat("Inconclusive", 10), "Failed", "Successful"),
		"Error":        append(repeat("Inconclusive", 10), repeat("Error", 21)...),
		"Inconclusive": repeat("Inconclusive", 5001),
	} {
		if got := proof.run(measurements); got != want {
			t.Errorf("a run ends %q, want %q", got, want)
		}
	}
	if got := all["weir-no-harm"].run([]string{"Error"}); got == "Successful" {
		t.Error("an error passes a step")
	}
}

func repeat(phase string, n int) (out []string) {
	for range n {
		out = append(out, phase)
	}
	return out
}

// Flagger calls the example's webhooks as it does (pkg/controller of fluxcd/flagger): with the
// canary's phase, which says nothing of the hook, with keys that nobody here knows, and
// without headers of its own.
func TestFlaggerExample(t *testing.T) {
	g := newRig(t, plain, nil)
	raw, err := os.ReadFile("../../examples/flagger/canary.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var canary struct {
		Spec struct {
			Analysis struct {
				Webhooks []struct{ Name, Type, URL string }
			}
		}
	}
	if err := yaml.Unmarshal(raw, &canary); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(g.url, "http://")
	passes := func(url, token string) bool {
		url = strings.NewReplacer("TOKEN", token, "weir:8081", host).Replace(url)
		body := `{"name":"support-bot","namespace":"default","phase":"Progressing","checksum":"85d557f47b","buildId":"7","type":"rollout","failedChecks":1,"canaryWeight":5,"metadata":{}}`
		r, err := http.NewRequest("POST", url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode <= 202
	}
	want := map[string]string{ // which hooks pass
		"hold": "rollout confirm-traffic-increase", "promote": "rollout confirm-traffic-increase confirm-promotion",
		"invalid": "", "rollback": "rollback",
	}
	for verdict, hooks := range want {
		g.verdict = Verdict{Verdict: verdict}
		var got []string
		for _, w := range canary.Spec.Analysis.Webhooks {
			if !strings.HasSuffix(w.URL, "?hook="+w.Type) {
				t.Errorf("%s asks %s", w.Type, w.URL)
			}
			if passes(w.URL, "key-of-anna") {
				got = append(got, w.Type)
			}
			if passes(w.URL, "wrong") || passes(strings.ReplaceAll(w.URL, "?hook="+w.Type, ""), "key-of-anna") {
				t.Errorf("%s passes without a token, or without a hook", w.Type)
			}
		}
		if strings.Join(got, " ") != hooks {
			t.Errorf("%s passes %s, want %s", verdict, got, hooks)
		}
	}
	g.call("key-of-anna", "POST", "/v1/applications/support-bot/verdict/flagger?hook=rollout", "not JSON").want(400)
	g.call("key-of-anna", "POST", "/v1/applications/support-bot/verdict/flagger", `{"phase":"Progressing"}`).want(400, "?hook=confirm-promotion")
}
