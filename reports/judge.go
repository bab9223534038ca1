package reports

import (
	"fmt"

	"weir/analyze"
)

// labels says, of each judge's metric, how many labels from people each arm has of
// those that correct a judge. Pairs of the same case are compared as they are.
func labels(metrics []analyze.MetricResult) []check {
	var out []check
	for _, m := range metrics {
		if m.Judge == nil || m.Judge.Pairwise {
			continue
		}
		n := m.Judge.Labelled
		c := check{
			Name: "labels of " + visible(m.Name), state: sound, Found: count(n.Control) + " / " + count(n.Treatment),
			Detail: fmt.Sprintf("%d in each version correct the judge", analyze.MinLabels),
		}
		if !m.Judge.Corrected {
			c.state = watched
		}
		out = append(out, c)
	}
	return out
}

// judgeText says what a judge's metric rests on; empty for others.
func judgeText(j *analyze.JudgeResult) string {
	if j == nil {
		return ""
	}
	what := "dialogues"
	if j.Pairwise {
		what = "cases"
	}
	text := fmt.Sprintf("Judged by %s: %s and %s %s, of which people labelled %s and %s.", visible(j.Criterion),
		count(j.Judged.Control), count(j.Judged.Treatment), what, count(j.Labelled.Control), count(j.Labelled.Treatment))
	if n := len(j.Hashes); n > 1 {
		text += fmt.Sprintf(" %d configurations of the judge are strata of their own.", n)
	}
	if j.Lambda.Known() {
		text += fmt.Sprintf(" The judge's score has weight %.2f beside the labels.", float64(j.Lambda))
	}
	if a := j.Agreement; a != nil {
		text += " " + sentence(agreementText(a))
	}
	return text
}

// agreementText says how far judge and people agree, with intervals where there are any.
func agreementText(a *analyze.JudgeAgreement) string {
	with := func(i analyze.Interval, format func(analyze.Number) string) string {
		if !i.Value.Known() {
			return "unknown"
		}
		if !i.Lower.Known() {
			return format(i.Value)
		}
		return fmt.Sprintf("%s (%s to %s)", format(i.Value), format(i.Lower), format(i.Upper))
	}
	plain := func(x analyze.Number) string { return fmt.Sprintf("%.2f", float64(x)) }
	return fmt.Sprintf("On %s labelled dialogues judge and people agree with kappa %s; of what people call good the judge does so in %s, of what they call bad in %s",
		count(a.Units), with(a.Kappa, plain), with(a.Sensitivity, share), with(a.Specificity, share))
}
