// Command live times the proxy with durable logging on, against the same
// upstream without it, and against nginx where that is installed. Upstream,
// router and load are processes of their own on one machine. It prints one
// table of what is asked and what was measured:
//
//   - latency added to a small request, at a fixed rate that does not wait for
//     answers (open loop);
//   - time added to the first token of a stream;
//   - what a version that is ill does to the requests of the other, illness by
//     illness, compared with the same load on one that is well, and with what
//     it does behind a bare httputil.ReverseProxy and without a proxy;
//   - processor time a request, beside nginx's;
//   - memory under many concurrent streams;
//   - size and start of bin/weir-router, where it is built.
//
// What is compared takes turns, so that what else the machine does falls on
// both, and ratios are formed turn by turn.
//
//	go run ./internal/bench/live [-rate N] [-length D] [-rounds N] [-requests N] [-streams N] [-only NAMES] [-ills NAMES] [-equal]
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// settings are how much is measured.
type settings struct {
	rate, rounds, requests, streams int
	length                          time.Duration
	only, ills                      string
	equal                           bool
}

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		if err := play(role); err != nil {
			fmt.Fprintln(os.Stderr, role+":", err)
			os.Exit(1)
		}
		return
	}
	var s settings
	flag.IntVar(&s.rate, "rate", 1000, "requests a second, open loop")
	flag.DurationVar(&s.length, "length", 5*time.Second, "of one run")
	flag.IntVar(&s.rounds, "rounds", 5, "runs each way")
	flag.IntVar(&s.requests, "requests", 45_000, "requests of the comparison with nginx")
	flag.IntVar(&s.streams, "streams", 5_000, "concurrent streams")
	flag.StringVar(&s.only, "only", "", "measure only these: latency, token, isolation, cpu, memory, binary")
	flag.StringVar(&s.ills, "ills", "", "of isolation measure only these: "+strings.Join(names(), ", "))
	flag.BoolVar(&s.equal, "equal", false, "let v2's application and callers compete with the others for the processors")
	flag.Parse()
	if s.equal {
		_ = os.Setenv(equalVariable, "1")
	}
	if err := bench(os.Stdout, s); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A line is one of the table.
type line struct{ what, asked, measured, detail string }

// A trial is one thing that is measured.
type trial struct {
	name string
	run  func(settings, *stage) ([]line, error)
}

var trials = []trial{
	{"latency", latency}, {"token", firstToken}, {"isolation", isolation},
	{"cpu", processorTime}, {"memory", memory}, {"binary", startUp},
}

// A stage is the processes that trials share.
type stage struct{ upstream, second, router *process }

func bench(w io.Writer, s settings) error {
	var on stage
	var err error
	if on.upstream, err = start("upstream"); err != nil {
		return err
	}
	defer on.upstream.stop()
	if on.second, err = start("second"); err != nil {
		return err
	}
	defer on.second.stop()
	if on.router, err = start("router", on.upstream.url, on.second.url); err != nil {
		return err
	}
	defer on.router.stop()
	fmt.Fprintf(w, "%s/%s, %d processors, load before %s; journal synced every 50 ms; content captured\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), loadAverage())
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer func() { _ = table.Flush() }()
	fmt.Fprintln(table, "what\tasked\tmeasured\t")
	for _, t := range trials {
		if s.only != "" && !slices.Contains(strings.Split(s.only, ","), t.name) {
			continue
		}
		lines, err := t.run(s, &on)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		for _, l := range lines {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", l.what, l.asked, l.measured, l.detail)
		}
	}
	return nil
}

// loadAverage is what the machine did in the last minute (proc(5)).
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	if err != nil || first == "" {
		return "unknown"
	}
	return first
}
