package live

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/webhook"
)

// verdicts says what a test has it say.
type verdicts struct {
	atomic.Pointer[control.Verdict]
}

func (v *verdicts) Verdict(context.Context) control.Verdict { return *v.Load() }

// A ratio that is not known is neither right nor wrong, and what is said of another release
// says nothing.
func TestLookOf(t *testing.T) {
	at := time.Now()
	off, right := &control.SRM{PValue: 1e-9}, &control.SRM{OK: true, PValue: .3}
	for name, c := range map[string]struct {
		of   string
		srm  *control.SRM
		want string
	}{
		"nothing was drawn":       {"r1", nil, "invalid unknown"},
		"it is off":               {"r1", off, "invalid off"},
		"it is right":             {"r1", right, "invalid right"},
		"of the release before":   {"r0", off, "hold unknown"},
		"of an earlier program's": {"", right, "invalid right"},
	} {
		l := lookOf("r1", control.Verdict{Verdict: "invalid", At: &at, Of: c.of, SRM: c.srm})
		got := l.Verdict + " unknown"
		if l.SRM != nil {
			got = l.Verdict + map[bool]string{true: " right", false: " off"}[l.SRM.OK]
		}
		if got != c.want || c.of == "r0" && !l.At.IsZero() {
			t.Errorf("%s: %s at %v, want %s", name, got, l.At, c.want)
		}
	}
}

// What happens is told over HTTP: steps, the breaker, the verdict and the sample
// ratio; what happened just before the end is told after the next start; a reload
// tells others.
func TestWebhooks(t *testing.T) {
	p := newPlace(t)
	events, seen := make(chan webhook.Event, 100), sync.Map{}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		var e webhook.Event
		if err := json.Unmarshal(raw, &e); err != nil || r.Header.Get(webhook.HeaderID) != e.ID || !strings.HasPrefix(r.Header.Get(webhook.HeaderSignature), "v1,") {
			if r.URL.Path == "/" {
				t.Errorf("it was sent %s, %v, %v", raw, r.Header, err)
			}
		}
		if _, again := seen.LoadOrStore(e.ID, true); !again { // at least once
			events <- e
		}
	}))
	defer receiver.Close()
	next := func(kind, says string) {
		t.Helper()
		select {
		case e := <-events:
			if e.Type != kind || !strings.Contains(e.Text, says) {
				t.Fatalf("it was told %s: %s, want %s: %s", e.Type, e.Text, kind, says)
			}
		case <-time.After(time.Minute):
			t.Fatalf("it was not told %s: %s", kind, says)
		}
	}
	p.spec(fmt.Sprintf(`webhooks: [{url: %q, secret: hunter2}]`, receiver.URL))
	v := &verdicts{}
	v.Store(&control.Verdict{Verdict: "hold"})
	asked := func(o *Options) { o.Verdict = v }
	f := p.start(asked)
	next("step", "the release begins")
	f.share("0.05")
	next("step", "v2 gets 5 % of new units, before 0 %")
	at := time.Now()
	v.Store(&control.Verdict{Verdict: "invalid", Reasons: []string{"ratio"}, At: &at, Of: "r1", SRM: &control.SRM{PValue: 1e-4}})
	next("verdict", "the verdict is invalid, before hold: ratio")
	next("srm", "not what was drawn")
	if _, hooks := f.call("GET", "/v1/applications/bot/webhooks", ""); strings.Contains(hooks, "hunter2") || !strings.Contains(hooks, `"name":"1 127.0.0.1:`) {
		t.Errorf("it stands at %s", hooks)
	}
	if _, m := f.call("GET", "/metrics", ""); !strings.Contains(m, `weir_webhook_delivered_total{webhook="1 127.0.0.1:`) {
		t.Error("there are no metrics of the webhook")
	}
	f.stop()
	f = p.start(asked)
	f.call("POST", "/v1/applications/bot/rollback", "")
	f.stop()
	f = p.start(asked)
	next("step", "rolled back")

	p.spec(fmt.Sprintf(`webhooks: [{url: "%s/other", on: [step]}]`, receiver.URL))
	f.call("POST", "/v1/applications/bot/reload", "")
	if _, hooks := f.call("GET", "/v1/applications/bot/webhooks", ""); !strings.Contains(hooks, `"on":["step"],"state":"idle"`) {
		t.Errorf("it stands at %s", hooks)
	}
	p.spec(`webhooks: [{url: "${NOT_SET_ANYWHERE}"}]`)
	if status, body := f.call("POST", "/v1/applications/bot/reload", ""); status != 422 || !strings.Contains(body, "NOT_SET_ANYWHERE") {
		t.Errorf("it answers %d, %s", status, body)
	}
	f.stop()
	if len(events) != 0 {
		t.Errorf("it was told too much: %+v", <-events)
	}
}

// Of an autopilot beside the process the sample ratio is told too, and what it showed of
// the release before says nothing of the one in force.
func TestHooksKnowWhatARemoteAutopilotShows(t *testing.T) {
	helm := &control.Helm{}
	at := time.Now()
	show := func(release string) {
		if err := helm.Take("beside", at, at.Add(time.Minute), &control.Course{Release: release, LastLook: &control.Look{
			At: at, Release: release, Verdict: "invalid", SRM: &control.SRM{PValue: 1e-6},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	show("r1")
	if l := lookOf("r1", helm.Verdict(t.Context())); l.SRM == nil || l.SRM.OK || *l.SRM.PValue != 1e-6 || l.Verdict != "invalid" {
		t.Errorf("%+v", l)
	}
	if l := lookOf("r2", helm.Verdict(t.Context())); l.SRM != nil || l.Verdict != "hold" || !l.At.IsZero() {
		t.Errorf("of the release after: %+v", l)
	}
}
