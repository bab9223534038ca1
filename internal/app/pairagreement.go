package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"weir/analyze"
	"weir/analyze/calibration"
	"weir/analyze/preference"
	"weir/analyze/survey"
	"weir/collector/parquet"
	"weir/judge"
	"weir/rollout/spec"
)

// A PairAgreement says, criterion by criterion, which version people prefer where the same
// cases ran on both, and how far the judge says the same.
type PairAgreement struct {
	App       string          `json:"app"`
	Release   string          `json:"release"`
	Rubric    string          `json:"rubric"`
	Control   string          `json:"control"`
	Treatment string          `json:"treatment"`
	JudgeHash string          `json:"judge_hash"` // whose verdicts are compared: the newest on pairs of the release
	Criteria  []PairCriterion `json:"criteria"`
}

// A PairCriterion is of one criterion. Labels of several people on a pair are averaged, and a
// mean of one half is a tie.
type PairCriterion struct {
	Criterion string `json:"criterion"`
	Labelled  int    `json:"labelled"` // pairs with a label
	Waiting   int    `json:"waiting"`  // drawn, and not answered yet
	Declined  int    `json:"declined"` // drawn, and nobody could tell
	// Wins, Ties and Losses are treatment's, of the labelled pairs.
	Wins   int `json:"wins"`
	Ties   int `json:"ties"`
	Losses int `json:"losses"`
	// WinRate is treatment's by people, ties counting half, each case once: Hajek's mean by the
	// probability with which the case was drawn, by t over cases.
	WinRate analyze.Interval `json:"win_rate"`
	// Corrected is the same, with what the judge says of the other pairs of the release: a
	// prediction-powered mean whose errors people take out.
	Corrected analyze.Interval `json:"corrected"`
	// FirstShown is the share of people's wins for the answer that was shown first, ties
	// counting half. Chance drew the order, so that it is one half unless people favour a place.
	FirstShown analyze.Interval `json:"first_shown"`
	Labelers   int              `json:"labelers"`
	Doubled    int              `json:"doubled"` // pairs with two labels or more
	Alpha      analyze.Interval `json:"alpha"`   // of people among themselves: Krippendorff's, as of dialogues
	// Judge compares its verdicts with people's: over both orders, and in each.
	Judge []PairMatch `json:"judge"`
	Notes []string    `json:"notes"` // what is not given, and why
}

// A PairMatch is the judge against people, by what the judge was shown.
type PairMatch struct {
	Order      string           `json:"order"`    // both, control_first or treatment_first
	Compared   int              `json:"compared"` // labelled pairs with a verdict of the judge
	Missing    int              `json:"missing"`  // labelled pairs without
	Same       analyze.Interval `json:"same"`     // share with the same verdict, ties included
	SameWinner analyze.Interval `json:"same_winner"`
	Decided    int              `json:"decided"` // pairs that neither calls a tie: of these is SameWinner
	Kappa      analyze.Interval `json:"kappa"`
	Table      [3][3]int        `json:"table"` // rows the judge's, columns people's: control better, tie, treatment better
}

const (
	// minPairCases is how many cases an interval over cases takes, as in an analysis.
	minPairCases = 20
	bothOrders   = "both"
)

// MeasurePairs compares people's labels of pairs of a release with each other and with the
// judge's verdicts; nil where no pair was drawn or labelled.
func MeasurePairs(ctx context.Context, dir string, r *spec.Release, rubric *judge.Rubric) (*PairAgreement, error) {
	l, err := parquet.Open(dir)
	if err != nil {
		return nil, err
	}
	people, err := ReadPairLabels(ctx, l, r.App, r.Release)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(people, func(c string, _ map[pair]*pairOpinion) bool { return !slices.Contains(criteria(rubric), c) })
	if len(people) == 0 {
		return nil, nil
	}
	out := &PairAgreement{App: r.App, Release: r.Release, Rubric: rubric.Name, Control: r.Stable, Treatment: r.Candidate}
	var said map[string]map[pair]*judgedPair
	if out.JudgeHash, said, err = judgedPairs(ctx, l, r, rubric); err != nil {
		return nil, err
	}
	for _, c := range criteria(rubric) {
		out.Criteria = append(out.Criteria, pairCriterion(c, people[c], said[c]))
	}
	return out, nil
}

