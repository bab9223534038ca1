package main

import (
	"fmt"
	"time"
)

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
