package rolling

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

// near tells whether two numbers differ by no more than a share of the second.
func near(got *float64, want, share float64) bool {
	return got != nil && math.Abs(*got-want) <= share*math.Abs(want)
}

func TestNothingIsNotZero(t *testing.T) {
	f := New(start)
	v := f.At(start.Add(time.Minute), []string{"v1"})
	if v.Seen || v.Versions[0].Rate != nil || v.Versions[0].ErrorShare != nil || v.Versions[0].LatencyP95MS != nil || v.Versions[0].TokensPerSession != nil {
		t.Errorf("%+v", v)
	}
	for _, p := range v.Series["v1"].Rate {
		if p != nil {
			t.Fatal("a series of what nobody saw has a point")
		}
	}
	if v := f.At(start.Add(Window), []string{"v1"}).Versions[0]; v.Rate == nil || *v.Rate != 0 {
		t.Error("five minutes without a request are a rate of 0")
	}
}

func TestFiguresAgreeWithSortedValues(t *testing.T) {
	f, random := New(start), rand.New(rand.NewPCG(1, 2))
	var latencies, tokens []float64
	sessions := map[string]bool{}
	errors := 0
	for i := range 20_000 {
		at := start.Add(time.Duration(i) * 15 * time.Millisecond) // five minutes
		ms, n, session := math.Exp(6+random.NormFloat64()), 100+random.Int64N(900), fmt.Sprint(random.IntN(200))
		failed := random.IntN(50) == 0
		f.Began("v1", at)
		f.Ended("v1", Request{Failed: failed, Latency: time.Duration(ms * 1e6), Tokens: n, Session: session}, at)
		latencies, tokens = append(latencies, ms), append(tokens, float64(n))
		sessions[session] = true
		if failed {
			errors++
		}
	}
	slices.Sort(latencies)
	v := f.At(start.Add(Window-time.Millisecond), []string{"v1"}).Versions[0]
	total := 0.0
	for _, n := range tokens {
		total += n
	}
	switch {
	case v.Requests != 20_000 || v.Ended != 20_000 || v.Errors != int64(errors):
		t.Errorf("counts: %+v", v)
	case !near(v.LatencyP95MS, latencies[18_999], .012):
		t.Errorf("p95 %v, sorted %v", *v.LatencyP95MS, latencies[18_999])
	case !near(v.TokensPerSession, total/float64(len(sessions)), 1e-12):
		t.Errorf("tokens %v, want %v", *v.TokensPerSession, total/float64(len(sessions)))
	case !near(v.Rate, 20_000/300., 1e-3) || v.FirstTokenP95MS != nil:
		t.Errorf("%+v", v)
	}
}

func TestOldRequestsGo(t *testing.T) {
	f := New(start)
	f.Began("v1", start)
	f.Ended("v1", Request{Latency: time.Second}, start.Add(time.Second))
	if v := f.At(start.Add(Window-Slot), []string{"v1"}).Versions[0]; v.Ended != 1 {
		t.Errorf("%+v", v)
	}
	if v := f.At(start.Add(Window+Slot), []string{"v1"}).Versions[0]; v.Ended != 0 || v.LatencyP95MS != nil || *v.Rate != 0 {
		t.Errorf("%+v", v)
	}
	// The ring has gone round: a slot is not taken for the one it took the place of.
	if v := f.At(start.Add(time.Duration(slots)*Slot), []string{"v1"}).Versions[0]; v.Ended != 0 {
		t.Errorf("%+v", v)
	}
	f.Began("v1", start.Add(time.Duration(slots)*Slot))
	f.Ended("v1", Request{}, start) // so late that its slot is gone
	if v := f.At(start.Add(time.Duration(slots)*Slot), []string{"v1"}).Versions[0]; v.Ended != 0 || v.Requests != 1 {
		t.Errorf("%+v", v)
	}
}

// TestSampledTokens: with more conversations than are remembered, the mean is
// that of a sample, and memory is bounded.
func TestSampledTokens(t *testing.T) {
	f, random := New(start), rand.New(rand.NewPCG(3, 4))
	const sessions = 200_000
	total := int64(0)
	for i := range sessions {
		n := 500 + random.Int64N(1000)
		total += n
		f.Ended("v1", Request{Tokens: n, Session: fmt.Sprint(i)}, start.Add(time.Duration(i)*time.Millisecond))
	}
	for _, s := range f.versions["v1"].last(numberOf(start.Add(Window)), slots) {
		if len(s.sessions.tokens) > remembered {
			t.Fatalf("a slot remembers %d conversations", len(s.sessions.tokens))
		}
	}
	v := f.At(start.Add(sessions*time.Millisecond), []string{"v1"}).Versions[0]
	// The standard deviation of a conversation is 289 of 1,000, and some 5,000 are drawn: 5 % are many standard errors.
	if want := float64(total) / sessions; !near(v.TokensPerSession, want, .05) {
		t.Errorf("%v, want %v", *v.TokensPerSession, want)
	}
}

func TestSeries(t *testing.T) {
	f := New(start)
	for i := range 600 { // one a second for ten minutes
		at := start.Add(time.Duration(i) * time.Second)
		f.Began("v1", at)
		f.Ended("v1", Request{Failed: i >= 300, Latency: 100 * time.Millisecond}, at)
	}
	now := start.Add(10 * time.Minute)
	s := f.At(now, []string{"v1", "v2"})
	one := s.Series["v1"]
	n := len(one.Rate)
	switch {
	case n != 90 || !s.SeriesEnd.Equal(now):
		t.Errorf("%d points until %v", n, s.SeriesEnd)
	case one.Rate[0] != nil || one.Rate[n-60] != nil:
		t.Error("points before counting began")
	case !near(one.Rate[n-1], 1, 1e-9) || *one.ErrorShare[n-1] != 1 || *one.ErrorShare[n-40] != 0 || !near(one.LatencyP95MS[n-1], 100, .012):
		t.Errorf("%v %v %v", *one.Rate[n-1], *one.ErrorShare[n-1], *one.LatencyP95MS[n-1])
	case *s.Series["v2"].Rate[n-1] != 0 || s.Series["v2"].LatencyP95MS[n-1] != nil:
		t.Error("a version without traffic has a rate of 0 and no latency")
	}
}

func TestVersionsAreBounded(t *testing.T) {
	f := New(start)
	for i := range 100 {
		f.Began(fmt.Sprint(i), start)
	}
	if len(f.versions) > maxVersions {
		t.Errorf("%d versions", len(f.versions))
	}
}

func BenchmarkEnded(b *testing.B) {
	f, at := New(start), start
	for b.Loop() {
		at = at.Add(time.Millisecond)
		f.Ended("v1", Request{Latency: time.Second, FirstToken: time.Second, Tokens: 5, Session: "s"}, at)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	f := New(start)
	for i := range 100_000 {
		f.Ended("v1", Request{Latency: time.Second, Tokens: 5, Session: fmt.Sprint(i)}, start.Add(time.Duration(i)*3*time.Millisecond))
	}
	now := start.Add(Window)
	for b.Loop() {
		f.At(now, []string{"v1", "v2"})
	}
}
