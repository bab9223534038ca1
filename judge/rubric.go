package judge

import (
	"math"
	"slices"
)

// A Rubric is by what dialogues are judged. [Parse] and [Builtin] make it; it
// is read-only.
type Rubric struct {
	Name     string // [a-z0-9-]+
	Language string // that the judge is spoken to in: en or zh
	About    string // what is judged, in a sentence or two
	Policy   string // text that answers are held against; may be empty
	Shows    []Part // what the judge sees beside the words of both sides
	Criteria []Criterion
	Examples []Example
	Canaries []Canary
}

// A Part is what a judge may see of a turn beside what was said.
type Part string

// The parts.
const (
	Passages Part = "passages" // that were retrieved
	Tools    Part = "tools"    // calls of tools
)

// A Criterion is one question, answered on a scale.
type Criterion struct {
	Name     string
	Question string
	Levels   []Level // at least two, the worst first
	Weight   float64 // in the rubric's own score; above 0
}

// A Level is one legal answer.
type Level struct {
	Value int // 0 to 9: one token of every model, so that its probability can be read
	Means string
}

// Share places a value, whole or between levels, on [0, 1]: 0 is the worst
// level and 1 the best.
func (c Criterion) Share(value float64) float64 {
	low, high := float64(c.Levels[0].Value), float64(c.Levels[len(c.Levels)-1].Value)
	return (value - low) / (high - low)
}

// legal reports whether a value is one of the levels.
func (c Criterion) legal(value int) bool {
	return slices.ContainsFunc(c.Levels, func(l Level) bool { return l.Value == value })
}

// An Example shows the judge a dialogue and what is right to say of it.
type Example struct {
	Dialogue Dialogue
	Scores   map[string]int // by criterion
	Because  string
}

// A Canary is a dialogue whose score is known to be low, or high: a judge that
// misses it judges nothing.
type Canary struct {
	Name     string
	Dialogue Dialogue
	AtMost   float64 // on the rubric's own score; 1 where only AtLeast is asked
	AtLeast  float64 // 0 where only AtMost is asked
}

// Whole is the rubric's own score, the weighted mean of its criteria on [0, 1].
// It is NaN where one of them is.
func (r *Rubric) Whole(shares []float64) float64 {
	sum, weights := 0., 0.
	for i, c := range r.Criteria {
		sum += c.Weight * shares[i]
		weights += c.Weight
	}
	if weights == 0 {
		return math.NaN()
	}
	return sum / weights
}

// Criterion names a criterion in rows and metrics: rubric.criterion.
func (r *Rubric) Criterion(i int) string { return r.Name + "." + r.Criteria[i].Name }

// shows reports whether the judge sees a part.
func (r *Rubric) shows(p Part) bool { return slices.Contains(r.Shows, p) }
