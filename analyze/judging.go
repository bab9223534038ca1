package analyze

import (
	"weir/analyze/agreement"
	"weir/analyze/fixed"
)

// A JudgeResult says what a judge's metric rests on: how much was judged and
// labelled, how far people agree with the judge, and what that corrects.
type JudgeResult struct {
	Criterion string   `json:"criterion"`
	Hashes    []string `json:"hashes"` // of the judges' configurations
	Pairwise  bool     `json:"pairwise,omitempty"`
	Judged    ByArm    `json:"judged"` // units
	Labelled  ByArm    `json:"labelled"`
	// Corrected: people's labels correct the judge. Else the metric is on the judge's
	// own scale: it can be proven within its margin, but neither better nor beyond it.
	Corrected bool `json:"corrected"`
	// Lambda is the weight of the judge's score beside the labels, in [0, 1], over all units.
	Lambda Number `json:"lambda"`
	// Agreement is of judge and people over the labelled units of both arms, each
	// cut at one half; nil where nothing is labelled.
	Agreement *JudgeAgreement `json:"agreement,omitempty"`
}

// A JudgeAgreement compares a judge with people. Intervals are two-sided at .05.
type JudgeAgreement struct {
	Units       int64       `json:"units"`
	Kappa       Interval    `json:"kappa"`       // Cohen's; Fleiss, Cohen and Everitt's error
	Sensitivity Interval    `json:"sensitivity"` // of what people call good, the judge does too; Wilson
	Specificity Interval    `json:"specificity"` // of what people call bad, the judge does too; Wilson
	Table       [2][2]int64 `json:"table"`       // rows the judge's, columns people's, bad first
}

// agreementAlpha is that of the intervals of agreement.
const agreementAlpha = .05

// OwnScale reports whether the metric is on the judge's own scale. A comparison of
// pairs is one too.
func (j *JudgeResult) OwnScale() bool { return j != nil && !j.Corrected }

// method words how the figure came about.
func (j *JudgeResult) method() []string {
	switch {
	case j == nil:
		return nil
	case j.Corrected:
		return []string{"judge corrected by labels (prediction-powered)"}
	case j.Pairwise:
		return []string{"pairs compared by the judge, on its own scale"}
	}
	return []string{"judge's own scale"}
}

// judge prepares a judge's metric: what holds at one look is computed from a
// plain number a judged unit, the sequence from the vectors.
func (e *evaluator) judge() {
	if j := e.in.Judging; j != nil {
		e.out.Judge = &JudgeResult{
			Criterion: j.Criterion, Hashes: j.Hashes, Pairwise: j.Pairwise, Judged: j.Judged, Labelled: j.Labelled,
			Corrected: e.in.Metric.Corrected, Lambda: Unknown, Agreement: agree(j.Tables),
		}
	}
	if e.in.Metric.Kind != KindJudge {
		return
	}
	e.raw = e.in
	e.raw.Cells = e.counted(e.in.Cells)
	e.in = e.raw.figures(len(e.data.Strata))
	if e.out.Judge != nil && e.in.Metric.Corrected {
		e.out.Judge.Lambda = Number(e.raw.correction().lambda)
	}
}

// ownScale takes back what a judge that people do not correct cannot prove: that
// the treatment is beyond its margin. That it is not better is seen to where words are given.
func (e *evaluator) ownScale() {
	j := e.out.Judge
	if !j.OwnScale() {
		return
	}
	e.out.Margin.HarmPValue, e.out.More.Superior = Unknown, Unknown
	if j.Pairwise {
		e.warn("pairs are compared on the judge's own scale: they can show the treatment within the margin, but neither better nor beyond it")
		return
	}
	e.warn("%d of the %d labels needed in %s and %d in %s: the metric is on the judge's own scale, where it can be within its margin, but neither better nor beyond it; weir export and weir label bring labels",
		j.Labelled.Control, MinLabels, e.data.Control, j.Labelled.Treatment, e.data.Treatment)
}

// agree measures agreement over both arms' tables; nil where they are empty.
func agree(tables [2][2][2]int64) *JudgeAgreement {
	a := &JudgeAgreement{}
	for _, t := range tables {
		for i, row := range t {
			for k, n := range row {
				a.Table[i][k] += n
				a.Units += n
			}
		}
	}
	if a.Units == 0 {
		return nil
	}
	counts := [][]float64{{0, 0}, {0, 0}}
	for i, row := range a.Table {
		for k, n := range row {
			counts[i][k] = float64(n)
		}
	}
	kappa := agreement.CohenKappa(counts, agreement.Unweighted)
	low, high := kappa.CI(agreementAlpha)
	a.Kappa = Interval{Number(kappa.Value), Number(low), Number(high)}
	if kappa.StdErr == 0 { // agreement so far is no certainty
		a.Kappa.Lower, a.Kappa.Upper = Unknown, Unknown
	}
	a.Sensitivity = share(a.Table[1][1], a.Table[0][1]+a.Table[1][1])
	a.Specificity = share(a.Table[0][0], a.Table[0][0]+a.Table[1][0])
	return a
}

// share is a proportion with Wilson's interval; unknown of nothing.
func share(part, all int64) Interval {
	if all == 0 {
		return unknownInterval()
	}
	p := fixed.Proportion{Successes: float64(part), Trials: float64(all)}
	low, high := p.Wilson(agreementAlpha)
	return Interval{Number(p.Rate()), Number(low), Number(high)}
}
