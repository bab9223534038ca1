package openai

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// BenchmarkComplete measures what a call over HTTP costs beside the service's own
// time, with 64 under way, the server's side of it included.
func BenchmarkComplete(b *testing.B) {
	const latency, concurrency = 200 * time.Millisecond, 64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		time.Sleep(latency)
		io.WriteString(w, completion)
	}))
	defer s.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: concurrency}
	defer transport.CloseIdleConnections()
	m, err := New(Options{Endpoint: s.URL + "/v1", Model: "m", Transport: transport})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	var wait sync.WaitGroup
	for range concurrency {
		wait.Go(func() {
			for range b.N / concurrency {
				if _, err := m.Complete(b.Context(), request); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	if rounds := b.N / concurrency; rounds > 0 {
		b.ReportMetric(float64(b.Elapsed()/time.Duration(rounds)-latency)/1e6, "own-ms/call")
	}
}
