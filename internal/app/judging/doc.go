// Package judging runs the judge on a lake: it wires the spec, the lake, the
// service and the package judge, and remembers between runs what must not be done
// twice.
//
// What it remembers lies under judge/ in the state, by app and release:
//
//	lock             held while a run judges; one at a time on a lake
//	cache/           answers, by the content of what was asked
//	plans/           what was drawn of an hour that is not published yet
//	anchors.json     how the anchors were scored, run by run
//
// What is done stands in the lake itself: rows of judgments, and an event of kind
// judged for every hour whose drawn units are all judged or given up. Both enter
// in one batch.
package judging
