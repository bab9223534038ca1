package app

import (
	"context"
	"maps"
	"slices"

	"weir/collector/parquet"
	"weir/trace"
)

// Apps names the applications whose traces the lake holds, sorted.
func Apps(dir string) ([]string, error) {
	l, err := parquet.Open(dir)
	if err != nil {
		return nil, err
	}
	files, err := l.Files("traces", "")
	if err != nil {
		return nil, err
	}
	var apps []string
	for _, f := range files {
		apps = append(apps, f.App)
	}
	slices.Sort(apps)
	return slices.Compact(apps), nil
}

// Releases names the releases that the traces of an application belong to, sorted;
// rows without one are not counted.
func Releases(dir, name string) ([]string, error) {
	l, err := parquet.Open(dir)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	_, err = collect(context.Background(), l, name, func(e *trace.Exchange) error {
		if e.Release != "" {
			seen[e.Release] = true
		}
		return nil
	})
	return slices.Sorted(maps.Keys(seen)), err
}
