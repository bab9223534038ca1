package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"weir/collector/importer"
	"weir/internal/sim"
)

// source is a CSV file of requests with the columns id, v and ms.
func source(t *testing.T, rows string) importer.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log.csv")
	if err := os.WriteFile(path, []byte("id,v,r,ms\n"+rows), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := importer.ParseMapping("csv", "map.yaml", []byte("columns: {trace_id: id, assigned_version: v, release: r, latency_ms: {from: ms, unit: ms}}"))
	if err != nil {
		t.Fatal(err)
	}
	return importer.Source{Format: "csv", Mapping: m, Files: []string{path}, App: "bot"}
}

// content lists the files of a lake that readers look at, with their sizes.
func content(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".parquet" {
			return err
		}
		text, err := os.ReadFile(path)
		out = append(out, path+string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What an import adds is there once; what stops, adds nothing.
func TestImport(t *testing.T) {
	dir, ctx := filepath.Join(t.TempDir(), "lake"), context.Background()
	report, err := Import(ctx, dir, source(t, "1,v1,r1,10\n2,v2,r2,20\n"), importer.Options{})
	if err != nil || report.Added["traces"] != 2 {
		t.Fatalf("added %v, %v", report.Added, err)
	}
	before := content(t, dir)

	again, err := Import(ctx, dir, source(t, "2,v2,r2,20\n1,v1,r1,10\n"), importer.Options{})
	if err != nil || len(again.Added) != 0 || again.Known["traces"] != 2 {
		t.Errorf("the same rows again add %v, %v", again.Added, err)
	}
	var bad *importer.RowError
	if _, err := Import(ctx, dir, source(t, "3,v1,r1,30\n4,v2,r1,forty\n"), importer.Options{}); !errors.As(err, &bad) {
		t.Errorf("a bad row gives %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Import(cancelled, dir, source(t, "5,v1,r1,50\n"), importer.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted import gives %v", err)
	}
	if after := content(t, dir); !slices.Equal(after, before) {
		t.Errorf("the lake held %d files and holds %d, or other ones", len(before), len(after))
	}

	more, err := Import(ctx, dir, source(t, "6,v1,r1,60\n"), importer.Options{})
	if err != nil || more.Added["traces"] != 1 {
		t.Errorf("added %v, %v", more.Added, err)
	}
	if after := content(t, dir); len(after) != len(before)+1 {
		t.Errorf("one row more makes %d files of %d", len(after), len(before))
	}
}

// An import stopped by its context half-way leaves nothing.
func TestImportInterrupted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	var rows []byte
	for i := range 20_000 {
		rows = fmt.Appendf(rows, "r%d,v1,r1,10\n", i)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := importer.Options{Progress: func(p importer.Progress) {
		if p.Rows > 8000 {
			cancel()
		}
	}}
	if _, err := Import(ctx, dir, source(t, string(rows)), o); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted import gives %v", err)
	}
	if left := content(t, dir); len(left) != 0 {
		t.Errorf("%d files are left", len(left))
	}
}

// Apps and releases are those that rows name.
func TestHoldings(t *testing.T) {
	dir, ctx := filepath.Join(t.TempDir(), "lake"), context.Background()
	if apps, err := Apps(dir); err != nil || len(apps) != 0 {
		t.Errorf("an empty lake has apps %v, %v", apps, err)
	}
	if _, err := Import(ctx, dir, source(t, "1,v1,r2,10\n2,v2,r1,20\n3,v2,r1,20\n4,v2,,20\n"), importer.Options{}); err != nil {
		t.Fatal(err)
	}
	other := source(t, "1,v1,,10\n")
	other.App = "another"
	if _, err := Import(ctx, dir, other, importer.Options{}); err != nil {
		t.Fatal(err)
	}
	if apps, err := Apps(dir); err != nil || !slices.Equal(apps, []string{"another", "bot"}) {
		t.Errorf("apps are %v, %v", apps, err)
	}
	if releases, err := Releases(dir, "bot"); err != nil || !slices.Equal(releases, []string{"r1", "r2"}) {
		t.Errorf("releases are %v, %v", releases, err)
	}
	if releases, err := Releases(dir, "another"); err != nil || len(releases) != 0 {
		t.Errorf("releases are %v, %v", releases, err)
	}
}

// The same scenario, seed and size again replace what they wrote; another seed adds.
func TestSimulateAgain(t *testing.T) {
	s, err := sim.Named("equal")
	if err != nil {
		t.Fatal(err)
	}
	dir, ctx := filepath.Join(t.TempDir(), "lake"), context.Background()
	write := func(seed uint64) []string {
		if err := Simulate(ctx, dir, s, seed, 50, nil); err != nil {
			t.Fatal(err)
		}
		return content(t, dir)
	}
	first, again, other := write(1), write(1), write(2)
	if !slices.Equal(first, again) {
		t.Error("the same seed writes other files")
	}
	if len(other) <= len(first) {
		t.Errorf("another seed makes %d files of %d", len(other), len(first))
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := Simulate(cancelled, dir, s, 3, 50, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted it gives %v", err)
	}
	if left := content(t, dir); !slices.Equal(left, other) {
		t.Error("interrupted it leaves something")
	}
}
