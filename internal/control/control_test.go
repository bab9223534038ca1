package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"weir/internal/control/ledger"
	"weir/rollout/spec"
)

const (
	deployments = "/v1/applications/support-bot/deployments"
	fivePercent = `{"version": "v2", "traffic_control": {"strategy": "percentage", "value": 0.05},
 "target_environment": "production", "enabled": true}`
)

func TestPatchAsItStands(t *testing.T) {
	g := newRig(t, plain, nil)
	a := g.call("KEY", "PATCH", deployments, fivePercent).want(200, `"share":0.05`, `"state":"paused"`, `"actor":"WEIR_TOKEN"`)
	if a.header.Get("ETag") != `"2"` {
		t.Errorf("etag %s", a.header.Get("ETag"))
	}
	g.call("KEY", "GET", deployments, "").want(200, `"share":0.05`, `"epoch":2`, `"step":1`)
	g.call("KEY", "PATCH", deployments, strings.Replace(fivePercent, "true", "false", 1)).want(200, `"share":0`, `"enabled":false`)
}

func TestPatchStrategies(t *testing.T) {
	header := `{"version":"v2","traffic_control":{"strategy":"header","value":"X-Flag: v2"},"target_environment":"production"}`
	users := strings.Replace(fivePercent, "percentage", "user_id", 1)
	g := newRig(t, plain, nil)
	g.call("ci-", "PATCH", deployments, header).want(401)
	g.call("key-of-ci", "PATCH", deployments, header).want(200, `"strategy":"header","value":"X-Flag: v2"`, `"enabled":true`)
	g.call("KEY", "GET", "/v1/applications/support-bot/rules", "").want(200, `"name":"deployment.header"`)
	g.call("key-of-ci", "PATCH", deployments, users).want(409, "unit: user")
	g.drawn.Store(true)
	g.call("key-of-ci", "PATCH", deployments, fivePercent).want(409, "write a new release")

	g = newRig(t, strings.Replace(plain, "stable: v1", "stable: v1\nunit: user", 1), nil)
	g.drawn.Store(true)
	g.call("key-of-ci", "PATCH", deployments, users).want(200, `"strategy":"user_id","value":0.05`)
	g.call("key-of-ci", "PATCH", deployments, strings.Replace(users, "0.05", "0.6", 1)).want(409, "halves")
}

func TestPatchRefusals(t *testing.T) {
	g := newRig(t, plain, nil)
	for _, c := range []struct {
		old, new string
		status   int
		want     string
	}{
		{`"v2"`, `"v9"`, 404, "unknown_version"},
		{`"v2"`, `"v1"`, 409, "is stable"},
		{`"v2"`, `"v3"`, 409, "is not the candidate"},
		{`"production"`, `"staging"`, 404, "unknown_environment"},
		{`"target_environment": "production"`, `"target_environment": ""`, 400, "missing"},
		{`0.05`, `5`, 400, "5 % is 0.05"},
		{`0.05`, `-0.1`, 400, "5 % is 0.05"},
		{`0.05`, `"5%"`, 400, "5 % is 0.05"},
		{`0.05`, `null`, 400, "5 % is 0.05"},
		{`0.05`, `1e999`, 400, "5 % is 0.05"},
		{`"percentage"`, `"random"`, 400, "allowed are percentage"},
		{`"percentage"`, `"header"`, 400, "X-Feature-Flag: v2"},
		{`"percentage", "value": 0.05`, `"header", "value": "X Flag: v2"`, 400, "characters that no header has"},
		{`"percentage", "value": 0.05`, `"header", "value": "X-Flag: "`, 400, "value is empty"},
		{`"enabled"`, `"enabeld"`, 400, "enabeld"},
		{`true`, `"yes"`, 400, "enabled"},
		{`true}`, `true} {}`, 400, "more than one document"},
		{`true}`, `true`, 400, "not JSON"},
		{fivePercent, ``, 400, "empty"},
		{fivePercent, `[]`, 400, "expected"},
		{`"traffic_control": {"strategy": "percentage", "value": 0.05},`, ``, 400, "traffic_control is missing"},
		{`"v2"`, `"` + strings.Repeat("v", maxBody) + `"`, 413, "too_large"},
	} {
		g.call("KEY", "PATCH", deployments, strings.Replace(fivePercent, c.old, c.new, 1)).want(c.status, c.want)
	}
	g.call("KEY", "PATCH", "/v1/applications/other/deployments", fivePercent).want(404, "unknown_app")
	if seq := g.steering.Current().Seq; seq != 1 {
		t.Errorf("a refused call made change %d", seq)
	}
}