// A labelledPair is a pair with what people say of it, and the judge.
type labelledPair struct {
	pair
	people *pairOpinion
	judge  *judgedPair // nil where the judge was not asked
	weight float64     // of a case that was drawn: one over its probability, shared by its trials
}

// pairCriterion sums up one criterion.
func pairCriterion(criterion string, people map[pair]*pairOpinion, said map[pair]*judgedPair) PairCriterion {
	out := PairCriterion{Criterion: criterion, WinRate: noInterval(), Corrected: noInterval(), FirstShown: noInterval(), Alpha: noInterval(), Judge: []PairMatch{}, Notes: []string{}}
	var list []labelledPair
	cases := map[string]int{}
	opinions := map[string]*opinion{}
	for p, o := range people {
		opinions[p.name()] = &o.opinion
		switch {
		case len(o.labels) > 0:
			list = append(list, labelledPair{pair: p, people: o, judge: judgmentOf(said, p)})
			cases[p.caseID]++
		case o.closed:
			out.Declined++
		case o.drawn:
			out.Waiting++
		}
	}
	// In an order that says nothing, as folds of the correction want it.
	slices.SortFunc(list, func(a, b labelledPair) int { return cmp.Compare(name12("fold", a.name()), name12("fold", b.name())) })
	if unstated(list) {
		out.Notes = append(out.Notes, "some labels do not say with which probability their case was drawn (inclusion_probability): they are taken for drawn in any case")
	}
	for i, p := range list {
		list[i].weight = 1 / p.people.probability / float64(cases[p.caseID])
	}
	out.Labelled = len(list)
	out.prefer(list)
	out.Labelers, out.Doubled, out.Alpha = among(opinions)
	out.match(list, len(cases) == len(list))
	out.correct(list, said, len(cases) == len(list))
	return out
}

// unstated reports whether some labels say how probable they were, and others do not.
func unstated(list []labelledPair) bool {
	stated := func(p labelledPair) bool { return p.people.stated }
	return slices.ContainsFunc(list, stated) && slices.ContainsFunc(list, func(p labelledPair) bool { return !stated(p) })
}

// prefer says which version people prefer, and which place.
func (out *PairCriterion) prefer(list []labelledPair) {
	var y, first []float64
	var ordered []labelledPair
	for _, p := range list {
		share := p.people.mean()
		y = append(y, share)
		switch preference.VerdictOf(share) {
		case preference.First:
			out.Wins++
		case preference.Second:
			out.Losses++
		default:
			out.Ties++
		}
		switch p.people.position {
		case judge.TreatmentFirst:
			first, ordered = append(first, share), append(ordered, p)
		case judge.ControlFirst:
			first, ordered = append(first, 1-share), append(ordered, p)
		}
	}
	var why string
	if out.WinRate, why = meanOverCases(y, list); why != "" && len(list) > 0 {
		out.Notes = append(out.Notes, "no interval of people's win rate: "+why)
	}
	out.FirstShown, _ = meanOverCases(first, ordered)
}

// meanOverCases is a mean over cases, each with its weight, and why it has no interval.
func meanOverCases(y []float64, list []labelledPair) (i analyze.Interval, why string) {
	numbers := map[string]int{}
	s := survey.Sample{Y: y}
	for _, p := range list {
		if _, known := numbers[p.caseID]; !known {
			numbers[p.caseID] = len(numbers)
		}
		s.Weight, s.Cluster = append(s.Weight, p.weight), append(s.Cluster, numbers[p.caseID])
	}
	e := survey.Mean(s)
	i = noInterval()
	i.Value = analyze.Number(e.Value)
	switch {
	case len(numbers) < minPairCases:
		return i, fmt.Sprintf("labelled cases: %d, of at least %d", len(numbers), minPairCases)
	case !(e.StdErr > 1e-12):
		return i, "all labels say the same, so that nothing is known of their spread"
	}
	low, high := e.StudentCI(agreementAlpha)
	i.Lower, i.Upper = analyze.Number(max(low, 0)), analyze.Number(min(high, 1))
	return i, ""
}

