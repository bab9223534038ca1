package control

import (
	"strings"
	"testing"
	"time"
)

const course = `{"release":"r1","steps":[{"share":0.05,"state":"current","hold_hours":24,"held_hours":3,"units":20,"mature":7,"proof":false}],
"waiting":{"for":"hold","reason":"5% holds.","until":"2026-11-26T09:00:00Z"},"next_look":"2026-11-25T09:10:00Z",
"last_look":{"at":"2026-11-25T09:00:00Z","verdict":"promote","reasons":["Resolution is better."],"inconclusive":false,"needs_units":null,"needs_days":null,
"health_ok":true,"control":95,"treatment":5,"record":null},"failure":null,"warnings":[]}`

func take(holder string, seconds, course string) string {
	return `{"holder":"` + holder + `","seconds":` + seconds + `,"course":` + course + `}`
}

// Without an autopilot the ramp is there, and who could steer is said.
func TestNobodyAtTheHelm(t *testing.T) {
	g := newRig(t, plain, nil)
	a := g.call("key-of-anna", "GET", "/v1/applications/support-bot/autopilot", "").want(200, `"steered":false`, `"mode":"auto"`, `"state":"ahead"`, "weir autopilot")
	if a.header.Get("ETag") != `"1"` {
		t.Errorf("ETag %s", a.header.Get("ETag"))
	}
}

// One has the helm, another waits until it is free; who has it not cannot act, and
// who acts names the change that he has seen.
func TestHelm(t *testing.T) {
	g := newRig(t, plain, func(c *Config) { c.Verdict = nil })
	const at, act, verdict = "/v1/applications/support-bot/autopilot", "/v1/applications/support-bot/autopilot/act", "/v1/applications/support-bot/verdict"
	step := func(holder string) string {
		return `{"holder":"` + holder + `","kind":"step","share":0.05,"reason":"The first step."}`
	}
	g.call("key-of-anna", "POST", at, take("a", "60", "null")).want(403)
	g.call("key-of-ci", "POST", act, step("a"), `If-Match: "1"`).want(409, "take it first")
	g.call("key-of-anna", "GET", verdict, "").want(200, `"hold"`, "nothing analyses here")
	g.call("key-of-ci", "POST", at, take("a", "60", "null")).want(200, `"steered":true`, `"holder":"a"`, `"waiting":null`)
	g.call("key-of-ci", "POST", at, take("a", "60", course)).want(200, `"for":"hold"`)
	g.call("key-of-anna", "GET", verdict, "").want(200, `"promote"`, "Resolution is better.")
	g.call("key-of-ci", "POST", at, take("b", "60", course)).want(409, `"held"`, "autopilot a steers this release until 2026-11-25T09:01:00Z")
	g.call("key-of-ci", "POST", act, step("b"), `If-Match: "1"`).want(409, `"held"`)
	g.call("key-of-ci", "POST", act, step("a")).want(428, "send If-Match")
	g.call("key-of-ci", "POST", act, step("a"), "If-Match: *").want(428)
	g.call("key-of-ci", "POST", act, `{"holder":"a","kind":"pause"}`, `If-Match: "1"`).want(400, "no action")
	record := `,"record":{"path":"decisions/x.jsonl","sha256":"ab","verdict":"hold"}}`
	g.call("key-of-ci", "POST", act, strings.TrimSuffix(step("a"), "}")+record, `If-Match: "1"`).want(200, `"share":0.05`, `"actor":"autopilot/ci"`)
	g.call("key-of-anna", "GET", at, "").want(200, `"mature":7`)
	g.call("key-of-ci", "POST", act, step("a"), `If-Match: "1"`).want(412)
	g.call("key-of-anna", "GET", "/v1/applications/support-bot/history", "").want(200, `"path":"decisions/x.jsonl"`)
	g.now.Store(int64(time.Minute))
	g.call("key-of-anna", "GET", at, "").want(200, `"steered":false`, `"for":"person"`, `"next_look":null`)
	g.call("key-of-ci", "POST", at, take("b", "60", "null")).want(200, `"holder":"b"`, `"last_look":null`)
	g.call("key-of-ci", "POST", act, step("a"), `If-Match: "2"`).want(409, `"held"`)
	for _, seconds := range []string{"0", "-1", "1e9"} {
		g.call("key-of-ci", "POST", at, take("b", seconds, "null")).want(400, "seconds")
	}
	g.call("key-of-ci", "POST", at, take("", "60", "null")).want(400, "holder")
}

