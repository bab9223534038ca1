package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/internal/app"
	"weir/internal/sim"
	"weir/rollout/spec"
)

// rows is the way from rows to a verdict: a lake of every scenario, analysed once all is mature.
func rows(seeds int) (section, error) {
	s := section{title: "From rows to a verdict", about: "Whole lakes, read by SQL: every scenario of `weir simulate`. A verdict that is forbidden may come in at most 5 % of all seeds; here none may."}
	dir, err := os.MkdirTemp("", "weir-validate")
	if err != nil {
		return s, err
	}
	defer os.RemoveAll(dir)
	for _, scenario := range sim.Scenarios() {
		truth := scenario.Truth()
		if len(truth.Verdicts) == 0 {
			continue
		}
		right, said := 0, []string{}
		for seed := range uint64(seeds) {
			v, err := verdictOf(filepath.Join(dir, fmt.Sprintf("%s-%d", scenario.Name, seed)), scenario, seed+1)
			if err != nil {
				return s, fmt.Errorf("%s, seed %d: %w", scenario.Name, seed+1, err)
			}
			if slices.Contains(truth.Verdicts, v) {
				right++
			}
			if !slices.Contains(said, v) {
				said = append(said, v)
			}
		}
		f := share("Weir", fmt.Sprintf("`%s`: %s", scenario.Name, strings.Join(said, ", ")), right, seeds, 1, 1, strings.Join(truth.Verdicts, " or "))
		f.stdErr = 0
		s.add(f)
	}
	return s, nil
}

func verdictOf(dir string, s sim.Scenario, seed uint64) (string, error) {
	ctx := context.Background()
	defer os.RemoveAll(dir)
	if err := app.Simulate(ctx, dir, s, seed, 0, nil); err != nil {
		return "", err
	}
	plan, err := spec.Parse("weir.yaml", []byte(sim.Spec(s)))
	if err != nil {
		return "", err
	}
	_, end := s.Window()
	r, err := app.Analyze(ctx, app.Job{Lake: dir, Spec: plan, AsOf: end.Add(96 * time.Hour), MemoryMB: 1200, Threads: 1})
	if err != nil {
		return "", err
	}
	return r.Analysis.Decision.Verdict.String(), nil
}
