// Package wal is an append-only log of records on disk, in segments.
//
//	log, err := wal.Open(dir, wal.Options{Fsync: 50 * time.Millisecond})
//	for _, s := range log.Segments() { // of an earlier life
//		replayed, err := log.Replay(s, func(record []byte) error { ... })
//	}
//	err = log.Append(record)
//	err = log.AppendSoon(record) // with the next that is appended, or soon
//	err = log.Rotate()           // what was appended so far is a segment of its own
//	err = log.Drop(segments...)  // once their records are safe elsewhere
//	err = log.Close()
//
// A record is there when Append returns: it has been handed to the operating
// system, so killing the process does not lose it. A power cut loses at most
// what was appended since the last group commit, or nothing where Fsync is 0.
// DESIGN.md beside this file has the format and what happens when something
// fails.
package wal
