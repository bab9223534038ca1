package router

import "time"

// A Kind is the kind of id that something is remembered under.
type Kind uint8

// The kinds. The zero value is no key.
const (
	KindSession Kind = iota + 1 // a conversation
	KindUser                    // a person, under unit user
	KindBound                   // an id that a version handed out
)

// A Key is an id that something is remembered under.
type Key struct {
	Kind Kind
	// Within is what the id is unique in: under unit user, the user of a session
	// and the release of a user; else empty.
	Within string
	ID     string
}

// A Memory is what a decision looks up. Get gives what is remembered under a
// key; now counts as the last time it was used. It is called from several
// goroutines.
//
// There is no error: a memory that is out of reach goes on with what it has at
// hand, and counts and reports its failures by itself. Traffic does not wait
// for a memory.
type Memory interface {
	Get(key Key, now time.Time) (Entry, bool)
}

// A Store is a memory that can be written. Put remembers e under key, or, where
// there is an entry already, its [Entry.Join] with e; it returns what is
// remembered from then on. Of several calls at a time one is the first.
type Store interface {
	Memory
	Put(key Key, e Entry, now time.Time) Entry
}

// Assign decides and remembers. Of several first requests of a unit, or of a
// conversation, at a time, all follow the one that was remembered first, also
// where they saw different plans.
func Assign(p *Plan, c Context, store Store) Decision {
	d := Decide(p, c, store)
	for _, key := range d.Remember {
		if key == (Key{}) {
			continue
		}
		if e := d.entry(); store.Put(key, e, c.At) != e {
			return Decide(p, c, store)
		}
	}
	return d
}
