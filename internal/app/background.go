package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"weir/analyze/lake"
	"weir/reports"
	"weir/rollout"
	"weir/rollout/backtest"
)

// Beside says how much a report shows beside the record.
type Beside struct {
	Dialogues int  // of each version
	Bare      bool // dialogues without their texts
}

// Background reads what a report shows beside the record: how the effects came about,
// how durations are spread, what the judge did, and dialogues.
func Background(ctx context.Context, j Job, r rollout.Record, b Beside) (reports.Background, error) {
	out := reports.Background{Lake: j.Lake}
	var err error
	if out.History, err = looksBack(ctx, r); err != nil {
		return out, err
	}
	l, err := OpenLake(ctx, j.Lake, lake.Options{MemoryMB: j.MemoryMB, Threads: j.Threads})
	if err != nil {
		return out, err
	}
	return out, errors.Join(readBeside(ctx, l, j, b, &out), l.Close())
}

// readBeside reads the lake's part.
func readBeside(ctx context.Context, l *lake.Lake, j Job, b Beside, out *reports.Background) error {
	q := query(j)
	spreads, err := l.Spreads(ctx, q)
	if err != nil {
		return err
	}
	out.Spreads = shownSpreads(spreads)
	figures, err := l.JudgeFigures(ctx, q)
	if err != nil {
		return err
	}
	if out.Judge, err = shownJudge(j, figures); err != nil {
		return err
	}
	if b.Dialogues == 0 {
		return nil
	}
	drawn, err := l.Dialogues(ctx, lake.Filter{
		App: j.Spec.App, Release: j.Spec.Release, Versions: []string{j.Spec.Stable, j.Spec.Candidate}, Count: b.Dialogues,
	})
	out.Dialogues = shownAll(drawn, b.Bare)
	return err
}

// looksShown is about how many looks a report shows of a release.
const looksShown = 60

// looksBack lets the rule look at the release's moments again, some sixty times; none where
// there is only one look.
func looksBack(ctx context.Context, r rollout.Record) (*backtest.Result, error) {
	arrived := r.Data.Arrived
	if len(arrived) == 0 || r.Policy.Explored != "" {
		return nil, nil
	}
	hours := arrived[len(arrived)-1].Hour - arrived[0].Hour + 1
	h, err := backtest.Run(ctx, r.Data, r.Policy, max(1, int(hours/looksShown)), nil)
	switch {
	case errors.Is(err, backtest.ErrOneLook), errors.Is(err, backtest.ErrFixed):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &h, nil
}

func shownSpreads(s lake.Spreads) []reports.Spread {
	var out []reports.Spread
	for _, x := range []struct {
		name string
		arms [2]lake.Spread
	}{{"latency_ms", s.Latency}, {"ttft_ms", s.TTFT}} {
		shown := reports.Spread{Column: x.name}
		for a, arm := range x.arms {
			shown.Arms[a].Rows = arm.Rows
			for _, p := range arm.Steps {
				shown.Arms[a].Steps = append(shown.Arms[a].Steps, reports.Step(p))
			}
		}
		if shown.Arms[0].Rows+shown.Arms[1].Rows > 0 {
			out = append(out, shown)
		}
	}
	return out
}

// shownJudge joins the lake's figures with what the last run left; nil where nothing was judged.
func shownJudge(j Job, figures []lake.JudgeFigure) (*reports.Judge, error) {
	if len(figures) == 0 {
		return nil, nil
	}
	out := &reports.Judge{}
	for _, f := range figures {
		out.Figures = append(out.Figures, reports.JudgeFigure{
			Criterion: f.Criterion, Model: f.Model, Hash: f.Hash, Treated: f.Treated, Judged: f.Judged, Missing: f.Missing,
			Mean: optional(f.Mean), Labelled: f.Labelled, Tokens: f.Tokens, CostUSD: optional(f.CostUSD), First: f.First, Last: f.Last,
		})
	}
	dir := j.State
	if dir == "" {
		dir = filepath.Join(j.Lake, "_state")
	}
	dir = filepath.Join(dir, "judge", j.Spec.App, j.Spec.Release)
	var err error
	if out.Drifts, err = shownDrifts(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "last.json")
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return out, nil
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(raw, &out.LastRun); err != nil {
		return nil, fmt.Errorf("%s: what the judge's last run left: %w; remove it, the next run writes it anew", path, err)
	}
	return out, nil
}
