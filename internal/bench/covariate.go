package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// adjusted are the metrics that are adjusted by their users' past, where that is timed.
var adjusted = []string{"resolution", "errors", "tokens"}

// covariates times the analysis with three metrics adjusted by the user's past (covariate: past) against the same without,
// alternately, on a lake that has a day of v1 alone before the release.
func covariates(w io.Writer, weir, parent string, sessions, runs int) error {
	dir, err := os.MkdirTemp(parent, "weir-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	const scenario = "quota-starvation"
	lake := filepath.Join(dir, "lake")
	if _, err := run(io.Discard, weir, "simulate", "--scenario", scenario, "--seed", "1", "--sessions", fmt.Sprint(sessions), "--lake", lake); err != nil {
		return err
	}
	plain := bytes.Replace(eight, []byte("app: bench"), []byte("app: "+scenario), 1)
	specs := [2]string{filepath.Join(dir, "plain.yaml"), filepath.Join(dir, "adjusted.yaml")}
	for i, text := range [][]byte{plain, []byte(byPast(string(plain)))} {
		if err := os.WriteFile(specs[i], text, 0o644); err != nil {
			return err
		}
	}
	var times [2][]timed
	var ratios []float64
	for range runs {
		for i, spec := range specs {
			if err := os.RemoveAll(filepath.Join(lake, "_state")); err != nil {
				return err
			}
			t, err := run(io.Discard, weir, "analyze", "--lake", lake, "--spec", spec, "--format", "json")
			if err != nil {
				return err
			}
			times[i] = append(times[i], t)
		}
		last := len(times[0]) - 1
		ratios = append(ratios, times[1][last].cpu.Seconds()/times[0][last].cpu.Seconds())
	}
	for i, name := range []string{"without", "with"} {
		fmt.Fprintf(w, "%-8s covariate: past  median %.2f s, processor time %.2f s, at most %.0f MiB\n", name,
			median(times[i], func(t timed) float64 { return t.wall.Seconds() }), median(times[i], func(t timed) float64 { return t.cpu.Seconds() }),
			slices.MaxFunc(times[i], func(a, b timed) int { return int(a.memoryMB - b.memoryMB) }).memoryMB)
	}
	slices.Sort(ratios)
	fmt.Fprintf(w, "ratio of processor time %.2f, from %.2f to %.2f, for %d of 8 metrics\n", ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1], len(adjusted))
	return nil
}

// byPast adds the covariate to the metrics that are adjusted.
func byPast(spec string) string {
	lines := strings.Split(spec, "\n")
	for i, l := range lines {
		if slices.ContainsFunc(adjusted, func(name string) bool { return strings.Contains(l, "{name: "+name+",") }) {
			lines[i] = strings.TrimSuffix(l, "}") + ", covariate: past}"
		}
	}
	return strings.Join(lines, "\n")
}
