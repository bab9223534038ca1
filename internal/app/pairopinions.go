package app

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"weir/collector/parquet"
	"weir/judge"
	"weir/rollout/spec"
	"weir/trace"
)

// PairLabels are people's verdicts on pairs of one release, by criterion.
type PairLabels map[string]map[pair]*pairOpinion

// A pairOpinion is what people said of a pair, and in which order they saw it.
type pairOpinion struct {
	opinion
	position    judge.Order
	probability float64 // with which the case was drawn; 1 where not stated
	stated      bool
}

// ReadPairLabels reads people's verdicts on pairs of a release; a label that names no
// release is of every one.
func ReadPairLabels(ctx context.Context, l *parquet.Lake, app, release string) (PairLabels, error) {
	p := PairLabels{}
	_, err := collect(ctx, l, app, func(x *trace.Label) error {
		if x.CaseID != "" && (x.Release == "" || x.Release == release) {
			p.add(pairOf(release, x.CaseID, x.Trial), x)
		}
		return nil
	})
	return p, err
}

func (p PairLabels) add(of pair, x *trace.Label) {
	if p[x.Criterion] == nil {
		p[x.Criterion] = map[pair]*pairOpinion{}
	}
	o := p[x.Criterion][of]
	if o == nil {
		o = &pairOpinion{opinion: opinion{labels: map[string]float64{}, latest: map[string]time.Time{}}, probability: 1}
		p[x.Criterion][of] = o
	}
	o.position = judge.Order(cmp.Or(x.Position, string(o.position)))
	if x.InclusionProbability != nil {
		o.probability, o.stated = *x.InclusionProbability, true
	}
	o.labelled(x)
}

// Mean gives treatment's share of the win by people, of a trial of a case: what was said of
// that trial, or else of the case.
func (p PairLabels) Mean(criterion, release, caseID string, trial int64) (float64, bool) {
	for _, t := range []int64{trial, noTrial} {
		if o := p[criterion][pair{release, caseID, t}]; o != nil && len(o.labels) > 0 {
			return o.mean(), true
		}
	}
	return math.NaN(), false
}

// A judgedPair is treatment's share of the win by the judge, by the order that it saw; NaN
// where it has none.
type judgedPair struct {
	score [2]float64
	at    [2]time.Time
	panel [2]bool
	put   [2]bool
}

// share is over the orders that were put; NaN where one of these is missing.
func (p *judgedPair) share() float64 {
	sum, n := 0., 0.
	for o := range p.score {
		if p.put[o] {
			sum, n = sum+p.score[o], n+1
		}
	}
	return sum / n
}

// take notes a judgment: a panel's before its members', the last before others.
func (p *judgedPair) take(x *trace.Judgment) {
	o, panel := 0, x.JudgeModel == judge.PanelModel
	if x.Position == string(judge.TreatmentFirst) {
		o = 1
	}
	if p.put[o] && (p.panel[o] && !panel || p.panel[o] == panel && x.JudgedAt.Before(p.at[o])) {
		return
	}
	p.put[o], p.panel[o], p.at[o], p.score[o] = true, panel, x.JudgedAt, math.NaN()
	if x.Score != nil {
		p.score[o] = *x.Score
	}
}

// judgedPairs reads what the judge that last judged pairs of the release says of them.
func judgedPairs(ctx context.Context, l *parquet.Lake, r *spec.Release, rubric *judge.Rubric) (hash string, said map[string]map[pair]*judgedPair, err error) {
	var all []trace.Judgment
	newest := time.Time{}
	_, err = collect(ctx, l, r.App, func(x *trace.Judgment) error {
		if !ofPair(x, r.Release) || x.Error == trace.Pending || !slices.Contains(criteria(rubric), x.Criterion) {
			return nil
		}
		all = append(all, *x)
		if !x.JudgedAt.Before(newest) {
			newest, hash = x.JudgedAt, x.JudgeHash
		}
		return nil
	})
	said = map[string]map[pair]*judgedPair{}
	for _, x := range all {
		if x.JudgeHash != hash {
			continue
		}
		if said[x.Criterion] == nil {
			said[x.Criterion] = map[pair]*judgedPair{}
		}
		of := pairOf(r.Release, x.CaseID, x.Trial)
		if said[x.Criterion][of] == nil {
			said[x.Criterion][of] = &judgedPair{score: [2]float64{math.NaN(), math.NaN()}}
		}
		said[x.Criterion][of].take(&x)
	}
	return hash, said, err
}

// judgmentOf finds what the judge says of a pair; where a label names no trial, of the only
// one of its case.
func judgmentOf(said map[pair]*judgedPair, p pair) *judgedPair {
	if j := said[p]; j != nil || p.trial != noTrial {
		return j
	}
	var only *judgedPair
	for of, j := range said {
		if of.caseID == p.caseID {
			if only != nil {
				return nil
			}
			only = j
		}
	}
	return only
}
