package sticky

import (
	"sync"
	"time"

	"weir/rollout/spec"
	"weir/router"
)

// An LRU is a [Store] in memory that forgets the longest unused first. Get and
// Put take constant time.
type LRU struct {
	bounds spec.Sticky

	mu    sync.Mutex
	nodes map[router.Key]*node
	root  node // of the ring of nodes, in order of use: root.newer is the longest unused
}

type node struct {
	Record
	older, newer *node
}

var _ Store = (*LRU)(nil)

// NewLRU returns an empty store. Both bounds are above 0.
func NewLRU(bounds spec.Sticky) *LRU {
	if bounds.Idle <= 0 || bounds.Entries <= 0 {
		panic("sticky: a store without time or room")
	}
	l := &LRU{bounds: bounds, nodes: map[router.Key]*node{}}
	l.root.older, l.root.newer = &l.root, &l.root
	return l
}

// Len is the number of entries remembered, expired ones among them.
func (l *LRU) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.nodes)
}

// Get gives what is remembered under a key.
func (l *LRU) Get(key router.Key, now time.Time) (router.Entry, bool) {
	r, ok := l.Use(key, now)
	return r.Entry, ok
}

// Use is Get, and tells when the entry was used before.
func (l *LRU) Use(key router.Key, now time.Time) (before Record, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.live(key, now)
	if n == nil {
		return Record{}, false
	}
	before = n.Record
	l.use(n, now)
	return before, true
}

// Put remembers an entry, or joins it to the one that is there.
func (l *LRU) Put(key router.Key, e router.Entry, now time.Time) router.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.live(key, now); n != nil {
		n.Entry = n.Entry.Join(e)
		l.use(n, now)
		return n.Entry
	}
	l.makeRoom(now)
	n := &node{Record: Record{Key: key, Entry: e, Used: now}}
	l.nodes[key] = n
	l.root.prepend(n)
	return e
}

// rangeStretch is how many entries Range copies while others wait.
const rangeStretch = 256

// Range calls yield for everything remembered. Others wait for a few hundred
// entries at a time.
func (l *LRU) Range(yield func(Record) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stretch := make([]Record, 0, rangeStretch)
	for _, n := range l.nodes {
		if stretch = append(stretch, n.Record); len(stretch) < rangeStretch {
			continue
		}
		if !l.unlocked(yield, stretch) {
			return
		}
		stretch = stretch[:0]
	}
	l.unlocked(yield, stretch)
}

// Forget forgets what matches, and returns how much. What comes meanwhile may
// stay.
func (l *LRU) Forget(match func(Record) bool) (forgotten int) {
	var keys []router.Key
	for r := range l.Range {
		if match(r) {
			keys = append(keys, r.Key)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		if n := l.nodes[key]; n != nil {
			l.forget(n)
			forgotten++
		}
	}
	return forgotten
}

// unlocked yields a stretch while others may go on.
func (l *LRU) unlocked(yield func(Record) bool, stretch []Record) bool {
	l.mu.Unlock()
	defer l.mu.Lock()
	for _, r := range stretch {
		if !yield(r) {
			return false
		}
	}
	return true
}

// live gives the node of a key that is not expired; else nil.
func (l *LRU) live(key router.Key, now time.Time) *node {
	n := l.nodes[key]
	if n != nil && l.expired(n, now) {
		l.forget(n)
		return nil
	}
	return n
}

func (l *LRU) expired(n *node, now time.Time) bool { return now.Sub(n.Used) > l.bounds.Idle }

// use makes a node the last used one.
func (l *LRU) use(n *node, now time.Time) {
	if now.After(n.Used) {
		n.Used = now
	}
	n.unlink()
	l.root.prepend(n)
}

// makeRoom forgets what the next entry takes the place of, and a little of
// what has expired: two for each that comes, so that it ends some time and
// nobody waits for it.
func (l *LRU) makeRoom(now time.Time) {
	if len(l.nodes) >= l.bounds.Entries {
		l.forget(l.root.newer)
	}
	for range 2 {
		if n := l.root.newer; n != &l.root && l.expired(n, now) {
			l.forget(n)
		}
	}
}

func (l *LRU) forget(n *node) {
	n.unlink()
	delete(l.nodes, n.Key)
}

func (n *node) unlink() { n.older.newer, n.newer.older = n.newer, n.older }

// prepend puts n on the older side of the node.
func (at *node) prepend(n *node) {
	n.older, n.newer = at.older, at
	n.older.newer, at.older = n, n
}
