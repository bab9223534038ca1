package traffic_test

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"weir/internal/sim/standin"
	"weir/internal/sim/standin/dify"
	"weir/internal/sim/standin/openai"
	"weir/internal/sim/standin/plain"
	"weir/internal/sim/traffic"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// A ledger takes outcomes as the control plane does, and can be away.
type ledger struct {
	mu       sync.Mutex
	away     int
	outcomes map[string]float64 // by name and session
	early    int                // before they occurred
	clock    *traffic.Clock
}

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Outcomes []struct {
			Session  string `json:"session_id"`
			Name     string
			Value    float64
			Occurred time.Time `json:"occurred_at"`
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away--; l.away >= 0 || r.Header.Get("Authorization") != "Bearer k" || json.NewDecoder(r.Body).Decode(&body) != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	for _, o := range body.Outcomes {
		l.outcomes[o.Name+" "+o.Session] = o.Value
		if o.Occurred.After(l.clock.Now()) {
			l.early++
		}
	}
}

// Users of every protocol find out what is true, and report it when it is due.
func TestRun(t *testing.T) {
	b := standin.Behaviour{Seed: 3, Resolved: 0.6, Handoff: 0.1, Quality: 0.6}
	for name, c := range map[string]struct {
		handler  http.Handler
		protocol traffic.Protocol
	}{
		"plain":    {plain.New(b), traffic.Plain{}},
		"openai":   {openai.New(openai.Options{Behaviour: b}), traffic.OpenAI{}},
		"dify":     {dify.New(dify.App{Key: "app-1", Behaviour: b}), traffic.Dify{Key: "app-1"}},
		"chatflow": {dify.New(dify.App{Key: "app-1", Mode: dify.Chatflow, Behaviour: b}), traffic.Dify{Key: "app-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := traffic.NewClock(start, 100_000)
			taken := &ledger{clock: clock, outcomes: map[string]float64{}, away: 1}
			app, control := httptest.NewServer(c.handler), httptest.NewServer(taken)
			defer app.Close()
			defer control.Close()
			const n = 400
			got, err := traffic.Run(context.Background(), traffic.Options{
				Target: app.URL, Control: control.URL, Token: "k", Protocol: c.protocol, Clock: clock, Seed: 1, Sessions: n, Span: 12 * time.Hour,
				Streaming: 0.5, Rated: 0.3, Chinese: 0.2, Think: time.Second,
			})
			if err != nil || got.Errors() != 0 || got.Moved != 0 || got.Versions[""] == nil || got.Versions[""].Sessions != n {
				t.Fatalf("%+v, %v", got, err)
			}
			arm, counts := got.Versions[""], map[string]int{}
			for name := range taken.outcomes {
				counts[name[:7]]++
			}
			if math.Abs(float64(arm.Resolved)/n-0.6) > 0.1 || counts["resolve"] != arm.Resolved || counts["handoff"] != arm.Handoff || taken.early > 0 {
				t.Errorf("%+v, reported %v, %d of them early", arm, counts, taken.early)
			}
			rated := counts["satisfa"] + got.Ratings
			if rated < n/5 || rated > 2*n/5 || got.Unrated > 0 {
				t.Errorf("%d of %d dialogues are rated, %d in vain", rated, n, got.Unrated)
			}
			if mean := float64(arm.Requests) / n; math.Abs(mean-3) > 0.6 {
				t.Errorf("%.2f requests a dialogue, want about 3", mean)
			}
		})
	}
}

// What goes wrong is counted, and does not end the run.
func TestErrors(t *testing.T) {
	app := httptest.NewServer(openai.New(openai.Options{Behaviour: standin.Behaviour{Faults: map[standin.Fault]float64{
		standin.ServerError: 0.2, standin.Half: 0.2, standin.InStream: 0.2, standin.Garbage: 0.2,
	}}}))
	defer app.Close()
	failed := 0
	var mu sync.Mutex
	got, err := traffic.Run(context.Background(), traffic.Options{
		Target: app.URL, Protocol: traffic.OpenAI{}, Clock: traffic.NewClock(start, 1e6), Seed: 1, Sessions: 200, Streaming: 1, Turns: 1,
		Answered: func(turn traffic.Turn) {
			mu.Lock()
			defer mu.Unlock()
			if turn.Err != nil {
				failed++
			}
		},
	})
	if err != nil || got.Requests() != 200 || got.Errors() != failed || math.Abs(float64(failed)/200-0.8) > 0.15 {
		t.Errorf("%d of %d failed, told %d, %v", got.Errors(), got.Requests(), failed, err)
	}
}

// A run ends when it is told to.
func TestCancelled(t *testing.T) {
	app := httptest.NewServer(plain.New(standin.Behaviour{}))
	defer app.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	got, err := traffic.Run(ctx, traffic.Options{Target: app.URL, Protocol: traffic.Plain{}, Clock: traffic.NewClock(start, 1), Sessions: 1000, Span: time.Hour})
	if err == nil || got.Requests() > 1 {
		t.Errorf("%+v, %v", got, err)
	}
}
