package app

import (
	"context"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"weir/analyze"
	"weir/analyze/agreement"
	"weir/analyze/calibration"
	"weir/analyze/fixed"
	"weir/collector/parquet"
	"weir/judge"
	"weir/rollout/spec"
	"weir/trace"
)

// agreementAlpha is that of all intervals here, two-sided.
const agreementAlpha = .05

// An Agreement says, criterion by criterion, how far people agree with the judge, and
// among themselves.
type Agreement struct {
	App       string               `json:"app"`
	Release   string               `json:"release"`
	Rubric    string               `json:"rubric"`
	JudgeHash string               `json:"judge_hash"` // whose scores are compared: the release's newest
	Criteria  []CriterionAgreement `json:"criteria"`
}

// Any reports whether dialogues are judged, drawn or labelled at all.
func (a Agreement) Any() bool {
	return slices.ContainsFunc(a.Criteria, func(c CriterionAgreement) bool {
		judged := slices.ContainsFunc(c.Versions, func(v Prevalence) bool { return v.Judged > 0 })
		return judged || c.Labelled+c.Waiting+c.Declined+c.Picked > 0
	})
}

// A CriterionAgreement is of one criterion. Scores count as good from one half on.
type CriterionAgreement struct {
	Criterion string `json:"criterion"`
	Labelled  int    `json:"labelled"` // dialogues with a label
	Waiting   int    `json:"waiting"`  // drawn, and not answered yet
	Declined  int    `json:"declined"` // drawn, and nobody could tell
	Compared  int    `json:"compared"` // labelled, and judged too
	Picked    int    `json:"picked"`   // labels on dialogues that somebody chose: in none of the figures
	// Judge compares the judge with people's mean label: Cohen's kappa on good and bad.
	Kappa       analyze.Interval `json:"kappa"`
	Sensitivity analyze.Interval `json:"sensitivity"`
	Specificity analyze.Interval `json:"specificity"`
	Table       [2][2]int        `json:"table"` // rows the judge's, columns people's, bad first
	// People compares people with each other: Krippendorff's alpha on the levels, its
	// interval by the bootstrap over dialogues; null with one person a dialogue.
	Labelers int              `json:"labelers"`
	Doubled  int              `json:"doubled"` // dialogues with two labels or more
	Alpha    analyze.Interval `json:"alpha"`
	// Versions correct the judge's share of good dialogues, by version, with the error rates of
	// all labels of the app (Rogan and Gladen): right as far as those rates carry over.
	Versions []Prevalence `json:"versions"`
}

// A Prevalence is the share of good dialogues of a version.
type Prevalence struct {
	Version   string           `json:"version"`
	Judged    int              `json:"judged"`
	Apparent  analyze.Number   `json:"apparent"`
	Corrected analyze.Interval `json:"corrected"` // null where the judge does no better than chance
}

// An opinion is everything said of one session by one criterion.
type opinion struct {
	score  *float64 // the judge's
	at     time.Time
	panel  bool
	drawn  bool
	closed bool // somebody declined
	labels map[string]float64
	latest map[string]time.Time
}

