package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// A finding is one figure beside what it must be.
type finding struct {
	what     string
	who      string // Weir, or the rival
	value    float64
	stdErr   float64 // Monte-Carlo; 0 where the figure is no share
	low      float64 // what it must be at least
	high     float64 // and at most; infinite: not bounded
	expected string  // in words
	unit     string  // %, pp, days, units; empty: a share, written in %
}

// ok reports whether the figure is where it must be, up to four Monte-Carlo errors.
func (f finding) ok() bool {
	if math.IsNaN(f.value) {
		return false
	}
	// The error at the bound counts: a share of exactly 0 has none of its own.
	slack := 4 * math.Max(f.stdErr, 1e-12)
	return f.value >= f.low-slack && f.value <= f.high+slack
}

func (f finding) String() string {
	switch {
	case f.unit == "":
		return fmt.Sprintf("%.1f %% ± %.1f", 100*f.value, 100*f.stdErr)
	case f.stdErr > 0:
		return fmt.Sprintf("%.2f ± %.2f %s", f.value, f.stdErr, f.unit)
	}
	return fmt.Sprintf("%.4g %s", f.value, f.unit)
}

// A section is a table of findings.
type section struct {
	title, about string
	findings     []finding
}

func (s *section) add(f ...finding) { s.findings = append(s.findings, f...) }

// share makes a finding of k runs of n, which must lie within [low, high].
func share(who, what string, k, n int, low, high float64, expected string) finding {
	p := float64(k) / float64(n)
	f := finding{who: who, what: what, value: p, stdErr: math.Sqrt(p * (1 - p) / float64(n)), low: low, high: high, expected: expected}
	for _, bound := range []float64{low, high} { // the error that the bound itself would have
		if bound > 0 && bound < 1 {
			f.stdErr = math.Max(f.stdErr, math.Sqrt(bound*(1-bound)/float64(n)))
		}
	}
	return f
}

// atMost bounds a share of Weir's errors.
func atMost(what string, k, n int, bound float64) finding {
	return share("Weir", what, k, n, 0, bound, fmt.Sprintf("≤ %.3g %%", 100*bound))
}

// atLeast asks for a share of Weir's successes.
func atLeast(what string, k, n int, bound float64) finding {
	return share("Weir", what, k, n, bound, 1, fmt.Sprintf("≥ %.3g %%", 100*bound))
}

// naive is a rival's share, which must be as bad as is said of it: otherwise the case shows nothing.
func naive(what string, k, n int, low, high float64) finding {
	return share("naive", what, k, n, low, high, fmt.Sprintf("%.3g to %.3g %%", 100*low, 100*high))
}

// markdown writes the section.
func (s section) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n| case | by | found | must be | |\n| --- | --- | ---: | --- | --- |\n", s.title, s.about)
	for _, f := range s.findings {
		mark := "●"
		if !f.ok() {
			mark = "✕"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.what, f.who, f, f.expected, mark)
	}
	return b.String()
}

// failures lists the findings that are not where they must be.
func (s section) failures() []string {
	var out []string
	for _, f := range s.findings {
		if !f.ok() {
			out = append(out, fmt.Sprintf("%s: %s (%s): %s, must be %s", s.title, f.what, f.who, f, f.expected))
		}
	}
	return out
}

// median makes a finding of the median of what runs give, which must lie within [low, high].
func median(what string, runs int, seed uint64, low, high float64, run func(r *rand.Rand) float64) finding {
	values := make([]float64, runs)
	each(runs, seed, func(i int, r *rand.Rand) { values[i] = run(r) })
	return finding{who: "Weir", what: what, value: medianOf(values), low: low, high: high, expected: fmt.Sprintf("%g to %g", low, high), unit: "units"}
}

// medianOf is the middle of some values.
func medianOf(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
