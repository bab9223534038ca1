package proxy

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// dialogues remembers, of the sessions and ids that were seen last, how far
// the dialogue is and which request an id comes from. It only adds to rows: what
// is forgotten leaves a turn or a session unknown.
type dialogues struct {
	since time.Time // nothing before it is remembered

	mu      sync.Mutex
	evicted bool // some session is not remembered any more
	seen    *simplelru.LRU[string, *dialogue]
	ids     *simplelru.LRU[string, origin]
}

type dialogue struct{ turns int64 }

// An origin is where a bound id comes from.
type origin struct{ session, trace string }

func newDialogues(entries int, now time.Time) *dialogues {
	d := &dialogues{since: now}
	d.seen, _ = simplelru.NewLRU(entries, func(string, *dialogue) { d.evicted = true })
	d.ids, _ = simplelru.NewLRU[string, origin](entries, nil)
	return d
}

// complete tells whether every session that may be under way is remembered:
// what was not seen for idle is over.
func (d *dialogues) complete(now time.Time, idle time.Duration) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.evicted && now.Sub(d.since) >= idle
}

// turn numbers a request of a session; nil where the session began before
// anything is remembered of it.
func (d *dialogues) turn(session string, first bool) *int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	known, ok := d.seen.Get(session)
	switch {
	case !ok && !first:
		return nil
	case !ok:
		known = new(dialogue)
		d.seen.Add(session, known)
	}
	known.turns++
	return new(known.turns)
}

// began says that a session has had its first turn, in the request that its id
// was learned from.
func (d *dialogues) began(session string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.seen.Contains(session) {
		d.seen.Add(session, &dialogue{turns: 1})
	}
}

func (d *dialogues) learn(id string, from origin) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ids.Add(id, from)
}

// origin is where the first of several ids that is known comes from.
func (d *dialogues) origin(ids []string) (origin, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		if from, ok := d.ids.Get(id); ok {
			return from, true
		}
	}
	return origin{}, false
}
