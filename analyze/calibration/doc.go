// Package calibration corrects a judge by human labels: few labels, many
// verdicts, and an estimate of what people would have said of all items.
//
// Mean and Tuned (prediction-powered inference) need labels on a random part
// of the very items the judge has judged; they stay right whatever the judge
// does. RoganGladen corrects yes-no verdicts by error rates that may stem from
// another set of items; it is right only as far as those rates carry over.
// Prefer the first; where the two disagree, the rates have moved.
package calibration
