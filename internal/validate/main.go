package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	out := flag.String("out", "docs/validation.md", "page to write; - for standard output")
	runs := flag.Int("runs", 2000, "simulations of most cases; heavy ones take a part of it")
	seeds := flag.Int("seeds", 1, "lakes a scenario on the way from rows; 0 leaves it out")
	only := flag.String("only", "", "write the sections whose title holds this, and no page")
	flag.Parse()
	if *only != "" {
		*out = "-"
	}
	page, failures, err := validate(*runs, *seeds, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "validate:", err)
		os.Exit(1)
	}
	if *out == "-" {
		fmt.Print(page)
	} else if err := os.WriteFile(*out, []byte(page), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "validate:", err)
		os.Exit(1)
	}
	for _, f := range failures {
		fmt.Fprintln(os.Stderr, "validate:", f)
	}
	if len(failures) > 0 {
		os.Exit(1)
	}
}

const preface = `# Validation

Written by ` + "`make validate`" + `: %s simulations of most cases, a part of that of the heavy ones, seeded, so that the same
program writes the same page. *Found* is a share of simulations with its Monte-Carlo error (one standard error, at least the one that
the bound would have); ● is within the bound up to four of these. A *naive* row is a rival that must be as wrong as is said of it:
otherwise the case shows nothing. Rivals live in this command alone.

`

// validate runs everything.
func validate(runs, seeds int, only string) (page string, failures []string, err error) {
	cases := []struct {
		title string
		make  func() (section, error)
	}{
		{"Looking often", plain(looks, runs)}, {"Ten scenarios", plain(scenarios, runs)}, {"More traps", plain(traps, runs)},
		{"Coverage and refusal", plain(coverage, max(100, runs/2))},
		{"Missing values", plain(missing, runs)}, {"Adjusted by the past", plain(covariates, runs)}, {"The same cases", plain(pairs, runs)}, {"Betting on rare rates", plain(bettings, runs/16)}, {"Harm at an early look", plain(harm, runs)},
		{"Looked at every day", plain(repeated, runs)},
		{"The price of looking", func() (section, error) { return priceOf(), nil }},
		{"The whole loop", plain(loop, runs)}, {"A v2 that halves resolution", plain(halved, runs)}, {"Days to a decision", plain(daysToDecision, runs)},
		{"The autopilot", plain(autopilots, runs)}, {"The autopilot stops harm", plain(stopped, runs)}, {"Days under the autopilot", plain(steeredDays, runs)},
		{"From rows to a verdict", func() (section, error) { return rows(seeds) }},
	}
	var b strings.Builder
	fmt.Fprintf(&b, preface, thousands(runs))
	for _, c := range cases {
		if !strings.Contains(c.title, only) || seeds == 0 && c.title == cases[len(cases)-1].title {
			continue
		}
		began := time.Now()
		s, err := c.make()
		if err != nil {
			return "", nil, err
		}
		fmt.Fprintf(os.Stderr, "%5.0f s  %s\n", time.Since(began).Seconds(), s.title)
		b.WriteString(s.markdown() + "\n")
		failures = append(failures, s.failures()...)
	}
	return strings.TrimRight(b.String(), "\n") + "\n", failures, nil
}

func plain(make func(int) section, runs int) func() (section, error) {
	return func() (section, error) { return make(runs), nil }
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
