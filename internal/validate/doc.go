// Command validate holds Weir's statistics and its decision rule to simulated
// truth, and writes what it found: docs/validation.md.
//
// Every figure is a share of seeded simulations with its Monte-Carlo error, beside
// what it must be. Rivals, the naive analyses that Weir is to do better than, are
// implemented here and nowhere else. Most of it simulates hourly moments, which is where
// statistics begin; the way from rows to a verdict is tried on whole lakes.
//
// With few runs the same checks are a test.
package main
