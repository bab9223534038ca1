package sim

import (
	"fmt"
	"strconv"
	"strings"
)

// Spec returns the weir.yaml with which the scenario is to be analysed. Its
// steps are the shares that the scenario's own traffic was given, so the rows
// look as if the plan had been followed to its last step.
func Spec(s Scenario) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Simulated: %s\n", s.About)
	fmt.Fprintf(&b, "app: %s\nrelease: %s\nstable: %s\ncandidate: %s\nunit: %s\n",
		s.App, s.Release, versions[control], versions[treatment], s.unit())
	if s.trials == 0 {
		s.writeTraffic(&b)
	}
	b.WriteString("prices:\n")
	for _, m := range models {
		fmt.Fprintf(&b, "  %s: {input: %s, output: %s, cached: %s, per: 1e6, currency: USD}\n",
			m.name, number(float64(m.input)/1000), number(float64(m.output)/1000), number(float64(m.cached)/1000))
	}
	b.WriteString("metrics:\n")
	for _, m := range s.metrics {
		fmt.Fprintf(&b, "  - {%s}\n", m.line())
	}
	b.WriteString("decision: {method: sequential, alpha: 0.05, goals: superior, on_invalid: halt}\n")
	return b.String()
}

// writeTraffic writes what only live traffic has: where units and attributes
// are read from, rules, holdout, ramp and the expected volume.
func (s Scenario) writeTraffic(b *strings.Builder) {
	b.WriteString("context:\n  session: [\"header:X-Session-Id\"]\n  user: [\"header:X-User-Id\"]\n  attributes: {tier: \"header:X-Tier\"}\n")
	s.writeRules(b)
	if s.holdout > 0 {
		fmt.Fprintf(b, "holdout: %s\n", percent(s.holdout))
	}
	b.WriteString("ramp:\n  steps:\n")
	for _, line := range s.steps() {
		fmt.Fprintf(b, "    - {%s}\n", line)
	}
	b.WriteString("  advance: auto\n  max_wait: 28d\n")
	start, end := s.Window()
	fmt.Fprintf(b, "planning: {sessions_per_day: %d}\n", int(float64(s.Sessions)/(end.Sub(start).Hours()/day)))
}

func (s Scenario) writeRules(b *strings.Builder) {
	header := "rules:\n"
	for _, c := range s.crowds {
		switch {
		case c.rule == "":
			continue
		case c.forced:
			fmt.Fprintf(b, "%s  - {name: %s, when: '%s', version: %s}\n", header, c.rule, c.when, versions[treatment])
		default:
			fmt.Fprintf(b, "%s  - {name: %s, when: '%s', split: %s, from_share: %s}\n", header, c.rule, c.when, percent(c.split), percent(c.from))
		}
		header = ""
	}
}

// steps are the epochs with a share, as lines of the ramp; the last one waits
// for proof and has no hold.
func (s Scenario) steps() []string {
	var shares []step
	for i, p := range s.phases {
		switch {
		case p.share == 0:
		case i > 0 && p.share == s.phases[i-1].share:
			shares[len(shares)-1].hours += p.hours
		default:
			shares = append(shares, step{p.share, p.hours})
		}
	}
	lines := make([]string, len(shares))
	for i, st := range shares {
		lines[i] = fmt.Sprintf("to: %s, hold: %dh, units: 20", percent(st.share), st.hours)
		if i == len(shares)-1 {
			lines[i] = fmt.Sprintf("to: %s, units: 100", percent(st.share))
		}
	}
	return lines
}

// line is the metric as one line of the spec.
func (m metric) line() string {
	line := fmt.Sprintf("name: %s, role: %s, per: %s, value: %s, good: %s", m.name, m.role, m.per, m.value, m.good)
	if m.rest != "" {
		line += ", " + m.rest
	}
	if m.margin != "" {
		line += ", margin: " + m.margin
	}
	if m.mature != "" {
		line += ", mature_after: " + m.mature
	}
	return line
}

func percent(share float64) string { return number(100*share) + "%" }

// number writes x with at most six digits.
func number(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