// MeasureAgreement compares the labels of the app with the judgments of the judge that judged the
// release last, over all releases: what people said of the same judge is one calibration set.
func MeasureAgreement(ctx context.Context, dir string, r *spec.Release, rubric *judge.Rubric) (Agreement, error) {
	out := Agreement{App: r.App, Release: r.Release, Rubric: rubric.Name}
	l, err := parquet.Open(dir)
	if err != nil {
		return out, err
	}
	versions := map[string]string{} // of the release's sessions
	_, err = collect(ctx, l, r.App, func(e *trace.Exchange) error {
		if e.Release == r.Release || e.Release == "" {
			versions[sessionOf(e.SessionID, e.TraceID)] = e.AssignedVersion
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	var judgments []trace.Judgment
	newest := time.Time{}
	_, err = collect(ctx, l, r.App, func(j *trace.Judgment) error {
		if j.Position != "" || j.Error == trace.Pending || !slices.Contains(criteria(rubric), j.Criterion) {
			return nil
		}
		judgments = append(judgments, *j)
		if _, here := versions[sessionOf(j.SessionID, j.TraceID)]; here && !j.JudgedAt.Before(newest) {
			newest, out.JudgeHash = j.JudgedAt, j.JudgeHash
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	opinions, picked := map[string]map[string]*opinion{}, map[string]int{}
	of := func(criterion, session string) *opinion {
		if opinions[criterion] == nil {
			opinions[criterion] = map[string]*opinion{}
		}
		o := opinions[criterion][session]
		if o == nil {
			o = &opinion{labels: map[string]float64{}, latest: map[string]time.Time{}}
			opinions[criterion][session] = o
		}
		return o
	}
	for _, j := range judgments {
		if j.JudgeHash == out.JudgeHash {
			of(j.Criterion, sessionOf(j.SessionID, j.TraceID)).judged(j)
		}
	}
	_, err = collect(ctx, l, r.App, func(x *trace.Label) error {
		if x.CaseID != "" || !slices.Contains(criteria(rubric), x.Criterion) { // pairs are measured by themselves
			return nil
		}
		if strings.HasPrefix(x.LabelID, trace.PickedPrefix) {
			picked[x.Criterion]++
		} else {
			of(x.Criterion, sessionOf(x.SessionID, x.TraceID)).labelled(x)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	for _, c := range criteria(rubric) {
		a := agree(c, opinions[c], versions, []string{r.Stable, r.Candidate})
		a.Picked = picked[c]
		out.Criteria = append(out.Criteria, a)
	}
	return out, nil
}

func sessionOf(session, traceID string) string {
	if session != "" {
		return session
	}
	return traceID
}

// judged takes in a judgment: a panel's before its members', the last before others.
func (o *opinion) judged(j trace.Judgment) {
	panel := j.JudgeModel == judge.PanelModel
	if o.panel && !panel || o.panel == panel && j.JudgedAt.Before(o.at) {
		return
	}
	o.score, o.at, o.panel = j.Score, j.JudgedAt, panel
}

// labelled takes in a label, or that one was asked for.
func (o *opinion) labelled(x *trace.Label) {
	if _, _, ok := drawnOf(x.LabelID); ok {
		o.drawn = true
		o.closed = o.closed || x.Verdict == trace.Skipped
		return
	}
	if x.LabeledAt.Before(o.latest[x.Labeler]) {
		return
	}
	o.latest[x.Labeler] = x.LabeledAt
	delete(o.labels, x.Labeler)
	if x.Score != nil {
		o.labels[x.Labeler] = *x.Score
	} else if x.Verdict == trace.Skipped {
		o.closed = true
	}
}

// mean label; NaN without any.
func (o *opinion) mean() float64 {
	sum := 0.0
	for _, x := range o.labels {
		sum += x
	}
	return sum / float64(len(o.labels))
}

func good(x float64) int {
	if x >= .5 {
		return 1
	}
	return 0
}

// agree compares the opinions of one criterion.
func agree(criterion string, opinions map[string]*opinion, versions map[string]string, arms []string) CriterionAgreement {
	out := CriterionAgreement{Criterion: criterion, Kappa: noInterval(), Versions: []Prevalence{}}
	judgedBy := map[string][2]int{}
	for session, o := range opinions {
		if o.score != nil {
			n := judgedBy[versions[session]]
			n[good(*o.score)]++
			judgedBy[versions[session]] = n
		}
		switch {
		case len(o.labels) > 0:
			out.Labelled++
			if o.score != nil {
				out.Compared++
				out.Table[good(*o.score)][good(o.mean())]++
			}
		case o.closed:
			out.Declined++
		case o.drawn:
			out.Waiting++
		}
	}
	t := out.Table
	if out.Compared > 0 {
		out.Kappa = kappaOf(agreement.CohenKappa([][]float64{{float64(t[0][0]), float64(t[0][1])}, {float64(t[1][0]), float64(t[1][1])}}, agreement.Unweighted))
	}
	out.Sensitivity = shareOf(t[1][1], t[0][1]+t[1][1])
	out.Specificity = shareOf(t[0][0], t[0][0]+t[1][0])
	out.Labelers, out.Doubled, out.Alpha = among(opinions)
	for _, version := range arms {
		out.Versions = append(out.Versions, corrected(version, judgedBy[version], t))
	}
	return out
}

// kappaOf is kappa with its interval; unknown where it says nothing of another sample.
func kappaOf(k agreement.Kappa) analyze.Interval {
	i := noInterval()
	i.Value = analyze.Number(k.Value)
	if k.StdErr > 0 {
		low, high := k.CI(agreementAlpha)
		i.Lower, i.Upper = analyze.Number(low), analyze.Number(high)
	}
	return i
}

func noInterval() analyze.Interval {
	return analyze.Interval{Value: analyze.Unknown, Lower: analyze.Unknown, Upper: analyze.Unknown}
}

// shareOf is a proportion with Wilson's interval; unknown of nothing.
func shareOf(part, all int) analyze.Interval {
	if all == 0 {
		return noInterval()
	}
	p := fixed.Proportion{Successes: float64(part), Trials: float64(all)}
	low, high := p.Wilson(agreementAlpha)
	return analyze.Interval{Value: analyze.Number(p.Rate()), Lower: analyze.Number(low), Upper: analyze.Number(high)}
}

// bootstraps is how many resamples an interval of alpha takes.
const bootstraps = 1000

// among compares people with each other: how many there are, the things that several
// labelled, and alpha.
func among(opinions map[string]*opinion) (labelers, doubled int, alpha analyze.Interval) {
	alpha = noInterval()
	people := map[string]int{}
	for _, session := range slices.Sorted(maps.Keys(opinions)) {
		for _, p := range slices.Sorted(maps.Keys(opinions[session].labels)) {
			if _, ok := people[p]; !ok {
				people[p] = len(people)
			}
		}
	}
	ratings := make([][]float64, len(people))
	for _, session := range slices.Sorted(maps.Keys(opinions)) {
		o := opinions[session]
		if len(o.labels) == 0 {
			continue
		}
		if len(o.labels) > 1 {
			doubled++
		}
		for p, i := range people {
			x, ok := o.labels[p]
			if !ok {
				x = math.NaN()
			}
			ratings[i] = append(ratings[i], x)
		}
	}
	if doubled == 0 {
		return len(people), 0, alpha
	}
	alpha.Value = analyze.Number(agreement.Krippendorff(ratings, agreement.Interval))
	low, high := agreement.KrippendorffCI(ratings, agreement.Interval, agreementAlpha, bootstraps, rand.New(rand.NewPCG(1, 1)))
	alpha.Lower, alpha.Upper = analyze.Number(low), analyze.Number(high)
	return len(people), doubled, alpha
}

// corrected gives a version's share of good dialogues by the judge and corrected for its errors.
func corrected(version string, judged [2]int, t [2][2]int) Prevalence {
	out := Prevalence{Version: version, Judged: judged[0] + judged[1], Apparent: analyze.Unknown, Corrected: noInterval()}
	if out.Judged == 0 {
		return out
	}
	p := calibration.RoganGladen(calibration.Counts{
		Positive: float64(judged[1]), Judged: float64(out.Judged), TrueNegative: float64(t[0][0]), Negatives: float64(t[0][0] + t[1][0]),
		TruePositive: float64(t[1][1]), Positives: float64(t[0][1] + t[1][1]),
	})
	out.Apparent = analyze.Number(p.Apparent)
	if p.Informative {
		low, high := p.AdjustedCI(agreementAlpha)
		out.Corrected = analyze.Interval{Value: analyze.Number(p.Value), Lower: analyze.Number(low), Upper: analyze.Number(high)}
	}
	return out
}