func TestActions(t *testing.T) {
	g := newRig(t, plain, nil)
	on := func(action string) string { return "/v1/applications/support-bot/" + action }
	g.call("key-of-ci", "POST", on("pause"), "").want(200, `"state":"paused"`)
	g.call("key-of-ci", "POST", on("resume"), `{"reason":"looked at it"}`).want(200, `"state":"running"`, "looked at it")
	if g.resumed != 1 {
		t.Error("breakers were not told")
	}
	g.call("key-of-ci", "POST", on("rollback"), `{"reason":"bad answers"}`).want(200, `"state":"rolled_back"`, `"enabled":false`)
	g.call("key-of-ci", "POST", on("rollback"), "").want(200, `"seq":4`)
	g.call("key-of-ci", "POST", on("resume"), "").want(409, "final")
	g.call("key-of-ci", "POST", on("promote"), "").want(409, "final")
	if g.resumed != 1 {
		t.Error("a refused resume closed breakers")
	}
	g.call("key-of-ci", "POST", on("reload"), "").want(500, "start the process anew")
	var past struct{ Changes []Past }
	g.call("key-of-anna", "GET", on("history?limit=2"), "").want(200).into(&past)
	if len(past.Changes) != 2 || past.Changes[0].Kind != "rollback" || past.Changes[0].Actor != "ci" || past.Changes[0].Reason != "bad answers" {
		t.Errorf("%+v", past)
	}
	g.call("key-of-anna", "GET", on("history?limit=x"), "").want(400)
}

func TestForget(t *testing.T) {
	const path, body = "/v1/applications/support-bot/forget", `{"user": "ann"}`
	var asked string
	var err error
	g := newRig(t, plain, func(c *Config) {
		c.Hash = func(id string) string { return "#" + id }
		c.Forget = func(_ context.Context, user string) (Forgotten, error) {
			asked = user
			return Forgotten{Rows: map[string]int64{"traces": 2}, Files: 1, Kept: []string{}}, err
		}
	})
	g.call("key-of-ci", "POST", path, body).want(200, `"traces":2`, `"files":1`)
	if asked != "#ann" {
		t.Errorf("%q was forgotten", asked)
	}
	if log := g.log.String(); strings.Contains(log, "ann\"") || strings.Contains(log, "#ann") {
		t.Errorf("the log names who was forgotten: %s", log)
	}
	g.call("key-of-anna", "POST", path, body).want(403)
	g.call("key-of-ci", "POST", path, `{"user": ""}`).want(400)
	g.call("key-of-ci", "POST", path, `{}`).want(400)
	err = errors.New("the disk is full")
	g.call("key-of-ci", "POST", path, body).want(503, "the disk is full", "try again")
	newRig(t, plain, nil).call("key-of-ci", "POST", path, body).want(500, "weir forget")
}

func TestPromote(t *testing.T) {
	g := newRig(t, plain, nil)
	g.call("key-of-ci", "POST", "/v1/applications/support-bot/promote", "").want(200, `"state":"promoted"`, `"enabled":true`)
	g.call("key-of-ci", "PATCH", deployments, fivePercent).want(409, "is promoted")
	g.call("key-of-ci", "POST", "/v1/applications/support-bot/rollback", "").want(200, `"state":"rolled_back"`)
}

