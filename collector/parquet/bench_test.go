package parquet

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/trace"
)

// generated returns n exchanges such as the simulator makes: sessions of five requests, in the
// order of time, over so many days.
func generated(n, days int) []trace.Exchange {
	r := rand.New(rand.NewPCG(1, 2))
	rows := make([]trace.Exchange, n)
	start := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	step := time.Duration(days) * 24 * time.Hour / time.Duration(n)
	for i := range rows {
		session := i / 5
		version, share := "v1", 0.9
		if session%10 == 0 {
			version, share = "v2", 0.1
		}
		at := start.Add(time.Duration(i) * step)
		rows[i] = trace.Exchange{
			TraceID: fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()), App: "support-bot", Release: "2026-11-rag",
			SessionID: "s-" + strconv.Itoa(session), UserID: "u-" + strconv.Itoa(session/3), UnitID: "s-" + strconv.Itoa(session), Turn: new(int64(i%5 + 1)),
			AssignedVersion: version, ServedVersion: version, Reason: trace.ReasonSplit, Randomized: new(true),
			Propensity: &share, Epoch: new(int64(2)), ServingEpoch: new(int64(2)), AssignedAt: at, PromiseHash: "sha256:0123456789abcdef",
			StartedAt: at.Add(time.Duration(r.IntN(1e6)) * time.Microsecond), LatencyMS: new(r.ExpFloat64() * 800), TTFTMS: new(r.ExpFloat64() * 200), UpstreamMS: new(r.ExpFloat64() * 790),
			Status: new(int64(200)), Streamed: new(true), Truncated: new(false), Model: "gpt-4o-mini",
			InputTokens: new(int64(r.IntN(2000))), OutputTokens: new(int64(r.IntN(800))), CachedTokens: new(int64(0)),
			CostUSD: new(float64(r.IntN(2000)) * 1.5e-7), UsageSource: trace.UsageReported, Device: "mobile", Region: "DE", Language: "de",
			Attributes: map[string]string{"tier": "gold"},
		}
	}
	return rows
}

// processorTime returns what this process has used on all cores: unlike time on the wall it
// does not depend on what else the machine does.
func processorTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkWrite(b *testing.B) {
	for _, days := range []int{1, 30, 400} {
		b.Run(fmt.Sprintf("days=%d", days), func(b *testing.B) {
			const passes = 5
			rows := generated(120_000, days)
			lake := must(Open(b.TempDir()))
			n, before := 0, processorTime()
			for b.Loop() {
				n++
				batch := must(lake.Begin(fmt.Sprintf("bench-%d", n)))
				for i := range passes * len(rows) {
					if err := batch.Exchange(&rows[i/passes]); err != nil {
						b.Fatal(err)
					}
				}
				if err := batch.Commit(); err != nil {
					b.Fatal(err)
				}
			}
			written := float64(passes * len(rows) * n)
			b.ReportMetric(written/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric((processorTime()-before).Seconds()*1e6/written, "cpu-us/row")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	rows := generated(240_000, 1)
	lake := must(Open(b.TempDir()))
	batch := must(lake.Begin("bench"))
	for i := range rows {
		if err := batch.Exchange(&rows[i]); err != nil {
			b.Fatal(err)
		}
	}
	if err := batch.Commit(); err != nil {
		b.Fatal(err)
	}
	file := must(lake.Files("traces", "support-bot"))[0]
	for b.Loop() {
		for _, err := range Read[trace.Exchange](lake.Path(file)) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkCompact(b *testing.B) {
	rows := generated(100_000, 1)
	for b.Loop() {
		b.StopTimer()
		lake := must(Open(b.TempDir()))
		lake.disk.volatile = true
		for i := range 100 {
			publishRows(b, lake, fmt.Sprintf("bench-%d", i), Rows{Exchanges: rows[i*1000 : (i+1)*1000]})
		}
		b.StartTimer()
		if _, err := lake.Compact(context.Background(), "support-bot", CompactOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
}
