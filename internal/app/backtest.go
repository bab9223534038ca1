package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"weir/analyze"
	"weir/internal/atomicfile"
	"weir/internal/sim"
	"weir/rollout"
	"weir/rollout/backtest"
)

// Backtest lets the rule look at a past release every so many hours, and confirms the look that would have
// ended it by an analysis of the lake as of then. truth, where it is not empty, is a file that Simulate's
// truth was written to.
func Backtest(ctx context.Context, j Job, every int, truth string, progress func(done, of int)) (backtest.Result, error) {
	if j.AsOf.IsZero() {
		j.AsOf = time.Now().UTC()
	}
	effects, err := readTruth(truth)
	if err != nil {
		return backtest.Result{}, err
	}
	s, err := openState(j)
	if err != nil {
		return backtest.Result{}, err
	}
	files, err := inputs(j)
	if err != nil {
		return backtest.Result{}, err
	}
	d, err := reduce(ctx, j, files, s)
	if err != nil {
		return backtest.Result{}, err
	}
	r, err := backtest.Run(ctx, d, rollout.Policy{NonInferiorGoals: policy(j, 0).NonInferiorGoals}, every, progress)
	if err != nil {
		return r, err
	}
	for i, m := range r.Metrics {
		if t, ok := effects[m.Name]; ok {
			r.Metrics[i].Truth = &t
		}
	}
	if r.End == nil {
		return r, nil
	}
	j.AsOf = r.End.At
	then, err := reduce(ctx, j, files, stateOf(d))
	if err != nil {
		return r, fmt.Errorf("reading the lake as of %s: %w", r.End.At.Format(time.RFC3339), err)
	}
	r.Confirmed = conclude(then, rollout.Policy{NonInferiorGoals: policy(j, 0).NonInferiorGoals}).Decision.Verdict.String()
	return r, nil
}

// truthSchema names the layout of a simulated lake's truth.
const truthSchema = "weir.truth/1"

// A simulatedTruth is what is true of a simulated lake.
type simulatedTruth struct {
	Schema   string            `json:"schema"`
	Scenario string            `json:"scenario"`
	Verdicts []string          `json:"verdicts"`
	Effects  []simulatedEffect `json:"effects"`
}

type simulatedEffect struct {
	Metric    string         `json:"metric"`
	Control   analyze.Number `json:"control"`
	Treatment analyze.Number `json:"treatment"`
	backtest.Truth
}

// WriteTruth writes what is true of a scenario.
func WriteTruth(path string, s sim.Scenario) error {
	t := s.Truth()
	out := simulatedTruth{Schema: truthSchema, Scenario: s.Name, Verdicts: t.Verdicts}
	for _, e := range t.Effects {
		out.Effects = append(out.Effects, simulatedEffect{
			Metric: e.Metric, Control: analyze.Number(e.Control), Treatment: analyze.Number(e.Treatment),
			Truth: backtest.Truth{Absolute: analyze.Number(e.Absolute), Overlap: analyze.Number(e.Overlap), Relative: analyze.Number(e.Relative)},
		})
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, append(raw, '\n'), 0o644)
}

// readTruth reads true effects by metric; none where path is empty.
func readTruth(path string) (map[string]backtest.Truth, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such file of truth; weir simulate writes truth.json", path)
	}
	if err != nil {
		return nil, err
	}
	var t simulatedTruth
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if t.Schema != truthSchema {
		return nil, fmt.Errorf("%s: its schema is %q; this Weir reads %q", path, t.Schema, truthSchema)
	}
	out := map[string]backtest.Truth{}
	for _, e := range t.Effects {
		out[e.Metric] = e.Truth
	}
	return out, nil
}