func TestIfMatch(t *testing.T) {
	g := newRig(t, plain, nil)
	g.call("KEY", "PATCH", deployments, fivePercent, `If-Match: "7"`).want(412, "change 1")
	g.call("KEY", "PATCH", deployments, fivePercent, `If-Match: "1"`).want(200)
	g.call("KEY", "PATCH", deployments, fivePercent, `If-Match: "1"`).want(412)
	g.call("KEY", "POST", "/v1/applications/support-bot/rollback", "", `If-Match: "1", "2"`).want(200)
	g.call("KEY", "PATCH", deployments, strings.Replace(fivePercent, "true", "false", 1), "If-Match: *").want(409)
}

func TestChangesAtOnce(t *testing.T) {
	g := newRig(t, plain, nil)
	var group sync.WaitGroup
	statuses := make([]int, 12)
	for i := range statuses {
		group.Go(func() {
			body := strings.Replace(fivePercent, "0.05", fmt.Sprintf("0.%02d", i+1), 1)
			statuses[i] = g.call("KEY", "PATCH", deployments, body, `If-Match: "1"`).status
		})
	}
	group.Wait()
	slices.Sort(statuses)
	if statuses[0] != 200 || statuses[1] != 412 || statuses[11] != 412 {
		t.Errorf("%v", statuses)
	}
	if entries, err := g.steering.History(); err != nil || len(entries) != 2 {
		t.Errorf("%d changes, %v", len(entries), err)
	}
}

// A body of another shape is told in the words of JSON.
func TestMistyped(t *testing.T) {
	g := newRig(t, plain, nil)
	const path = "/v1/applications/support-bot/deployments"
	for body, want := range map[string]string{
		`[]`:                                     "the body: found a JSON array, expected an object",
		`7`:                                      "the body: found a JSON number, expected an object",
		`{"version":7}`:                          "version: found a JSON number, expected a string",
		`{"enabled":"yes"}`:                      "enabled: found a JSON string, expected true or false",
		`{"traffic_control":[]}`:                 "traffic_control: found a JSON array, expected an object",
		`{"traffic_control":{"strategy":false}}`: "traffic_control.strategy: found a JSON bool, expected a string",
	} {
		g.call("key-of-ci", "PATCH", path, body).want(400, want)
	}
}

func TestReload(t *testing.T) {
	var result error
	g := newRig(t, plain, func(c *Config) {
		c.Reload = func(actor string) (ledger.Entry, error) {
			if actor != "ci" {
				t.Errorf("reloaded by %s", actor)
			}
			return ledger.Entry{}, result
		}
	})
	const reload = "/v1/applications/support-bot/reload"
	g.call("key-of-ci", "POST", reload, "").want(200)
	_, result = spec.Parse("weir.yaml", []byte("app: bot\nstabel: v1\n"))
	g.call("key-of-ci", "POST", reload, "").want(422, `"path":"stabel"`, "did you mean stable?", `"path":"candidate"`)
	result = &SpecError{errors.New("weir.yaml: there is no such spec")}
	g.call("key-of-ci", "POST", reload, "").want(422, `"code":"bad_spec"`, "no such spec")
}

func TestVerdict(t *testing.T) {
	g := newRig(t, plain, nil)
	const verdict = "/v1/applications/support-bot/verdict"
	for word, ok := range map[string]bool{"hold": false, "promote": true, "rollback": false, "invalid": false} {
		g.verdict = Verdict{Verdict: word, At: &start, Record: []byte(`{"schema":"weir.decision/1"}`)}
		g.call("key-of-anna", "GET", verdict, "").want(200, fmt.Sprintf(`"verdict":%q,"ok":%v,"reasons":[]`, word, ok))
	}
	g = newRig(t, plain, func(c *Config) { c.Verdict = nil })
	g.call("key-of-anna", "GET", verdict, "").want(200, `"verdict":"hold"`, "nothing analyses here", `"at":null`)
}

