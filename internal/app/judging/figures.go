package judging

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"weir/analyze/lake"
	"weir/analyze/preference"
	"weir/collector/parquet"
	"weir/internal/app"
	"weir/judge"
	"weir/rollout/spec"
	"weir/trace"
)

// A PairFigure is what one judge said, by one criterion, of pairs: the same case
// under both versions. The pair is the unit; its two orders are one observation.
type PairFigure struct {
	Criterion, Hash, Model string
	// Win is treatment's rate of wins, contradictory orders counting half; raw, and
	// always to be shown first.
	Win preference.WinRate
	// Swap compares the orders; its N is 0 where pairs were judged in one order.
	Swap preference.Swap
	// Length and Style are the win rates with both versions' answers equally long,
	// and equally marked up. Where they cannot be told apart from the rate itself,
	// LengthNote and StyleNote say why, and the rates are NaN.
	Length                float64
	LengthStdErr          float64
	LengthNote, StyleNote string
	Style                 float64
	// Labelled pairs have a person's verdict; Right are the judge's verdicts in each
	// order that agree with it, of Labelled, whatever is missing counting as wrong.
	Labelled int
	Right    [2]int
	// Same are pairs with the same verdict in both orders, of all that were put to it.
	Same, Put int
}

// Accuracy is the mean share of verdicts that agree with people, over both orders.
func (f PairFigure) Accuracy() float64 {
	return float64(f.Right[0]+f.Right[1]) / float64(2*f.Labelled)
}

// A judgedPair is what was said in each order.
type judgedPair struct {
	score [2]float64 // treatment's share of the win, by order; NaN where missing
	put   [2]bool
}

// A figureKey tells judges and criteria apart.
type figureKey struct{ criterion, hash, model string }

// orderOf gives the place of an order; rows that name none are of the first.
func orderOf(position string) int {
	if position == string(judge.TreatmentFirst) {
		return 1
	}
	return 0
}

// Pairs sums up what the lake's judgments say of pairs of one release, judge by
// judge and criterion by criterion, in their order.
func Pairs(ctx context.Context, dir string, r *spec.Release) ([]PairFigure, error) {
	l, err := parquet.Open(dir)
	if err != nil {
		return nil, err
	}
	said, err := pairsOf(ctx, l, r)
	if err != nil || len(said) == 0 {
		return nil, err
	}
	people, err := app.ReadPairLabels(ctx, l, r.App, r.Release)
	if err != nil {
		return nil, err
	}
	texts, err := answersOf(ctx, dir, r)
	if err != nil {
		return nil, err
	}
	keys := make([]figureKey, 0, len(said))
	for k := range said {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b figureKey) int {
		return cmp.Or(cmp.Compare(a.criterion, b.criterion), cmp.Compare(a.hash, b.hash), cmp.Compare(a.model, b.model))
	})
	out := make([]PairFigure, len(keys))
	for i, k := range keys {
		out[i] = pairFigure(k, said[k], texts, func(id pairKey) (float64, bool) { return people.Mean(k.criterion, r.Release, id.id, id.trial) })
	}
	return out, nil
}

// pairsOf reads judgments of pairs.
func pairsOf(ctx context.Context, l *parquet.Lake, r *spec.Release) (map[figureKey]map[pairKey]*judgedPair, error) {
	out := map[figureKey]map[pairKey]*judgedPair{}
	for j, err := range parquet.ReadAll[trace.Judgment](ctx, l, r.App) {
		if err != nil {
			return nil, err
		}
		if j.CaseID == "" || j.SessionID != "" || j.Release != "" && j.Release != r.Release {
			continue
		}
		k := figureKey{j.Criterion, j.JudgeHash, j.JudgeModel}
		if out[k] == nil {
			out[k] = map[pairKey]*judgedPair{}
		}
		id := pairKey{id: j.CaseID}
		if j.Trial != nil {
			id.trial = *j.Trial
		}
		p := out[k][id]
		if p == nil {
			p = &judgedPair{score: [2]float64{math.NaN(), math.NaN()}}
			out[k][id] = p
		}
		o := orderOf(j.Position)
		p.put[o] = true
		if j.Score != nil {
			p.score[o] = *j.Score
		}
	}
	return out, nil
}

// farFuture is after everything.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// An answerStyle is how long a version's answers to a case are, in characters, and how
// much markup they have.
type answerStyle [4]float64

var markup = [3]*regexp.Regexp{
	regexp.MustCompile(`(?m)^#{1,6} `), regexp.MustCompile(`(?m)^\s*(?:[-*+]|\d+\.) `), regexp.MustCompile(`\*\*[^*\n]+\*\*|__[^_\n]+__`),
}

// answersOf reads the length and markup of both versions' answers to each case.
func answersOf(ctx context.Context, dir string, r *spec.Release) (map[pairKey][2]answerStyle, error) {
	l, err := app.OpenLake(ctx, dir, lake.Options{})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	q := lake.ConversationQuery{App: r.App, Release: r.Release, Control: r.Stable, Treatment: r.Candidate, Offline: true, AsOf: farFuture}
	all, err := l.Conversations(ctx, q)
	if err != nil {
		return nil, err
	}
	sessions := make([]string, len(all))
	for i, c := range all {
		sessions[i] = c.Session
	}
	if err := l.GatherTexts(ctx, q, sessions); err != nil {
		return nil, err
	}
	said, err := l.Texts(ctx, sessions)
	if err != nil {
		return nil, err
	}
	out := map[pairKey][2]answerStyle{}
	for _, c := range all {
		var style answerStyle
		for _, s := range said[c.Session] {
			style[0] += float64(utf8.RuneCountInString(s.Content.Output))
			for i, m := range markup {
				style[1+i] += float64(len(m.FindAllStringIndex(s.Content.Output, -1)))
			}
		}
		p := out[pairOf(c)]
		p[arm(c.Treated)] = style
		out[pairOf(c)] = p
	}
	return out, nil
}

