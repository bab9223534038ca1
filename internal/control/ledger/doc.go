// Package ledger keeps what a release has come to: one durable line a change.
//
// The last line is the state, all lines together are the audit log, and
// nothing is stored twice. A line is a JSON object with its checksum as the
// last key; it is synced before the change is acknowledged. A line that was
// being written when the process died has no line end and is dropped; damage
// anywhere before it is refused, because nobody knows what was decided there.
//
// DESIGN.md beside the code says what is guaranteed, failure by failure.
package ledger
