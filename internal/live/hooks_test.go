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

// A ratio that is not known is neither right nor wrong, and the record of another release
// says nothing.
func TestLookOf(t *testing.T) {
	at := time.Now()
	for record, want := range map[string]string{
		`{"analysis": {"release": "r1", "health": {"srm": {"ok": false, "p_value": null}}}}`: "hold unknown",
		`{"analysis": {"release": "r1", "health": {"srm": {"ok": false, "p_value": 0.0}}}}`:  "hold off",
		`{"analysis": {"release": "r1", "health": {"srm": {"ok": true, "p_value": 0.3}}}}`:   "hold right",
		`{"analysis": {"release": "r1", "health": {}}}`:                                      "hold unknown",
		`{"analysis": {"release": "r0", "health": {"srm": {"ok": false, "p_value": 0.0}}}}`:  " unknown",
	} {
		l := lookOf("r1", control.Verdict{Verdict: "hold", At: &at, Record: json.RawMessage(record)})
		got := l.Verdict + " unknown"
		if l.SRM != nil {
			got = l.Verdict + map[bool]string{true: " right", false: " off"}[l.SRM.OK]
		}
		if got != want || l.Verdict == "" && !l.At.IsZero() {
			t.Errorf("%s is %s, want %s", record, got, want)
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
	f.share("0.05")
	next("step", "v2 gets 5 % of new units, before 0 %")
	at := time.Now()
	v.Store(&control.Verdict{Verdict: "invalid", Reasons: []string{"ratio"}, At: &at, Record: json.RawMessage(
		`{"analysis": {"release": "r1", "health": {"srm": {"ok": false, "p_value": 0.0001}}}}`)})
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
