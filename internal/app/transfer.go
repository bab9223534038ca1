package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"weir/collector/importer"
	"weir/collector/parquet"
	"weir/internal/sim"
	"weir/rollout/spec"
	"weir/trace"
)

// Import brings a source into the lake: all of it, or, after an error, nothing. Rows that the
// lake holds already add nothing.
func Import(ctx context.Context, dir string, s importer.Source, o importer.Options) (importer.Report, error) {
	l, err := parquet.Open(dir)
	if err != nil {
		return importer.Report{}, err
	}
	known, held, err := index(ctx, l, s.App)
	if err != nil {
		return importer.Report{}, err
	}
	o.Known = known.Known
	batch, err := l.Begin(importName(s, held))
	if err != nil {
		return importer.Report{}, err
	}
	report, err := importer.Run(ctx, s, o, batch)
	if err != nil || total(report.Added) == 0 {
		return report, errors.Join(err, batch.Abort())
	}
	return report, batch.Commit()
}

func total(byTable map[string]int64) (n int64) {
	for _, added := range byTable {
		n += added
	}
	return n
}

// importName names an import by its source and by how many rows the lake held
// before it, so that no earlier import's files are replaced.
func importName(s importer.Source, held int64) string {
	h := sha256.New()
	for _, f := range append([]string{s.Format, s.App, s.Release}, s.Files...) {
		fmt.Fprintf(h, "%d:%s", len(f), f)
	}
	return fmt.Sprintf("import-%s-%d", hex.EncodeToString(h.Sum(nil))[:12], held)
}

// index remembers what the lake holds of an app, and counts it.
func index(ctx context.Context, l *parquet.Lake, name string) (*importer.Index, int64, error) {
	x := &importer.Index{}
	var held int64
	for _, add := range []func() (int64, error){
		func() (int64, error) { return collect(ctx, l, name, x.Exchange) },
		func() (int64, error) {
			return collect(ctx, l, name, func(c *trace.Content) error { return x.Content("", c) })
		},
		func() (int64, error) { return collect(ctx, l, name, x.Outcome) },
		func() (int64, error) { return collect(ctx, l, name, x.Judgment) },
		func() (int64, error) { return collect(ctx, l, name, x.Label) },
		func() (int64, error) { return collect(ctx, l, name, x.Loss) },
	} {
		n, err := add()
		if err != nil {
			return nil, 0, err
		}
		held += n
	}
	return x, held, nil
}

// collect gives every row of a table and app to add, and counts them.
func collect[T parquet.Row](ctx context.Context, l *parquet.Lake, name string, add func(*T) error) (n int64, err error) {
	for row, err := range parquet.ReadAll[T](ctx, l, name) {
		if err != nil {
			return n, err
		}
		if err := add(&row); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Simulate writes a scenario's traffic into the lake. The same scenario, seed, size and
// release again replace what they wrote before.
func Simulate(ctx context.Context, dir string, s sim.Scenario, seed uint64, size sim.Size, progress func(rows int64)) error {
	l, err := parquet.Open(dir)
	if err != nil {
		return err
	}
	plan, err := spec.Parse(s.Name+" (simulated)", []byte(sim.Spec(s)))
	if err != nil {
		return err
	}
	s.PromiseHash = plan.Promise()
	batch, err := l.Begin(fmt.Sprintf("sim-%s-%s-%d", s.App, s.Release, seed))
	if err != nil {
		return err
	}
	if err := sim.Run(ctx, s, seed, size, batch, progress); err != nil {
		return errors.Join(err, batch.Abort())
	}
	return batch.Commit()
}
