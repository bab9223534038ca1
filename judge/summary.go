package judge

import (
	"math"
	"time"
)

// A Summary is what a run of one rubric did.
type Summary struct {
	Rubric, Hash string
	Mode         Mode
	// Stopped says why the run ended: done, budget, interrupted, or the Stopper's word.
	Stopped string
	// Detail says more: which budget, what decided.
	Detail  string
	Hours   int // of assignment, published
	Arms    [2]Tally
	Pairs   Tally // of pairwise judging
	Spent   Spent
	Cached  int64 // answers that were not asked for again
	Retried int64
	// Repaired replies were sent back because they could not be read.
	Repaired int64
	// Withdrawn scores were published before their arm was seen to give one answer to
	// many questions, and are taken back.
	Withdrawn int
	Canaries  []Found
	Anchors   int
	Took      time.Duration
	// Service is how long the service took for a call, and Own what a call took
	// beside: from the decision to ask to the first byte, and from the last byte to
	// the score.
	Service, Own Times
	Warnings     []string
}

// A Found is how a canary was scored.
type Found struct {
	Canary, Model   string
	Whole           float64 // NaN where there is no score
	AtLeast, AtMost float64
	OK              bool
}

// A Tally counts what was drawn of one arm, and became of it. A score is missing
// where the judge gave none; missing is neither bad nor left out.
type Tally struct {
	Drawn, Judged int
	Missing       map[string]int // by error
	Flags         map[Flag]int
	// Mean is the mean score, each weighed by one over its probability; Low and High
	// are what it would be if all that is missing were worst, or best. NaN without any.
	Mean, Low, High float64

	weight, sum, lost float64
}

// add counts one item.
func (t *Tally) add(probability float64, s Score) {
	t.Drawn++
	if t.Missing == nil {
		t.Missing, t.Flags = map[string]int{}, map[Flag]int{}
	}
	for _, f := range s.Flags {
		t.Flags[f]++
	}
	if s.Error != "" {
		t.Missing[s.Error]++
		t.lost += 1 / probability
		return
	}
	t.Judged++
	t.weight += 1 / probability
	t.sum += s.Whole / probability
}

// withdraw takes back a score, which an earlier run may have given: NaN.
func (t *Tally) withdraw(probability, whole float64) {
	if math.IsNaN(whole) {
		return
	}
	if t.Missing == nil {
		t.Missing, t.Flags = map[string]int{}, map[Flag]int{}
	}
	t.Judged--
	t.weight -= 1 / probability
	t.sum -= whole / probability
	t.lost += 1 / probability
	t.Missing[duplicateOutput]++
	t.Flags[FlagDuplicate]++
}

// figure works the means out.
func (t *Tally) figure() {
	t.Mean, t.Low, t.High = math.NaN(), math.NaN(), math.NaN()
	if t.weight > 0 {
		t.Mean = t.sum / t.weight
	}
	if all := t.weight + t.lost; all > 0 {
		t.Low, t.High = t.sum/all, (t.sum+t.lost)/all
	}
}

// A Progress is how far a run is.
type Progress struct {
	Done, Total int
	Spent       Spent
	Took        time.Duration
	Left        time.Duration // at the pace so far; 0 where not known
}
