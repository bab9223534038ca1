// Command live times the proxy with durable logging on, against the same
// upstream without it, and against nginx where that is installed. Upstream,
// router and load are processes of their own on one machine. It prints what
// was measured beside what is aimed at:
//
//   - latency added to a small request, at a fixed rate that does not wait for
//     answers (open loop);
//   - time added to the first token of a stream;
//   - what a version that is ill does to the requests of the other;
//   - processor time a request, beside nginx's;
//   - memory under many concurrent streams.
//
// Direct and proxied runs alternate, so that what else the machine does falls
// on both.
//
//	go run ./internal/bench/live [-rate N] [-seconds N] [-rounds N] [-requests N] [-streams N]
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// settings are how much is measured.
type settings struct {
	rate, rounds, requests, streams int
	length                          time.Duration
	only                            string
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
	flag.IntVar(&s.rounds, "rounds", 3, "runs each way")
	flag.IntVar(&s.requests, "requests", 30_000, "requests of the comparison with nginx")
	flag.IntVar(&s.streams, "streams", 5_000, "concurrent streams")
	flag.StringVar(&s.only, "only", "", "measure only these: latency, token, isolation, cpu, memory")
	flag.Parse()
	if err := bench(os.Stdout, s); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(w io.Writer, s settings) error {
	upstream, err := start("upstream")
	if err != nil {
		return err
	}
	defer upstream.stop()
	ill, err := start("ill")
	if err != nil {
		return err
	}
	defer ill.stop()
	router, err := start("router", upstream.url, ill.url)
	if err != nil {
		return err
	}
	defer router.stop()
	fmt.Fprintf(w, "%s/%s, %d processors; journal synced every 50 ms; content captured\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for i, measure := range []func(io.Writer, settings, *process, *process) error{latency, firstToken, isolation, processorTime, memory} {
		if s.only != "" && !strings.Contains(s.only, []string{"latency", "token", "isolation", "cpu", "memory"}[i]) {
			continue
		}
		if err := measure(w, s, upstream, router); err != nil {
			return err
		}
	}
	return nil
}

// latency compares small requests at a fixed rate.
func latency(w io.Writer, s settings, upstream, router *process) error {
	var direct, through sample
	for range s.rounds {
		direct.add(openLoop(s.rate, s.length, upstream.ask))
		through.add(openLoop(s.rate, s.length, router.ask))
	}
	if err := first(direct.err, through.err); err != nil {
		return err
	}
	fmt.Fprintf(w, "latency at %d requests/s: direct p50 %v p99 %v, proxied p50 %v p99 %v\n", s.rate, direct.at(.5), direct.at(.99), through.at(.5), through.at(.99))
	fmt.Fprintf(w, "  added p50 %v (aim 300µs), added p99 %v (aim 1.5ms), %d requests each\n", through.at(.5)-direct.at(.5), through.at(.99)-direct.at(.99), len(through.times))
	return nil
}

// firstToken compares the first event of streams.
func firstToken(w io.Writer, s settings, upstream, router *process) error {
	rate := max(s.rate/10, 1)
	var direct, through sample
	for range s.rounds {
		direct.add(openLoop(rate, s.length, upstream.stream))
		through.add(openLoop(rate, s.length, router.stream))
	}
	if err := first(direct.err, through.err); err != nil {
		return err
	}
	fmt.Fprintf(w, "first token at %d streams/s: added p50 %v, added p99 %v (aim 1.5ms)\n", rate, through.at(.5)-direct.at(.5), through.at(.99)-direct.at(.99))
	return nil
}

// isolation compares v1's requests with and without others that go to a v2
// which hangs, floods, breaks off and fails.
func isolation(w io.Writer, s settings, _, router *process) error {
	var alone, beside sample
	rate := max(s.rate/2, 1)
	for range s.rounds {
		alone.add(openLoop(rate, s.length, router.ask))
		done := make(chan struct{})
		go func() {
			defer close(done)
			openLoop(max(rate/10, 1), s.length, router.askIll)
		}()
		beside.add(openLoop(rate, s.length, router.ask))
		<-done
	}
	if err := first(alone.err, beside.err); err != nil {
		return err
	}
	fmt.Fprintf(w, "v1 at %d requests/s: alone p50 %v p99 %v, beside an ill v2 p50 %v p99 %v: p99 moves by %+.0f %% (aim below 20 %%)\n",
		rate, alone.at(.5), alone.at(.99), beside.at(.5), beside.at(.99), 100*(float64(beside.at(.99))/float64(alone.at(.99))-1))
	return nil
}

// processorTime compares the proxy with a bare httputil.ReverseProxy and with
// nginx. They take turns, so that what else the machine does falls on all.
func processorTime(w io.Writer, s settings, upstream, router *process) error {
	bare, err := start("bare", upstream.url)
	if err != nil {
		return err
	}
	defer bare.stop()
	all := []*process{router, bare}
	nginx, missing := startNginx(upstream.url)
	if missing == nil {
		defer nginx.stop()
		all = append(all, nginx)
	}
	const turns = 9
	costs := make([][]float64, len(all)) // of each, in microseconds a request, a turn
	for turn := range turns + 1 {
		for i, p := range all {
			c, err := cost(p, max(s.requests/turns, 1))
			if err != nil {
				return err
			}
			if turn > 0 { // the first warms up
				costs[i] = append(costs[i], c)
			}
		}
	}
	fmt.Fprintf(w, "processor time a request: %.0f µs; a bare httputil.ReverseProxy %.0f µs, 1 to %.2f\n", median(costs[0]), median(costs[1]), ratio(costs[0], costs[1]))
	if missing != nil {
		fmt.Fprintf(w, "  nginx is left out: %v\n", missing)
		return nil
	}
	fmt.Fprintf(w, "  nginx %.0f µs: %.1f times (aim 4), the bare one %.1f times\n", median(costs[2]), ratio(costs[0], costs[2]), ratio(costs[1], costs[2]))
	return nil
}

// ratio is the median of the ratios of what was measured in the same turns.
func ratio(a, b []float64) float64 {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	return median(ratios)
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
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

// memory holds many streams open at once.
func memory(w io.Writer, s settings, _, router *process) error {
	if err := together(s.streams, router.longStream); err != nil {
		return err
	}
	peak, err := router.peakMiB()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d concurrent streams: at most %d MiB in all (aim 400)\n", s.streams, peak)
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
