// Package jobs starts work by the clock, beside something else: each job in its
// own time, never twice at once. What a job does is a function, such as one that
// runs a process of its own.
package jobs
