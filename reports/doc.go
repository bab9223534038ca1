// Package reports shows a decision to people and to machines: as a table for
// the terminal, as one HTML file, as Markdown and JUnit XML for builds, as
// CSV and JSON for programs.
//
// New makes a Report, a view of one rollout.Record, in which every number is
// already written: rounded by its interval, with its unit. The renderers only
// arrange it, so that no two of them can say different things. CSV and JSON are
// the exception: they carry the numbers themselves.
//
// The package knows results, not how they were computed, and touches no file,
// clock or network.
package reports
