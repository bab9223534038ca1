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

// latency compares small requests at a fixed rate, and says what other proxies
// add to them.
func latency(s settings, on *stage) ([]line, error) {
	others, missing, err := startOthers(on)
	if err != nil {
		return nil, err
	}
	defer others.stop()
	ask := func(p *process) func() sample {
		return func() sample { return openLoop(s.rate, s.length, p.ask) }
	}
	runs := []func() sample{ask(on.upstream), ask(on.router)}
	for _, p := range others {
		runs = append(runs, ask(p))
	}
	samples, err := turns(s.rounds, runs...)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("latency added at %d requests/s", s.rate)
	lines := []line{
		added(what+", p50", .5, 300*time.Microsecond, samples[0], samples[1]),
		added(what+", p99", .99, 1500*time.Microsecond, samples[0], samples[1]),
	}
	for i, p := range others {
		lines[0].detail += "; " + p.role + " " + milliseconds(median(differences(.5, samples[0], samples[i+2])))
		lines[1].detail += "; " + p.role + " " + milliseconds(median(differences(.99, samples[0], samples[i+2])))
	}
	if missing != nil {
		lines[0].detail += "; nginx left out: " + missing.Error()
	}
	return lines, nil
}

// firstToken compares the first event of streams.
func firstToken(s settings, on *stage) ([]line, error) {
	rate := max(s.rate/10, 1)
	ask := func(p *process) func() sample {
		return func() sample { return openLoop(rate, s.length, p.stream) }
	}
	samples, err := turns(s.rounds, ask(on.upstream), ask(on.router))
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("first token added at %d streams/s", rate)
	return []line{added(what+", p50", .5, 0, samples[0], samples[1]), added(what+", p99", .99, 1500*time.Microsecond, samples[0], samples[1])}, nil
}

// turns runs things one after the other, again and again, and returns the
// samples of each.
func turns(rounds int, runs ...func() sample) ([][]sample, error) {
	samples := make([][]sample, len(runs))
	for range rounds {
		for i, run := range runs {
			one := run()
			if one.err != nil {
				return nil, one.err
			}
			samples[i] = append(samples[i], one)
		}
	}
	return samples, nil
}

// added is a line of a quantile: the median over the turns of the difference.
func added(what string, q float64, asked time.Duration, direct, through []sample) line {
	base, requests := make([]float64, len(direct)), 0
	for i := range direct {
		base[i] = float64(direct[i].at(q))
		requests += len(through[i].times)
	}
	l := line{what: what, asked: "-", measured: milliseconds(median(differences(q, direct, through))), detail: fmt.Sprintf("direct %s; %d requests", milliseconds(median(base)), requests)}
	if asked > 0 {
		l.asked = "≤ " + milliseconds(float64(asked))
	}
	return l
}

// differences are those of a quantile, turn by turn, in nanoseconds.
func differences(q float64, direct, through []sample) []float64 {
	all := make([]float64, len(direct))
	for i := range direct {
		all[i] = float64(through[i].at(q) - direct[i].at(q))
	}
	return all
}

func milliseconds(nanoseconds float64) string { return fmt.Sprintf("%.2f ms", nanoseconds/1e6) }

// others are the proxies to compare with: a bare httputil.ReverseProxy, and
// nginx where it is installed.
type others []*process

// startOthers starts them in front of the upstream; missing says why nginx is not
// among them.
func startOthers(on *stage) (all others, missing, err error) {
	bare, err := start("bare", on.upstream.url, on.second.url)
	if err != nil {
		return nil, nil, err
	}
	nginx, missing := startNginx(on.upstream.url)
	if missing != nil {
		return others{bare}, missing, nil
	}
	return others{bare, nginx}, nil, nil
}

func (o others) stop() {
	for _, p := range o {
		p.stop()
	}
}

// processorTime compares the proxy with the others.
func processorTime(s settings, on *stage) ([]line, error) {
	others, missing, err := startOthers(on)
	if err != nil {
		return nil, err
	}
	defer others.stop()
	all := append([]*process{on.router}, others...)
	const turns = 9
	costs := make([][]float64, len(all)) // of each, in microseconds a request, a turn
	for turn := range turns + 1 {
		for i, p := range all {
			c, err := cost(p, max(s.requests/turns, 1))
			if err != nil {
				return nil, err
			}
			if turn > 0 { // the first warms up
				costs[i] = append(costs[i], c)
			}
		}
	}
	const what = "processor time a request, as a multiple of "
	micro := func(us []float64) string { return fmt.Sprintf("%.0f µs", median(us)) }
	lines := []line{{what + "a bare httputil.ReverseProxy's", "-", fmt.Sprintf("%.2f", median(ratios(costs[0], costs[1]))), micro(costs[0]) + " / " + micro(costs[1])}}
	if missing != nil {
		return append(lines, line{what + "nginx's", "≤ 4", "left out", missing.Error()}), nil
	}
	return append(lines, line{what + "nginx's", "≤ 4, aim 2", fmt.Sprintf("%.1f", median(ratios(costs[0], costs[2]))),
		fmt.Sprintf("%s / %s; bare %.1f", micro(costs[0]), micro(costs[2]), median(ratios(costs[1], costs[2])))}), nil
}

// cost is the processor time of a process for one request, in microseconds.
func cost(p *process, requests int) (float64, error) {
	before, err := p.processorTime()
	if err != nil {
		return 0, err
	}
	if err := closedLoop(requests, p.ask); err != nil {
		return 0, err
	}
	after, err := p.processorTime()
	return float64(after-before) / float64(requests) / float64(time.Microsecond), err
}

// memory holds many streams open at once, in a router that has done nothing
// else.
func memory(s settings, on *stage) ([]line, error) {
	router, err := start("router", on.upstream.url, on.second.url)
	if err != nil {
		return nil, err
	}
	defer router.stop()
	if err := together(s.streams, router.longStream); err != nil {
		return nil, err
	}
	peak, err := router.peakMiB()
	if err != nil {
		return nil, err
	}
	used, err := on.router.peakMiB()
	return []line{{fmt.Sprintf("memory at its peak, %d concurrent streams", s.streams), "≤ 400 MiB", fmt.Sprintf("%d MiB", peak),
		fmt.Sprintf("the router of the other trials %d MiB", used)}}, err
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
