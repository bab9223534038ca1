// Package replay puts a fixed set of cases to two versions of an application
// and turns the answers into rows: an exchange a request, its text, and the
// outcome of each case's checks. Both versions see the same cases, so that the
// comparison is paired.
//
//	Cases   are read from JSON lines and validated, all faults at once
//	Plan    says in which order who is asked what: shuffled by seed, the versions of a case side by side
//	Runner  carries the plan out, bounded in calls at a time and calls per second
//	Journal remembers what is done, so that a killed run goes on where it stopped
//
// A failure is a row with an error, never a missing one: a version that does
// not answer has not resolved the case.
package replay
