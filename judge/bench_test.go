package judge

import (
	"testing"
	"time"
)

// BenchmarkCall measures what a call costs beside the model's own time, with 64
// under way: from the dialogue to the row. The figure is own-ms/call.
func BenchmarkCall(b *testing.B) {
	const latency, concurrency = 200 * time.Millisecond, 64
	l := hours(1, max(b.N/2, 1), [2]float64{.5, .5})
	c, m := setup(l, nil)
	m.answer = func(n int, r Request) (Reply, error) {
		time.Sleep(latency)
		return honest(n, r)
	}
	rubric := *small
	rubric.Canaries = nil // they come before the calls that are measured
	c.Rubric = &rubric
	c.Concurrency, c.Clock = concurrency, SystemClock{}
	r, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	s, err := r.Run(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	own := b.Elapsed()*concurrency/time.Duration(s.Spent.Calls) - latency
	b.ReportMetric(float64(own)/1e6, "own-ms/call")
}
