// Package sticky remembers which unit was assigned what.
//
// [LRU] keeps it in memory, bounded by idle time and by number. Package
// stickytest says, as tests, what any store must do.
package sticky

import (
	"time"

	"weir/router"
)

// A Store is a memory of assignments, safe for several goroutines.
//
// Get gives what is remembered under a key and not expired; now counts as a
// use of it. Put remembers an entry, or [router.Entry.Join]s it to the one that
// is there; it returns what is remembered from then on, and counts as a use.
// Of concurrent calls of Put under one key one is the first, and all return
// the same assignment.
//
// What was not used for longer than the store's idle time is forgotten. So is
// what has been unused for longest, where the store is full. Time is what the
// caller says; a time before the last use changes nothing.
//
// Range calls yield for everything remembered, in any order, until yield gives
// false: what is there throughout once, what comes or goes meanwhile at most
// once, expired or not. Yield may use the store. Put with Used as its time,
// longest unused first, restores a store from what Range gave.
type Store interface {
	router.Store
	Range(yield func(Record) bool)
}

// A Record is one thing remembered.
type Record struct {
	Key   router.Key
	Entry router.Entry
	Used  time.Time // last
}