// match compares the judge with people; pairs are independent where each is of a case of
// its own.
func (out *PairCriterion) match(list []labelledPair, independent bool) {
	asked := slices.ContainsFunc(list, func(p labelledPair) bool { return p.judge != nil })
	if !asked {
		if len(list) > 0 {
			out.Notes = append(out.Notes, "no judge has compared these pairs")
		}
		return
	}
	if !independent {
		out.Notes = append(out.Notes, "several trials of a case are labelled: the agreement has no intervals, which take pairs as independent")
	}
	for o, order := range []string{bothOrders, string(judge.ControlFirst), string(judge.TreatmentFirst)} {
		var people, said []preference.Verdict
		for _, p := range list {
			share := math.NaN()
			if p.judge != nil && o == 0 {
				share = p.judge.share()
			} else if p.judge != nil {
				share = p.judge.score[o-1]
			}
			people, said = append(people, preference.VerdictOf(p.people.mean())), append(said, preference.VerdictOf(share))
		}
		g := preference.NewAgreement(said, people)
		match := PairMatch{Order: order, Compared: g.N, Missing: g.Missing, Decided: g.Decided, Same: shareOf(g.Same, g.N), SameWinner: shareOf(g.SameWinner, g.Decided), Kappa: kappaOf(g.Kappa), Table: g.Table}
		if !independent {
			for _, i := range []*analyze.Interval{&match.Same, &match.SameWinner, &match.Kappa} {
				i.Lower, i.Upper = analyze.Unknown, analyze.Unknown
			}
		}
		out.Judge = append(out.Judge, match)
	}
}

// correct adds what the judge says of cases that nobody labelled. Where the judge has no
// verdict, a tie stands in, among the labelled and the others alike: what stands in for what
// biases nothing that people correct.
func (out *PairCriterion) correct(list []labelledPair, said map[pair]*judgedPair, independent bool) {
	labelled, others := map[string]bool{}, map[string][]float64{}
	var y, f, rest []float64
	even := true
	for _, p := range list {
		labelled[p.caseID] = true
		if p.judge != nil {
			y, f = append(y, p.people.mean()), append(f, tieWithout(p.judge.share()))
		}
		even = even && p.people.probability == list[0].people.probability
	}
	for p, j := range said {
		if !labelled[p.caseID] {
			others[p.caseID] = append(others[p.caseID], tieWithout(j.share()))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(others)) {
		sum := 0.
		for _, share := range others[id] {
			sum += share
		}
		rest = append(rest, sum/float64(len(others[id])))
	}
	switch {
	case len(y) == 0 || len(rest) < minPairCases:
		return // no judge, or nearly nothing that people have not labelled
	case !independent || !even || len(y) < len(list):
		out.Notes = append(out.Notes, "no corrected win rate: it takes cases that were drawn with one probability, one trial of each, among those that were judged")
	case len(y) < analyze.MinLabels:
		out.Notes = append(out.Notes, fmt.Sprintf("no corrected win rate: labels: %d, of at least %d", len(y), analyze.MinLabels))
	default:
		e := calibration.CrossFitted(y, f, rest)
		out.Corrected.Value = analyze.Number(e.Value)
		if low, high := e.CI(agreementAlpha); e.StdErr > 1e-12 {
			out.Corrected.Lower, out.Corrected.Upper = analyze.Number(max(low, 0)), analyze.Number(min(high, 1))
		}
	}
}

func tieWithout(share float64) float64 {
	if math.IsNaN(share) {
		return .5
	}
	return share
}
