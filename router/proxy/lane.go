package proxy

import (
	"sync"
	"time"
)

const (
	// A flood is an answer of which more has come than its first bytes, fewer of a
	// stream as each of its events is read, and floodRate bytes for every second
	// since it was asked for in which it did not rest. What a model writes comes
	// more slowly: a thousand tokens a second are some 200 KB of events.
	floodDocument = 64 << 10
	floodStream   = 16 << 10
	floodRate     = 256 << 10

	// laneShare is the part of all processors that the floods of a version may
	// take: one in so many.
	laneShare = 50
	// mostWork bounds what one piece is taken to be worth: a client that takes it
	// slowly keeps no processor busy.
	mostWork = 250 * time.Microsecond
	// leastRest is the shortest rest worth taking; shorter ones add up.
	leastRest = 500 * time.Microsecond

	// company is how long after its last request a version still has floods of
	// others rest.
	company = time.Second
)

// A lane is where the floods of a version are sent on while other versions have
// requests. All of them together take a small part of the processors, however
// many there are and however fast they come, and the rest is for the others'
// requests: after each piece they rest a multiple of what they worked.
type lane struct {
	worth time.Duration // of the lane's time, of a unit of work's

	mu   sync.Mutex
	free time.Time // when all work so far is made up for
}

func newLane(processors int) *lane {
	return &lane{worth: time.Duration((laneShare + processors - 1) / processors)}
}

// rest takes note of work that has just been done, and says how long to do none.
func (l *lane) rest(now time.Time, work time.Duration) time.Duration {
	work = min(work, mostWork)
	l.mu.Lock()
	defer l.mu.Unlock()
	if begun := now.Add(-work); l.free.Before(begun) {
		l.free = begun
	}
	l.free = l.free.Add(work * l.worth)
	if rest := l.free.Sub(now); rest >= leastRest {
		return rest
	}
	return 0
}

// floods tells whether an answer is one, by the bytes that came so far and how
// long it took without its rests.
func floods(came int64, streamed bool, took time.Duration) bool {
	first := int64(floodDocument)
	if streamed {
		first = floodStream
	}
	return came >= first+int64(took.Seconds()*floodRate)
}

// alone tells whether no other version has requests that a flood could hold up.
func (x *exchange) alone(now time.Time) bool {
	for _, v := range x.versions {
		if v != x.version && v.busy(now) {
			return false
		}
	}
	return true
}
