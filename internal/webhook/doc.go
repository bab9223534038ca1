// Package webhook tells receivers by HTTP what happens to a release: steps of the
// ramp, verdicts, breakers, a sample ratio that is off.
//
// What happened stands in the ledger already, so there is no queue: a receiver has a
// position in it, kept on disk, and is told one event at a time. An event that is not
// taken is sent again, under the same id and later and later; a kill, too, sends the
// one that was under way again. A receiver that is dead, slow or hostile costs a
// goroutine and one connection, and nobody waits for it.
//
// Calls are signed as Standard Webhooks has it (standardwebhooks.com).
package webhook
