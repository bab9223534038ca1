// Package answers keeps what judges answered, as files, so that nothing is asked
// twice, and takes out again what is about a person. Whoever erases people needs it
// without the judge and without a query engine.
package answers
