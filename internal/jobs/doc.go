// Package jobs starts work by the clock, beside something else: each job at its
// own times, never twice at once, and remembers what came of it.
//
//	r, err := jobs.New(jobs.Options{Store: disk.Store{...}, Log: log})
//	err = r.Set(jobs.Job{Name: "judge", Schedule: "0 2 * * *", Do: judge})
//	err = r.Run(ctx)
//
// What a job does is a function, such as one that runs a process of its own
// (package child). Set may be called again at any time, such as when a
// specification is reloaded: other schedules hold from then on, what is being done
// goes on to its end.
//
// A time that comes while the job is being done, or while nothing ran, is left
// out. "@every 10m" counts from the last begin, also over a restart.
package jobs
