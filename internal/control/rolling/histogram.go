package rolling

import "math"

// Durations are sorted into buckets that double every octave buckets, from a
// millisecond on: 20 octaves reach 17 minutes.
const (
	octave  = 32
	buckets = 20 * octave
)

// A histogram counts durations, in milliseconds.
type histogram [buckets]uint32

func (h *histogram) add(ms float64) {
	i := 0
	if ms > 1 {
		i = min(int(math.Log2(ms)*octave), buckets-1)
	}
	h[i]++
}

// join adds what another has counted, and gives how much it was.
func (h *histogram) join(o *histogram) (n uint64) {
	for i, c := range o {
		h[i] += c
		n += uint64(c)
	}
	return n
}

// quantile is the value below which the share p of n durations lies, to within
// half of a bucket, in milliseconds; nil where there are none.
func (h *histogram) quantile(p float64, n uint64) *float64 {
	if n == 0 {
		return nil
	}
	rank := uint64(math.Ceil(p * float64(n)))
	for i, c := range h {
		if uint64(c) >= rank {
			return new(math.Exp2((float64(i) + .5) / octave))
		}
		rank -= uint64(c)
	}
	panic("rolling: a histogram that holds less than was counted")
}