// pairFigure works one judge's figures out; people gives their verdict on a pair.
func pairFigure(k figureKey, said map[pairKey]*judgedPair, texts map[pairKey][2]answerStyle, people func(pairKey) (float64, bool)) PairFigure {
	ids := make([]pairKey, 0, len(said))
	for id := range said {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b pairKey) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.trial, b.trial)) })
	f := PairFigure{Criterion: k.criterion, Hash: k.hash, Model: k.model}
	y := make([]float64, len(ids))
	var first, second []preference.Verdict
	for i, id := range ids {
		p := said[id]
		y[i] = p.share()
		if p.put[0] && p.put[1] {
			a, b := preference.VerdictOf(p.score[0]), preference.VerdictOf(p.score[1]) // control shown first, and treatment
			first, second = append(first, a), append(second, b)
			f.Put++
			if a == b {
				f.Same++
			}
		}
		if label, ok := people(id); ok {
			f.Labelled++
			for o := range 2 {
				if v := preference.VerdictOf(p.score[o]); v != preference.Invalid && v == preference.VerdictOf(label) {
					f.Right[o]++
				}
			}
		}
	}
	f.Win, f.Swap = preference.NewWinRate(y), preference.NewSwap(second, first) // the first answer is treatment's
	f.control(ids, y, texts)
	return f
}

// share is treatment's share of the win: the mean of the orders that were put,
// NaN where one of them is missing.
func (p *judgedPair) share() float64 {
	sum, n := 0., 0.
	for o := range 2 {
		if p.put[o] {
			sum, n = sum+p.score[o], n+1
		}
	}
	return sum / n
}

// control holds length and markup equal, where texts are kept and that can be
// done.
func (f *PairFigure) control(ids []pairKey, y []float64, texts map[pairKey][2]answerStyle) {
	f.Length, f.LengthStdErr, f.Style = math.NaN(), math.NaN(), math.NaN()
	var known, controls, treatments []float64
	var styles [2][][]float64
	for i, id := range ids {
		t, ok := texts[id]
		if !ok || math.IsNaN(y[i]) || t[0][0] == 0 || t[1][0] == 0 {
			continue
		}
		known = append(known, y[i])
		controls, treatments = append(controls, t[0][0]), append(treatments, t[1][0])
		for a := range 2 {
			styles[a] = append(styles[a], slices.Clone(t[a][:]))
		}
	}
	if len(known) < 2 {
		f.LengthNote = "the lake holds no texts of both versions"
		f.StyleNote = f.LengthNote
		return
	}
	length, err := preference.FitLength(preference.LengthData{Y: known, Control: controls, Treatment: treatments})
	f.Length, f.LengthStdErr, f.LengthNote = length.Rate, length.StdErr, refusal(err)
	style, err := preference.FitStyle(known, styles[1], styles[0])
	f.Style, f.StyleNote = style.EqualStyle, refusal(err)
}

func refusal(err error) string {
	switch {
	case errors.Is(err, preference.ErrSeparated):
		return "refused: length or style alone tells wins from losses, and no rate at equal length can be had"
	case err != nil:
		return "refused: lengths or markup hardly differ between pairs, or go together"
	}
	return ""
}

// Text of the figures, for a person.
func (f PairFigure) Text() string {
	text := fmt.Sprintf("%s  %s (%s)\n  wins       %s ± %s of treatment, in %d pairs; %d missing\n",
		f.Criterion, f.Model, f.Hash, figure(f.Win.Rate), figure(1.96*f.Win.StdErr), f.Win.N, f.Win.Missing)
	if f.Swap.N > 0 {
		text += fmt.Sprintf("  orders     %s of %d pairs get the same verdict in both; %s of verdicts for the one shown first (p %s); %s among consistent pairs\n",
			figure(f.Swap.Consistency), f.Swap.N, figure(f.Swap.FirstShown), figure(f.Swap.OrderP), figure(f.Swap.Consistent))
	}
	text += "  at equal length  " + noted(f.Length, f.LengthNote) + "\n  at equal style   " + noted(f.Style, f.StyleNote) + "\n"
	if f.Labelled > 0 {
		text += fmt.Sprintf("  people     %s of verdicts agree with theirs, on %d pairs\n", figure(f.Accuracy()), f.Labelled)
	}
	return text
}

func noted(x float64, note string) string {
	if note != "" {
		return note
	}
	return figure(x)
}

// JSON form of the figures; what is not known is null.
func (f PairFigure) JSON() map[string]any {
	out := map[string]any{
		"criterion": f.Criterion, "judge_hash": f.Hash, "judge_model": f.Model,
		"win_rate": number(f.Win.Rate), "std_err": number(f.Win.StdErr), "pairs": f.Win.N, "missing": f.Win.Missing,
		"wins": f.Win.Wins, "losses": f.Win.Losses, "ties": f.Win.Draws,
		"both_orders": f.Swap.N, "consistency": number(f.Swap.Consistency), "first_shown": number(f.Swap.FirstShown),
		"order_p_value": number(f.Swap.OrderP), "consistent_win_rate": number(f.Swap.Consistent),
		"same_verdict": f.Same, "put_in_both_orders": f.Put,
		"length_controlled": number(f.Length), "length_controlled_std_err": number(f.LengthStdErr), "length_note": f.LengthNote,
		"style_controlled": number(f.Style), "style_note": f.StyleNote,
		"labelled": f.Labelled, "right_control_first": f.Right[0], "right_treatment_first": f.Right[1], "accuracy": number(f.Accuracy()),
	}
	return out
}
