package proxy

import (
	"sync"
	"time"
)

const (
	// A flood is an answer of which more has come than the first floodBytes and
	// floodRate bytes for every second since it was asked for. What a model writes
	// comes more slowly: a thousand tokens a second are some 200 KB of events.
	floodBytes = 64 << 10
	floodRate  = 256 << 10

	// laneShare is the part of all processors that the floods of a version may
	// take: one in so many.
	laneShare = 20
	// mostWork bounds what one piece is taken to be worth: a client that takes it
	// slowly keeps no processor busy.
	mostWork = 250 * time.Microsecond
	// leastRest is the shortest rest worth taking; shorter ones add up.
	leastRest = 500 * time.Microsecond
)

// A lane is where the floods of a version are sent on. All of them together take
// a small part of the processors, however many there are and however fast they
// come, and the rest is for other requests, those of other versions above all:
// after each piece they rest a multiple of what they worked.
type lane struct {
	worth time.Duration // of the lane's time, of a unit of work's

	mu   sync.Mutex
	free time.Time // when all work so far is made up for
}

func newLane(processors int) *lane {
	return &lane{worth: time.Duration(max(laneShare/processors, 1))}
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
// long it took.
func floods(came int64, took time.Duration) bool {
	return came >= floodBytes+int64(took.Seconds()*floodRate)
}
