package main

import (
	"fmt"
	"time"
)

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
