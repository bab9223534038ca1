// Package traffic is simulated users over HTTP: they hold dialogues with an
// application through whatever stands before it, and report how these went. It
// drives demonstrations and tests of the live path.
//
// What users say is the script of package sim; how a dialogue ended they read
// from the truth that stand-ins write into their answers (package standin).
// Arrivals, turns and who reports are functions of the seed; time is a [Clock]
// that may run faster than the world's, so that days of a release fit into a
// minute. Latencies are real: only the gaps between requests are shortened.
package traffic
