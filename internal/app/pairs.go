package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"weir/analyze/lake"
	"weir/collector/parquet"
	"weir/judge"
	"weir/judge/label"
	"weir/trace"
)

// A pairSet is pairs that were drawn for labels, by the names of their items.
type pairSet struct {
	id    string
	items map[string]offered
	runs  map[pair][2]string // the sessions of control and of treatment
}

// pairs draws cases that ran on both versions, and of each one trial, for people to
// say which version did better. What was drawn, with which probability and in which
// order it is shown enters the lake before the set is returned.
func (j ExportJob) pairs(ctx context.Context, l *lake.Lake) (Export, error) {
	files, err := parquet.Open(j.Lake)
	if err != nil {
		return Export{}, err
	}
	if set, err := j.pairsOffered(ctx, files); err != nil || set != "" {
		if err == nil {
			err = fmt.Errorf("%w: pairs of release %s were offered before, as set %s: --again %s writes it once more; more of them, drawn after results are seen, would make the intervals wrong",
				ErrNothingToLabel, j.Spec.Release, set, set)
		}
		return Export{}, err
	}
	runs, err := j.casesOfBoth(ctx, l)
	if err != nil {
		return Export{}, err
	}
	judged, err := j.pairsJudged(ctx, files)
	if err != nil {
		return Export{}, err
	}
	frame := map[string][]pair{} // trials by case
	for p := range runs {
		if len(judged) == 0 || judged[p] {
			frame[p.caseID] = append(frame[p.caseID], p)
		}
	}
	if err := j.much(len(frame), len(judged) > 0, "pairs"); err != nil {
		return Export{}, err
	}
	s := j.drawPairs(frame)
	s.runs = runs
	if len(s.items) == 0 {
		return Export{}, fmt.Errorf("%w: %d cases of release %s ran on both versions (weir replay runs them), %d of them may be drawn (judged in pairs by %s where anything is) and none was",
			ErrNothingToLabel, len(casesOf(runs)), j.Spec.Release, len(frame), j.Rubric.Name)
	}
	e, texts, err := j.showPairs(ctx, l, s)
	if err != nil {
		return Export{}, err
	}
	e.Candidates, e.Judged, e.Rate = len(frame), len(judged) > 0, j.rate(len(frame))
	return e, publish(j.Lake, "export-"+s.id, &parquet.Rows{Labels: j.pairRows(s, texts)})
}

// pairsOffered gives the set that pairs of the release were drawn in; empty for none.
func (j ExportJob) pairsOffered(ctx context.Context, files *parquet.Lake) (offered string, err error) {
	_, err = collect(ctx, files, j.Spec.App, func(x *trace.Label) error {
		if set, _, ok := drawnOf(x.LabelID); ok && x.CaseID != "" && x.Release == j.Spec.Release && x.Criterion == j.Rubric.Name {
			offered = set
		}
		return nil
	})
	return offered, err
}

// casesOfBoth gives the trials of cases that ran under both versions, with the sessions of
// control and treatment.
func (j ExportJob) casesOfBoth(ctx context.Context, l *lake.Lake) (map[pair][2]string, error) {
	all, err := l.Conversations(ctx, lake.ConversationQuery{
		App: j.Spec.App, Release: j.Spec.Release, Control: j.Spec.Stable, Treatment: j.Spec.Candidate, Unit: j.Spec.Unit.String(), Offline: true, AsOf: j.AsOf,
	})
	if err != nil {
		return nil, err
	}
	runs := map[pair][2]string{}
	for _, c := range all {
		p := pairOf(j.Spec.Release, c.CaseID, c.Trial)
		both := runs[p]
		if c.Treated {
			both[1] = c.Session
		} else {
			both[0] = c.Session
		}
		runs[p] = both
	}
	maps.DeleteFunc(runs, func(_ pair, both [2]string) bool { return both[0] == "" || both[1] == "" })
	return runs, nil
}

func casesOf(runs map[pair][2]string) map[string]bool {
	out := map[string]bool{}
	for p := range runs {
		out[p.caseID] = true
	}
	return out
}

// pairsJudged gives the pairs of the release that a judge was asked about, whatever it said.
func (j ExportJob) pairsJudged(ctx context.Context, files *parquet.Lake) (map[pair]bool, error) {
	out := map[pair]bool{}
	_, err := collect(ctx, files, j.Spec.App, func(x *trace.Judgment) error {
		if ofPair(x, j.Spec.Release) && x.Criterion == j.Rubric.Name && x.Error != trace.Pending {
			out[pairOf(j.Spec.Release, x.CaseID, x.Trial)] = true
		}
		return nil
	})
	return out, err
}