func TestFlagger(t *testing.T) {
	g := newRig(t, plain, nil)
	hook := func(phase string) answered {
		return g.call("key-of-anna", "POST", "/v1/applications/support-bot/verdict/flagger",
			`{"name":"podinfo","namespace":"test","phase":"`+phase+`","checksum":"85d557f47b","metadata":{"test":"all"}}`)
	}
	pass := func(want map[string]bool) {
		t.Helper()
		for phase, ok := range want {
			status := 409
			if ok {
				status = 200
			}
			hook(phase).want(status, fmt.Sprintf(`"pass":%v`, ok))
		}
	}
	pass(map[string]bool{"rollback": false, "confirm-promotion": false, "rollout": true, "confirm-traffic-increase": true, "event": true})
	g.verdict.Verdict = "promote"
	pass(map[string]bool{"rollback": false, "confirm-promotion": true, "rollout": true, "pre-rollout": true})
	g.verdict.Verdict = "invalid"
	pass(map[string]bool{"rollback": false, "confirm-promotion": false, "rollout": false, "post-rollout": true})
	g.verdict.Verdict = "rollback"
	pass(map[string]bool{"rollback": true, "confirm-promotion": false, "confirm-rollout": false})
	g.verdict.Verdict = "promote"
	g.call("KEY", "POST", "/v1/applications/support-bot/rollback", "").want(200)
	pass(map[string]bool{"rollback": true, "confirm-promotion": false})
	hook("elsewhere").want(400)
}

func TestPrometheusQuery(t *testing.T) {
	g := newRig(t, plain, nil)
	value := func(query string) string {
		var a struct {
			Data struct{ Result []struct{ Value []any } }
		}
		g.call("key-of-anna", "GET", "/api/v1/query?query="+query, "").want(200).into(&a)
		return a.Data.Result[0].Value[1].(string) // Flagger wants a text
	}
	if value("vector(1)") != "1" || value("weir_promote") != "0" || value("weir_harm") != "0" {
		t.Error("wrong figures")
	}
	g.verdict.Verdict = "promote"
	if value("weir_promote") != "1" {
		t.Error("promote is 0")
	}
	g.call("key-of-anna", "GET", "/api/v1/query?query=up", "").want(400, "allowed are")
}

func TestExplainRemembersNothing(t *testing.T) {
	g := newRig(t, plain, nil)
	g.call("KEY", "PATCH", deployments, fivePercent).want(200)
	explain := func(body string) answered {
		return g.call("key-of-anna", "POST", "/v1/applications/support-bot/explain", body)
	}
	explain(`{"session":"s1"}`).want(200, `"reason":"split"`, "its unit's number is", `"unit_id":"s1"`)
	explain(`{"session":"s1"}`).want(200, `"reason":"split"`)
	explain(`{"session":"s2","headers":{"x-feature-flag":"v2"}}`).want(200, `"version":"v2"`, `"rule":"qa"`, `"propensity":null`)
	explain(`{"session":"s2","attributes":{"tier":"gold"}}`).want(200, `"rule":"vip"`, `"randomized":false`)
	explain(`{"session":"s2","attributes":{"teir":"gold"}}`).want(400, "not declared")
	explain(`{"session":"`+strings.Repeat("s", 513)+`"}`).want(400, "at most 512")
	explain(`{"bound":["conversation:1"]}`).want(200, `"reason":"unknown_id"`)

	// Headers say what a request to the application would say by them.
	explain(`{"headers":{"x-session-id":"s1"}}`).want(200, `"unit_id":"s1"`)
	explain(`{"session":"s1","headers":{"X-Session-Id":"s3"}}`).want(200, `"unit_id":"s1"`)
	explain(`{"session":"s2","headers":{"X-Tier":"gold"}}`).want(200, `"rule":"vip"`)
	explain(`{"session":"s2","attributes":{"tier":"tin"},"headers":{"X-Tier":"gold"}}`).want(200, `"rule":null`)
	explain(`{"headers":{"X-Session-Id":"`+strings.Repeat("s", 513)+`"}}`).want(200, `"unit_id":"`)
}

