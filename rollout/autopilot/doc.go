// Package autopilot decides what a release does next: take a step of its ramp,
// wait and for what, halt, roll back, or promote.
//
// [Next] is a pure function of the plan that the spec wrote down, of what the
// release has come to, of the latest look at the data, and of the time. The same
// arguments give the same move, so an autopilot that was killed between deciding
// and acting decides the same again, and a move that has changed the state gives
// way to the next one.
//
//	                 units, hold, no harm                    proof
//	share 0 ── 5 % ──────────────────────> 20 % ──> 50 % ──────────────> promoted
//	             │ harm, at any step                  │ max_wait is over
//	             v                                    v
//	        rolled back                   halted: new units go to stable
//
// Two rules hold everywhere. Steps climb on the absence of harm, and only the
// last waits for proof. And whatever gives the candidate more (a step, the
// promotion) waits where anything is unclear: a look that failed, data that
// cannot be trusted, a pause, a closed window; what protects (rollback, halt)
// waits for nothing.
package autopilot
