package collector

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/collector/journal"
	"weir/trace"
)

// typical returns the end of a request with 2 KB of text.
func typical() *trace.Ended {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	return &trace.Ended{
		Exchange: trace.Exchange{
			TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", App: "bot", Release: "2026-11-rag", SessionID: "session-1234567", UserID: "user-4567", UnitID: "session-1234567", Turn: new(int64(3)),
			AssignedVersion: "v1", ServedVersion: "v1", Reason: trace.ReasonSplit, Randomized: new(true), Propensity: new(.8), Epoch: new(int64(2)), ServingEpoch: new(int64(2)), AssignedAt: at, PromiseHash: "sha256:0123456789abcdef",
			StartedAt: at, LatencyMS: new(812.5), TTFTMS: new(120.25), UpstreamMS: new(811.0), Status: new(int64(200)), Streamed: new(true), Truncated: new(false),
			Model: "gpt-4o-mini", InputTokens: new(int64(700)), OutputTokens: new(int64(120)), CachedTokens: new(int64(0)), CostUSD: new(1.5e-4), UsageSource: trace.UsageReported,
			Device: "mobile", Region: "DE", Language: "de",
		},
		Content: &trace.Content{TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", App: "bot", Input: strings.Repeat("Where is my order? ", 20), Output: strings.Repeat("It will be with you tomorrow. ", 45)},
	}
}

// processorTime returns what this process has used on all cores.
func processorTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRecord times one record of 2 KB on its way to the operating system, with a group commit
// every 50 ms.
func BenchmarkRecord(b *testing.B) {
	c := open(b, b.TempDir(), func(o *Options) { o.Fsync, o.SegmentBytes = 50*time.Millisecond, 64<<20 })
	r := trace.Record{Ended: typical()}
	b.SetBytes(int64(len(journal.Append(nil, &journal.Entry{Record: r}))))
	b.ReportAllocs()
	n, before := 0, processorTime()
	for b.Loop() {
		n++
		c.Record(r)
		if c.log.Size() > 512<<20 {
			c.log.Drop(c.log.Segments()...)
		}
	}
	b.ReportMetric((processorTime()-before).Seconds()*1e6/float64(n), "cpu-us/op")
	if h := c.Health(); h.Losses != nil || h.Texts != nil {
		b.Fatalf("%+v", h)
	}
}

// BenchmarkPublish times the way from the journal to the lake, in bytes of the journal a second of
// one core: starts and ends of requests of 2 KB, whose texts differ.
func BenchmarkPublish(b *testing.B) {
	var cpu time.Duration
	var bytes int64
	for b.Loop() {
		b.StopTimer()
		c := open(b, b.TempDir(), func(o *Options) { o.Fsync = time.Second })
		e := typical()
		words := strings.Fields("order parcel tomorrow delay refund invoice address courier track number thanks sorry please moment")
		for i := range 20_000 {
			id := randomID(16)
			e.Exchange.TraceID, e.Content.TraceID = id, id
			var text strings.Builder
			for j := range 250 {
				text.WriteString(words[(i*7+j*j+int(id[j%32]))%len(words)])
				text.WriteByte(' ')
			}
			e.Content.Output = text.String()
			c.Record(trace.Record{Begun: &e.Exchange})
			c.Record(trace.Record{Ended: e})
		}
		bytes += c.log.Size()
		b.StartTimer()
		before := processorTime()
		if err := c.Flush(); err != nil {
			b.Fatal(err)
		}
		cpu += processorTime() - before
		b.StopTimer()
		c.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(bytes)/1e6/cpu.Seconds(), "MB/cpu-s")
}