func TestRouteIsSticky(t *testing.T) {
	g := newRig(t, plain, nil)
	half := strings.Replace(fivePercent, "0.05", "0.5", 1)
	g.call("KEY", "PATCH", deployments, half).want(200)
	var first, second Decision
	g.call("key-of-app", "POST", "/v1/route", `{"session":"s1"}`).want(200, `"reason":"split"`, `"propensity":0.5`).into(&first)
	g.call("KEY", "PATCH", deployments, strings.Replace(half, "true", "false", 1)).want(200)
	g.call("key-of-app", "POST", "/v1/route", `{"session":"s1"}`).want(200, `"reason":"sticky"`).into(&second)
	if first.Version != second.Version || second.Epoch != first.Epoch || second.ServingEpoch != first.Epoch+1 {
		t.Errorf("%+v, then %+v", first, second)
	}
}

func TestOFREP(t *testing.T) {
	g := newRig(t, plain, nil)
	g.call("KEY", "PATCH", deployments, strings.Replace(fivePercent, "0.05", "0.5", 1)).want(200)
	const one, all = "/ofrep/v1/evaluate/flags/support-bot", "/ofrep/v1/evaluate/flags"
	body := `{"context":{"targetingKey":"s1","tier":"gold","elsewhere":[1]}}`
	g.call("", "POST", one, body, "X-API-Key: key-of-app").want(200, `"key":"support-bot"`, `"reason":"SPLIT"`, `"variant":"v`)
	g.call("key-of-app", "POST", one, `{"context":{}}`).want(400, `"TARGETING_KEY_MISSING"`)
	g.call("key-of-app", "POST", one, `{"context":{"targetingKey":7}}`).want(400, `"TARGETING_KEY_MISSING"`)
	g.call("key-of-app", "POST", one, `{`).want(400, `"PARSE_ERROR"`)
	g.call("key-of-app", "POST", one, `{"context":{"targetingKey":"`+strings.Repeat("s", 600)+`"}}`).want(400, `"INVALID_CONTEXT"`)
	g.call("key-of-app", "POST", all+"/other", body).want(404, `"FLAG_NOT_FOUND"`)

	tag := g.call("key-of-app", "POST", all, body).want(200, `"flags":[{"key":"support-bot"`).header.Get("ETag")
	again := g.call("key-of-app", "POST", all, body, "If-None-Match: "+tag).want(304)
	if again.body != "" || again.header.Get("ETag") != tag {
		t.Errorf("%s %q", again.header.Get("ETag"), again.body)
	}
	g.call("KEY", "POST", "/v1/applications/support-bot/rollback", "").want(200)
	g.call("key-of-app", "POST", all, strings.Replace(body, "s1", "s9", 1), "If-None-Match: "+tag).want(200, `"DISABLED"`, `"value":"v1"`)
}

