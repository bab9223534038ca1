// Package label takes dialogues out to people and brings their labels back.
//
// A [Set] is what people see: dialogues, or pairs of them, in an order that says
// nothing, by names that say nothing, with the questions of a rubric and nothing of
// what a judge or a version said of them. Of a pair it is asked which one is better. It is written as CSV, as JSON lines, or as a page
// that needs no network and saves what was chosen to a file. [Read] brings any of
// the three back, checked against the rubric, every fault with its line.
//
// Who was drawn, and with which probability, the package is not told: whoever
// draws writes that down before anybody labels.
package label
