package app

import (
	"context"
	"errors"
	"time"

	"weir/analyze"
	"weir/analyze/draw"
	"weir/analyze/lake"
	"weir/rollout"
	"weir/rollout/aa"
)

// readUnits reads a release's units one by one, with the data that an analysis
// of it reads, thresholds frozen as looks before have them.
func readUnits(ctx context.Context, j Job) (analyze.Data, draw.Units, error) {
	if j.AsOf.IsZero() {
		j.AsOf = time.Now().UTC()
	}
	s, err := openState(j)
	if err != nil {
		return analyze.Data{}, draw.Units{}, err
	}
	l, err := OpenLake(ctx, j.Lake, lake.Options{MemoryMB: j.MemoryMB, Threads: j.Threads})
	if err != nil {
		return analyze.Data{}, draw.Units{}, err
	}
	q := query(j)
	q.Frozen = s.frozen(j.Spec)
	d, u, err := l.Units(ctx, q)
	if err := errors.Join(err, l.Close()); err != nil {
		return analyze.Data{}, draw.Units{}, err
	}
	return dropAbsent(j, d, u)
}

// dropAbsent leaves out default metrics that the lake has nothing for.
func dropAbsent(j Job, d analyze.Data, u draw.Units) (analyze.Data, draw.Units, error) {
	if j.Spec.MetricsDeclared {
		return d, u, nil
	}
	kept := draw.Units{Stratum: u.Stratum, Hour: u.Hour, Treated: u.Treated}
	var metrics []analyze.MetricData
	for i, m := range d.Metrics {
		if m.Absent != "" {
			continue
		}
		metrics = append(metrics, m)
		for a := range u.Vectors {
			kept.Vectors[a] = append(kept.Vectors[a], u.Vectors[a][i])
		}
	}
	d.Metrics = metrics
	return d, kept, nil
}

// AA draws the arms of the job's release anew, so many times.
func AA(ctx context.Context, j Job, runs int, seed uint64, done func(int)) (aa.Result, error) {
	d, u, err := readUnits(ctx, j)
	if err != nil {
		return aa.Result{}, err
	}
	if len(d.Metrics) == 0 {
		return aa.Result{}, errors.New("the lake has nothing for any metric of the spec")
	}
	return aa.Run(ctx, d, u, rollout.Policy{NonInferiorGoals: policy(j, 0).NonInferiorGoals}, runs, seed, done)
}
