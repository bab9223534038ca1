package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"weir/router"
	"weir/trace"
)

const (
	piece = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}\n\n"
	extra = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1000000,\"completion_tokens\":1000000}}\n\n"
	done  = "data: [DONE]\n\n"
)

// TestAsksForUsage asks where the client did not, and takes out again what
// came of it; and learns that a version refuses.
func TestAsksForUsage(t *testing.T) {
	var refuses atomic.Bool
	var asked atomic.Int32
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		b, _ := io.ReadAll(q.Body)
		asks := strings.Contains(string(b), "include_usage")
		if asks {
			asked.Add(1)
		}
		if asks && refuses.Load() {
			http.Error(w, `{"error":{"message":"unknown field stream_options"}}`, 400)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, piece)
		if asks {
			_, _ = io.WriteString(w, extra)
		}
		_, _ = io.WriteString(w, done)
	}), says(""), both("openai"), "prices: {m: {input: 0.15, output: 0.60}}")
	const body = `{"model":"m","stream":true,"messages":[]}`
	if _, got := r.post("/v1/chat/completions", body); got != piece+done {
		t.Errorf("got %q", got)
	}
	x := r.last(1).Exchange
	if value(x.InputTokens) != 1000000 || x.UsageSource != trace.UsageReported || value(x.CostUSD) != 0.75 {
		t.Errorf("recorded %+v", x)
	}
	asking := `{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]}`
	if _, got := r.post("/v1/chat/completions", asking); got != piece+extra+done {
		t.Errorf("the client asked, and got %q", got)
	}

	refuses.Store(true)
	asked.Store(0)
	for range 3 {
		if res, got := r.post("/v1/chat/completions", body); res.StatusCode != 200 || got != piece+done {
			t.Errorf("got %d %q", res.StatusCode, got)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
	if x := r.last(5).Exchange; x.InputTokens != nil || x.UsageSource != trace.UsageUnknown {
		t.Errorf("recorded %+v", x)
	}
}

// TestBound keeps a chain of responses with the version that began it, and
// takes its ids out where that is rolled back.
func TestBound(t *testing.T) {
	version := func(name string) http.Handler {
		var n atomic.Int32
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			b, _ := io.ReadAll(q.Body)
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"id":"resp_%s_%d","object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":%q}]}]}`, name, n.Add(1), string(b))
		})
	}
	r := newRig(t, version("v1"), version("v2"), both("openai"))
	r.share(1)
	r.post("/v1/responses", `{"input":"a"}`)
	r.share(0)
	r.post("/v1/responses", `{"input":"b","previous_response_id":"resp_v2_1"}`)
	x, y := r.last(1).Exchange, r.last(2).Exchange
	if y.ServedVersion != "v2" || y.Reason != trace.ReasonBinding || y.UnitID != x.UnitID || x.SessionID != "resp_v2_1" || y.SessionID != x.SessionID || value(y.Turn) != 2 {
		t.Errorf("recorded %+v\nthen %+v", x, y)
	}
	r.state(router.State{Epoch: 2, RolledBack: true})
	if _, got := r.post("/v1/responses", `{"input":"c","previous_response_id":"resp_v2_2"}`); !strings.Contains(got, "resp_v1_1") || strings.Contains(got, "resp_v2") {
		t.Errorf("got %s", got)
	}
	if _, got := r.post("/v1/responses", `{"input":"d","previous_response_id":"resp_v1_1"}`); !strings.Contains(got, "resp_v1_2") {
		t.Errorf("got %s", got)
	}
	if z := r.last(4).Exchange; z.UnitID != x.UnitID || z.AssignedVersion != "v2" || z.ServedVersion != "v1" {
		t.Errorf("recorded %+v", z)
	}
	if res, err := r.client.Get(r.url + "/v1/responses/resp_v2_1"); err != nil || res.Header.Get("X-Weir-Version") != "v2" {
		t.Errorf("a follow-up went to %v", res.Header)
	} else {
		_ = res.Body.Close()
	}
}
