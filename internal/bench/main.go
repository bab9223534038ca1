// Command bench times the main job as a user runs it, as whole processes: the
// analysis of a simulated lake against a bare DuckDB query over the same rows,
// alternately, and the simulation that writes them. It prints the medians, the
// ratios, which are what counts on a noisy machine, and the largest memory: of one size, or of several
// one after the other, which shows growth.
//
//	go run ./internal/bench [-sessions N,N...] [-runs N] [-memory-mb N] [-weir bin/weir] [-dir DIR] [-covariate]
package main

import (
	"bytes"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed bare.sql
var bare string

//go:embed eight.yaml
var eight []byte

func main() {
	sizes := flag.String("sessions", "2800000", "sessions of the lake, or of several lakes, comma between; 2.8 million make 10 million requests and take 300 MB")
	dir := flag.String("dir", os.TempDir(), "where lakes are written, and removed again")
	runs := flag.Int("runs", 5, "runs of each command")
	weir := flag.String("weir", "bin/weir", "the program")
	memory := flag.Int("memory-mb", 0, "what queries may hold before they spill to disk, of both; 0: the program's default")
	past := flag.Bool("covariate", false, "time what covariate: past costs instead")
	flag.Parse()
	if *memory > 0 {
		if err := os.Setenv(memoryEnv, strconv.Itoa(*memory)); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
	}
	timing := bench
	if *past {
		timing = covariates
	}
	fmt.Printf("%s/%s, %d processors\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for size := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(size))
		if err != nil || n < 1 {
			fmt.Fprintf(os.Stderr, "bench: -sessions %s: %q is no number of sessions\n", *sizes, size)
			os.Exit(2)
		}
		if err := timing(os.Stdout, *weir, *dir, n, *runs); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
	}
}

// A timed is one process: how long it took and the most memory it held.
type timed struct {
	wall, cpu time.Duration
	memoryMB  float64
}

func bench(w io.Writer, weir, parent string, sessions, runs int) error {
	dir, err := os.MkdirTemp(parent, "weir-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	lake, spec := filepath.Join(dir, "lake"), filepath.Join(dir, "eight.yaml")
	if err := os.WriteFile(spec, eight, 0o644); err != nil {
		return err
	}
	written, err := run(io.Discard, weir, "simulate", "--scenario", "bench", "--seed", "1", "--sessions", fmt.Sprint(sessions), "--lake", lake)
	if err != nil {
		return err
	}
	var count bytes.Buffer
	if _, err := run(&count, weir, "query", "--lake", lake, "--format", "csv", "SELECT count(*) AS n FROM traces"); err != nil {
		return err
	}
	var rows float64
	if _, err := fmt.Sscanf(count.String(), "n\n%f", &rows); err != nil {
		return fmt.Errorf("counting rows: %w", err)
	}
	fmt.Fprintf(w, "simulate  %.1f million request rows in %.1f s: %.0f rows a second\n", rows/1e6, written.wall.Seconds(), rows/written.wall.Seconds())
	return compare(w, weir, lake, spec, runs)
}

// compare runs the bare query and the analysis alternately.
func compare(w io.Writer, weir, lake, spec string, runs int) error {
	var query, analysis, report []timed
	for range runs {
		q, err := run(io.Discard, weir, "query", "--lake", lake, "--", bare)
		if err != nil {
			return err
		}
		if err := os.RemoveAll(filepath.Join(lake, "_state")); err != nil { // so that thresholds are frozen anew each time
			return err
		}
		a, err := run(io.Discard, weir, "analyze", "--lake", lake, "--spec", spec, "--format", "json")
		if err != nil {
			return err
		}
		r, err := run(io.Discard, weir, "report", "--lake", lake, "--spec", spec, "--output", filepath.Join(filepath.Dir(spec), page))
		if err != nil {
			return err
		}
		query, analysis, report = append(query, q), append(analysis, a), append(report, r)
	}
	var ratios []float64
	for i := range query {
		ratios = append(ratios, analysis[i].wall.Seconds()/query[i].wall.Seconds())
	}
	for _, x := range []struct {
		name string
		runs []timed
	}{{"bare query", query}, {"analyze", analysis}, {"report", report}} {
		fmt.Fprintf(w, "%-10s median %.2f s, processor time %.2f s, at most %.0f MiB\n", x.name,
			median(x.runs, func(t timed) float64 { return t.wall.Seconds() }),
			median(x.runs, func(t timed) float64 { return t.cpu.Seconds() }),
			slices.MaxFunc(x.runs, func(a, b timed) int { return int(a.memoryMB - b.memoryMB) }).memoryMB)
	}
	slices.Sort(ratios)
	fmt.Fprintf(w, "ratio      median %.2f, from %.2f to %.2f\n", ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
	cpu := func(t timed) float64 { return t.cpu.Seconds() }
	fmt.Fprintf(w, "           %.2f in processor time, from %s\n", median(analysis, cpu)/median(query, cpu), pairs(analysis, query, cpu))
	wall := func(t timed) float64 { return t.wall.Seconds() }
	fmt.Fprintf(w, "the report takes %.2f s more than the analysis\n", median(report, wall)-median(analysis, wall))
	return openPage(w, filepath.Join(filepath.Dir(spec), page), runs)
}

// memoryEnv bounds the memory of every query of the program.
const memoryEnv = "WEIR_QUERY_MEMORY_MB"

// page is the report's file.
const page = "report.html"

// openPage times a browser that loads the report, less one that loads an empty page; nothing
// where there is no browser.
func openPage(w io.Writer, path string, runs int) error {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		fmt.Fprintln(w, "no chromium is here to open the report with")
		return nil
	}
	load := func(url string) (timed, error) {
		profile, err := os.MkdirTemp("", "weir-bench-profile-")
		if err != nil {
			return timed{}, err
		}
		defer os.RemoveAll(profile)
		return run(io.Discard, browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir="+profile, "--dump-dom", url)
	}
	var loaded, empty []timed
	for range runs {
		a, err := load("file://" + path)
		if err != nil {
			return err
		}
		b, err := load("about:blank")
		if err != nil {
			return err
		}
		loaded, empty = append(loaded, a), append(empty, b)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	wall := func(t timed) float64 { return t.wall.Seconds() }
	fmt.Fprintf(w, "its %.0f kB open in %.2f s more than an empty page\n", float64(info.Size())/1000, median(loaded, wall)-median(empty, wall))
	return nil
}

// pairs says between what the ratio of runs that took turns lies.
func pairs(a, b []timed, of func(timed) float64) string {
	var ratios []float64
	for i := range a {
		ratios = append(ratios, of(a[i])/of(b[i]))
	}
	return fmt.Sprintf("%.2f to %.2f", slices.Min(ratios), slices.Max(ratios))
}

func median(runs []timed, of func(timed) float64) float64 {
	var x []float64
	for _, r := range runs {
		x = append(x, of(r))
	}
	slices.Sort(x)
	return x[len(x)/2]
}

// run executes one process and measures it.
func run(stdout io.Writer, program string, args ...string) (timed, error) {
	cmd := exec.Command(program, args...)
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = stdout, &stderr
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return timed{}, fmt.Errorf("%s %s: %w\n%s", program, args[0], err, stderr.String())
	}
	t := timed{wall: time.Since(began), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		t.memoryMB = float64(usage.Maxrss) / 1024 // kibibytes on Linux
	}
	return t, nil
}