func TestOutcomes(t *testing.T) {
	g := newRig(t, plain, nil)
	g.call("key-of-app", "POST", "/v1/route", `{"session":"s1"}`).want(200)
	report := func(status int, body string) (r Report) {
		t.Helper()
		g.call("key-of-app", "POST", "/v1/outcomes", body).want(status).into(&r)
		return r
	}
	check := func(got Report, want Report) {
		t.Helper()
		got.Rejected, want.Rejected = nil, nil
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	resolved := `{"session_id":"s1","name":"resolved","value":true}`
	check(report(200, resolved), Report{Accepted: 1})
	check(report(200, resolved), Report{Doubled: 1})
	check(report(200, `[`+strings.Replace(resolved, "true", "0", 1)+`]`), Report{Accepted: 1, Corrected: 1})
	check(report(200, `{"outcomes":[{"session_id":"s2","name":"resolved","value":1,"outcome_id":"o1"},{"trace_id":"t1","name":"stars","value":4.5}]}`), Report{Accepted: 2, Unknown: 1})
	g.now.Store(int64(26 * time.Hour)) // resolved waits for 24 h, and an hour
	check(report(200, `{"session_id":"s1","name":"resolved","value":1,"comment":"at last"}`), Report{Accepted: 1, Corrected: 1, Late: 1})
	if n := len(g.outcomes); n != 5 {
		t.Fatalf("%d outcomes", n)
	}
	if o := g.outcomes[0]; o.Value != 1 || o.App != "support-bot" || o.SessionID != "s1" || o.ReceivedAt != start || o.OccurredAt != start {
		t.Errorf("%+v", o)
	}
}

// What is said last counts, also where it was said before.
func TestOutcomesThereAndBack(t *testing.T) {
	g := newRig(t, plain, nil)
	report := func(status int, value, counts string) {
		t.Helper()
		g.call("key-of-app", "POST", "/v1/outcomes", `{"session_id":"d1","name":"resolved","value":`+value+`}`).want(status, counts)
	}
	said := func(want ...float64) {
		t.Helper()
		var got []float64
		ids := map[string]bool{}
		for i, o := range g.outcomes {
			got, ids[o.OutcomeID] = append(got, o.Value), true
			if i > 0 && o.OccurredAt.Sub(g.outcomes[i-1].OccurredAt) < time.Microsecond {
				t.Errorf("outcome %d occurred at %v, the one before it at %v", i, o.OccurredAt, g.outcomes[i-1].OccurredAt)
			}
		}
		if !slices.Equal(got, want) || len(ids) != len(want) {
			t.Errorf("%v under %d ids, want %v", got, len(ids), want)
		}
	}
	report(200, "true", `"accepted":1`)
	report(200, "false", `"corrected":1`)
	report(200, "false", `"doubled":1`)
	report(200, "true", `"corrected":1`)
	report(200, "true", `"doubled":1`)
	said(1, 0, 1)

	g.full = errors.New("no space left on device")
	report(503, "false", "again later")
	report(503, "false", "again later")
	g.full = nil
	report(200, "true", `"doubled":1`)
	report(200, "false", `"corrected":1`)
	said(1, 0, 1, 0)

	of := func(value, more string) string {
		return `{"session_id":"d1","name":"resolved","value":` + value + more + `}`
	}
	g.call("key-of-app", "POST", "/v1/outcomes", `[`+of("1", "")+`,`+of("0", "")+`,`+of("0", "")+`,`+of("1", "")+`]`).want(200, `"accepted":3`, `"doubled":1`)
	said(1, 0, 1, 0, 1, 0, 1)

	// What has an id or a time of its own is known by that.
	for _, own := range []string{`,"outcome_id":"o"`, `,"occurred_at":"2026-11-25T08:00:00Z"`} {
		g.call("key-of-app", "POST", "/v1/outcomes", `[`+of("1", own)+`,`+of("0", "")+`,`+of("1", own)+`]`).want(200, `"accepted":2`, `"doubled":1`)
	}
}

func TestOutcomeThatCannotBeKeptMayComeAgain(t *testing.T) {
	g := newRig(t, plain, nil)
	const body = `{"session_id":"s","name":"resolved","value":1}`
	g.full = errors.New("no space left on device")
	g.call("key-of-app", "POST", "/v1/outcomes", body).want(503, "report it again later")
	g.full = nil
	g.call("key-of-app", "POST", "/v1/outcomes", body).want(200, `"accepted":1`)
}

// What is not UTF-8 is refused: decoding would make one id out of many.
func TestBodiesAreUTF8(t *testing.T) {
	g := newRig(t, plain, nil)
	const id = "caf\xe9"
	for path, body := range map[string]string{
		"/v1/outcomes":                         `{"session_id":"` + id + `","name":"resolved","value":1}`,
		"/v1/route":                            `{"session":"` + id + `"}`,
		"/ofrep/v1/evaluate/flags/support-bot": `{"context":{"targetingKey":"` + id + `"}}`,
	} {
		g.call("key-of-app", "POST", path, body).want(400)
	}
	if len(g.outcomes) != 0 {
		t.Errorf("%d outcomes", len(g.outcomes))
	}
	g.call("key-of-app", "POST", "/v1/outcomes", `{"session_id":"caf%E9","name":"resolved","value":1}`).want(200)
}

func TestOutcomesRejected(t *testing.T) {
	g := newRig(t, plain, nil)
	for body, want := range map[string]string{
		`{"name":"resolved","value":1}`:                                                       "0 subjects",
		`{"session_id":"s","user_id":"u","name":"resolved","value":1}`:                        "2 subjects",
		`{"session_id":"s","value":1}`:                                                        "name is missing",
		`{"session_id":"s","name":"resolved"}`:                                                "value is no number",
		`{"session_id":"s","name":"resolved","value":"yes"}`:                                  "value is no number",
		`{"session_id":"s","name":"resolved","value":2}`:                                      "value is 2: resolved is 1 or 0",
		`{"session_id":"s","name":"resolved","value":1e999}`:                                  "value is no number",
		`{"session_id":"s","name":"resolved","value":1,"ocurred_at":"x"}`:                     "ocurred_at",
		`{"session_id":"s","name":"resolved","value":1,"occurred_at":"2026-11-25T08:00:00"}`:  "occurred_at is no time: write it with its zone",
		`{"session_id":"s","name":"resolved","value":1,"occurred_at":1795692739}`:             "occurred_at is no time: write it with its zone",
		`{"session_id":"s","name":"resolved","value":1,"occurred_at":"0001-01-01T00:00:00Z"}`: "no time of this age",
		`{"session_id":"s","name":"resolved","value":1,"occurred_at":"2036-01-01T00:00:00Z"}`: "later than now",
		`{"session_id":"s","name":"resolved","value":1,"app":"other"}`:                        "no app",
		`7`: "expected",
	} {
		g.call("key-of-app", "POST", "/v1/outcomes", body).want(400, `"index":0`, want)
	}
	g.call("key-of-app", "POST", "/v1/outcomes", `[`).want(400, "not JSON")
	g.call("key-of-app", "POST", "/v1/outcomes", `[`+strings.Repeat("{},", maxOutcomes)+`{}]`).want(413, "at most 10000")
	if len(g.outcomes) != 0 {
		t.Errorf("%d outcomes", len(g.outcomes))
	}
	g.call("key-of-app", "POST", "/v1/outcomes", `[{"session_id":"s","name":"resolved","value":1},{}]`).want(200, `"accepted":1`, `"index":1`)
}

func TestEveryRouteIsDescribed(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(openAPIDocument())
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	var served, described []string
	for _, r := range (&api{}).routes() {
		served = append(served, r.method+" "+r.path)
		if operation := document.Paths.Value(r.path); operation == nil || operation.GetOperation(r.method) == nil {
			continue
		} else if op := operation.GetOperation(r.method); (op.Security != nil) != (r.scopes == nil) {
			t.Errorf("%s %s: its need of a token is described wrongly", r.method, r.path)
		} else if summary := op.Summary; r.scopes != nil && r.path != "/v1/traces" && !strings.Contains(summary, "Scope "+listOf(r.scopes)) {
			t.Errorf("%s %s: its scope is not in %q", r.method, r.path, summary)
		}
	}
	for path, item := range document.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	slices.Sort(served)
	slices.Sort(described)
	if !slices.Equal(served, described) {
		t.Errorf("served\n%s\ndescribed\n%s", strings.Join(served, "\n"), strings.Join(described, "\n"))
	}
	g := newRig(t, plain, nil)
	g.call("key-of-anna", "GET", "/openapi.json", "").want(200, `"openapi":"3.0.3"`)
}

func TestHealthAndReadiness(t *testing.T) {
	g := newRig(t, plain, nil)
	g.call("", "GET", "/healthz", "").want(200)
	g.call("", "GET", "/readyz", "").want(200)
	g.notReady = errDown
	g.call("", "GET", "/readyz", "").want(503, errDown.Error())
	g.call("", "GET", "/healthz", "").want(200)
}

func TestHandedIn(t *testing.T) {
	say := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, "%q", text)
		})
	}
	g := newRig(t, plain, func(c *Config) { c.Ingest, c.Pages = say("kept"), say("a page") })
	g.call("key-of-app", "POST", "/v1/traces", "{}").want(200, "kept")
	g.call("key-of-ci", "POST", "/v1/traces", "{}").want(403, "ingest")
	if status := g.call("", "GET", "/v1/nothing", "").status; status != 404 {
		t.Errorf("status %d", status)
	}
	g = newRig(t, plain, nil)
	g.call("key-of-app", "POST", "/v1/traces", "{}").want(404)
}
