// Package router decides which version of an application a request goes to.
// It is the decision alone: no I/O, no clock, no random source.
//
// A [Plan] is built whole from a release specification and what the release
// has come to ([State]), and is read-only from then on; whoever changes the
// allocation builds a new one and swaps a pointer. [Decide] is a function of
// the plan, of what the request says ([Context]) and of what is remembered
// ([Memory]). [Assign] decides and remembers, for any [Store]; package sticky
// has one. What is random comes from [Draw], a hash that anyone can recompute:
// weir query --name assignment-audit does it in SQL, from the lake.
//
// Of what could decide, the first that applies does, and is the reason on the
// row: rollback or halt, breaker, an id that a version handed out, a
// conversation under way, a rule, the holdout, the hash.
//
//   - Rollback and an open breaker take the candidate's units to the control
//     arm, and new units with them. A halt keeps new units on stable and moves
//     nobody.
//   - An assignment is made once. Later requests of the unit inherit it whole,
//     whatever the share is by then.
//   - Who was moved stays there, also when the breaker is closed again.
//
// DESIGN.md beside the code says what is guaranteed, failure by failure.
package router
