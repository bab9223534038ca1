// Package stickylog remembers assignments through a crash: a [sticky.Store] in
// memory, and a log of what was put into it.
//
// An assignment is in the log before anybody can see it, so killing the process
// forgets none that a request was served by. What was merely used is in the log
// once in a while; so a time of last use may be a little old after a restart,
// and an entry forgotten by that much too early. The log is rewritten from
// memory when it has grown to a multiple of what it says.
package stickylog