// ofPair reports whether a judgment is of a pair of a release.
func ofPair(x *trace.Judgment, release string) bool {
	return x.CaseID != "" && x.SessionID == "" && x.TraceID == "" && (x.Release == "" || x.Release == release)
}

// drawPairs decides by hashes which cases are drawn, which trial of each, and which version
// is shown first: of half of the drawn the one, of half the other.
func (j ExportJob) drawPairs(frame map[string][]pair) pairSet {
	salt := j.Spec.App + "/" + j.Spec.Release + "/label-pairs"
	rate := j.rate(len(frame))
	var drawn []pair
	for id, trials := range frame {
		if hash53(salt, id) < rate {
			drawn = append(drawn, slices.MinFunc(trials, func(a, b pair) int {
				return cmp.Compare(hash53(salt+"/trial", a.name()), hash53(salt+"/trial", b.name()))
			}))
		}
	}
	slices.SortFunc(drawn, func(a, b pair) int {
		return cmp.Compare(hash53(salt+"/order", a.name()), hash53(salt+"/order", b.name()))
	})
	s := pairSet{id: name12("pairs", j.Spec.App, j.Spec.Release, j.Rubric.Name), items: map[string]offered{}}
	for i, p := range drawn {
		order := []judge.Order{judge.ControlFirst, judge.TreatmentFirst}[i%2]
		s.items[name12("pair", j.Spec.App, j.Spec.Release, j.Rubric.Name, p.name())] = offered{subject{pair: p}, order, &rate, j.AsOf}
	}
	return s
}

// name tells a pair from others of its release.
func (p pair) name() string { return strconv.FormatInt(p.trial, 10) + "/" + p.caseID }

// showPairs makes the set that people see, and tells which of its items have texts.
func (j ExportJob) showPairs(ctx context.Context, l *lake.Lake, s pairSet) (e Export, texts map[string]bool, err error) {
	var sessions []string
	for _, o := range s.items {
		both := s.runs[o.pair]
		sessions = append(sessions, both[:]...)
	}
	said, err := l.Transcripts(ctx, j.Spec.App, sessions)
	if err != nil {
		return e, nil, err
	}
	e.Set, texts = label.Set{ID: s.id, Rubric: j.Rubric, Mode: judge.Pairwise}, map[string]bool{}
	for _, item := range slices.Sorted(maps.Keys(s.items)) {
		both := s.runs[s.items[item].pair]
		whole := true
		for arm, session := range both {
			if len(said[session]) == 0 {
				e.Silent[arm]++
				whole = false
			}
		}
		if !whole {
			e.Textless++
			continue
		}
		if s.items[item].position == judge.TreatmentFirst {
			both[0], both[1] = both[1], both[0]
		}
		texts[item] = true
		e.Set.Items = append(e.Set.Items, label.Item{ID: item, Shown: []judge.Dialogue{dialogueOf(said[both[0]]), dialogueOf(said[both[1]])}})
	}
	return e, texts, nil
}

// pairRows say what was drawn; nobody can label what has no texts.
func (j ExportJob) pairRows(s pairSet, texts map[string]bool) (rows []trace.Label) {
	for _, item := range slices.Sorted(maps.Keys(s.items)) {
		verdict := trace.Pending
		if !texts[item] {
			verdict = trace.Skipped
		}
		for _, c := range criteria(j.Rubric) {
			rows = append(rows, s.items[item].row(trace.Label{
				LabelID: drawnID(s.id, item, c), App: j.Spec.App, Criterion: c, Verdict: verdict, LabeledAt: j.AsOf,
			}))
		}
	}
	return rows
}

// pairsAgain writes out a set of pairs that was drawn before.
func (j ExportJob) pairsAgain(ctx context.Context, l *lake.Lake, items map[string]offered) (Export, error) {
	for _, o := range items {
		if o.release != j.Spec.Release {
			return Export{}, fmt.Errorf("%w: set %s is of release %s: name it with --release", ErrNothingToLabel, j.Again, o.release)
		}
	}
	runs, err := j.casesOfBoth(ctx, l)
	if err != nil {
		return Export{}, err
	}
	e, _, err := j.showPairs(ctx, l, pairSet{id: j.Again, items: items, runs: runs})
	e.Candidates = len(items)
	return e, err
}
