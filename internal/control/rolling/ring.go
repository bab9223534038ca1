package rolling

import "time"

// How time is cut.
const (
	Slot   = 10 * time.Second
	Window = 5 * time.Minute
	Span   = 15 * time.Minute // that series reach back

	perWindow = int64(Window / Slot)
	perPoint  = 6 // slots that a point of a series looks back on
	slots     = int64(Span/Slot) + perPoint
)

// A slot is what happened in ten seconds at one version.
type slot struct {
	number               int64 // of slots since 1970
	begun, ended, failed int64
	firstToken, latency  histogram
	sessions             sample
}

// A ring is the last slots of a version.
type ring [slots]slot

func numberOf(at time.Time) int64 { return at.UnixNano() / int64(Slot) }

// at is the slot of a moment; nil where it has been overwritten by a later one.
func (r *ring) at(now time.Time) *slot {
	n := numberOf(now)
	s := &r[n%slots]
	switch {
	case s.number < n:
		*s = slot{number: n}
	case s.number > n:
		return nil
	}
	return s
}

// last gives the slots there are among count that end with a number.
func (r *ring) last(number, count int64) []*slot {
	var out []*slot
	for n := number - count + 1; n <= number; n++ {
		if s := &r[n%slots]; s.number == n {
			out = append(out, s)
		}
	}
	return out
}
