// Package steering changes what a release has come to: a person, a script, the
// autopilot or the breaker asks for an [Action], [Next] says which state
// follows or why none does, and [Steering] writes it down and puts the plan in
// force.
//
// Next is a pure function. All changes go one after another through one
// Steering, which holds the plan that requests are decided by.
package steering
