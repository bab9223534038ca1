package sim

import (
	"context"
	"testing"

	"weir/trace"
)

// discard is the sink that costs nothing.
type discard struct{}

func (discard) Exchange(*trace.Exchange) error       { return nil }
func (discard) Content(string, *trace.Content) error { return nil }
func (discard) Outcome(*trace.Outcome) error         { return nil }
func (discard) Loss(*trace.Loss) error               { return nil }

var _ Sink = discard{}

// BenchmarkRun reports exchanges a second into a discarding sink.
func BenchmarkRun(b *testing.B) {
	for _, name := range []string{"bench", "better"} {
		s, err := Named(name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var total int64
			for i := range b.N {
				last := int64(0)
				if err := Run(context.Background(), s, uint64(i), 60000, discard{}, func(rows int64) { last = rows }); err != nil {
					b.Fatal(err)
				}
				total += last
			}
			b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
