// Package pilot runs the autopilot of a release: it looks at the data when it is
// told to, decides by package autopilot, acts through the control plane, and
// remembers what it saw.
//
//	at jobs.analyze ──> Look: analysis in a process aside ──> record, on disk
//	                                                            │
//	a second, or a look, has passed ──> decide: plan, state, record, time
//	                                          │ wait: shown, with its reason
//	                                          v
//	                     record kept in the lake ──> action, on the change it was decided on
//
// It may be killed anywhere. What it knows lies in two places, each written whole
// before it goes on: the latest record, and the ledger. After a kill it reads both
// and decides again, which gives the same move, or none where it was made
// already. A look that fails, or is killed, changes nothing and is shown.
//
// It does not matter where it runs: as part of the server ([Local]), or beside it
// over HTTP ([Remote]). One has the helm, and every action names the change that
// it was decided on, so that of two that decide at once one acts and the other
// reads the state again.
package pilot