// A look that calls the comparison invalid is counted once, and the ramp's end is
// the autopilot's.
func TestAutopilotActions(t *testing.T) {
	g := newRig(t, plain, nil)
	const at, act = "/v1/applications/support-bot/autopilot", "/v1/applications/support-bot/autopilot/act"
	g.call("key-of-ci", "POST", at, take("a", "60", "null")).want(200)
	suspect := `{"holder":"a","kind":"suspect","reason":"SRM","look_at":"2026-11-25T09:00:00Z"}`
	g.call("key-of-ci", "POST", act, `{"holder":"a","kind":"step","share":0.6}`, `If-Match: "1"`).want(409, "above the ramp")
	g.call("key-of-ci", "POST", act, suspect, `If-Match: "1"`).want(200, `"invalid_looks":1`, `"invalid_at":"2026-11-25T09:00:00Z"`)
	g.call("key-of-ci", "POST", act, suspect, `If-Match: "2"`).want(200, `"invalid_looks":1`, `"seq":2`)
	g.call("key-of-ci", "POST", act, `{"holder":"a","kind":"trust"}`, `If-Match: "2"`).want(200, `"invalid_looks":0`, `"invalid_at":"2026-11-25T09:00:00Z"`)
	g.call("key-of-ci", "POST", act, `{"holder":"a","kind":"halt"}`, `If-Match: "3"`).want(200, `"state":"halted"`)
}

// A drill is begun, rolled back and ended under one mark, and leaves a trail.
func TestDrillPhases(t *testing.T) {
	g := newRig(t, plain, nil)
	const at = "/v1/applications/support-bot/drill"
	phase := func(name, mark string) string { return `{"phase":"` + name + `","mark":"` + mark + `"}` }
	g.call("key-of-ci", "POST", at, phase("rollback", "mark-one")).want(409, "no drill")
	g.call("key-of-ci", "POST", at, phase("begin", "short")).want(400, "8 to 64")
	g.call("key-of-ci", "POST", at, phase("often", "mark-one")).want(400, "none of begin")
	g.call("key-of-ci", "POST", at, phase("begin", "mark-one")).want(200, `"kind":"drill"`, `"epoch":1`)
	g.call("key-of-ci", "POST", at, phase("begin", "mark-two")).want(409, "another drill")
	g.call("key-of-ci", "POST", at, phase("rollback", "mark-one")).want(200, `"state":"running"`)
	g.now.Store(int64(drillLasts - time.Second))
	g.call("key-of-ci", "POST", at, phase("begin", "mark-two")).want(409, "another drill", "2026-11-25T09:10:00Z")
	g.now.Store(int64(drillLasts)) // whoever began it was killed
	g.call("key-of-ci", "POST", at, phase("begin", "mark-two")).want(200)
	g.call("key-of-ci", "POST", at, phase("end", "mark-one")).want(409, "no drill")
	g.call("key-of-ci", "POST", at, phase("end", "mark-two")).want(200)
	g.call("key-of-ci", "POST", at, phase("begin", "mark-one")).want(200)
	g.call("key-of-ci", "POST", at, phase("end", "mark-one")).want(200)
	g.call("key-of-anna", "GET", "/v1/applications/support-bot/history", "").want(200, "drill: begin", "drill: rollback", "drill: end")
}
