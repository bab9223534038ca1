package reports

import (
	"fmt"
	"strings"

	"weir/analyze"
	"weir/rollout"
)

// findings are the metrics of an analysis with the words for them, index by index.
type findings struct {
	rollout.Analysis
	policy  rollout.Policy
	words   []metric
	checks  []check
	reasons []string
}

// headline is the verdict's reason in a sentence.
func (fs findings) headline() string {
	switch fs.Decision.Verdict {
	case rollout.Promote:
		return fs.promote()
	case rollout.Rollback:
		return fs.rollback()
	case rollout.Invalid:
		return fs.invalid()
	}
	return fs.hold()
}

// where returns the metrics that satisfy is, in order.
func (fs findings) where(is func(analyze.MetricResult) bool) []int {
	var found []int
	for i, m := range fs.Metrics {
		if is(m) {
			found = append(found, i)
		}
	}
	return found
}

// superior lists the goals that are proven better.
func (fs findings) superior() []int {
	return fs.where(func(m analyze.MetricResult) bool {
		return m.Role == analyze.Goal && m.Direction == analyze.Better
	})
}

// promote names the goals that are proven better.
func (fs findings) promote() string {
	proven := fs.superior()
	const rest = ", and every goal and guardrail is within its margin."
	switch len(proven) {
	case 0:
		return "Every goal and guardrail is within its margin."
	case 1:
		return capital(fs.standing(proven[0])) + rest
	}
	return capital(series(fs.named(proven))) + " are better" + rest
}

// rollback names the metrics that are proven beyond their margin.
func (fs findings) rollback() string {
	harmed := fs.where(func(m analyze.MetricResult) bool {
		return decides(m) && m.Margin.Check == analyze.CheckFailed
	})
	if len(harmed) == 0 {
		return fs.reason("Harm is proven.")
	}
	i := harmed[0]
	text := fmt.Sprintf("%s is worse than its margin of %s %s", capital(fs.words[i].Label), fs.words[i].Margin, fs.words[i].extent())
	switch others := fs.labels(harmed[1:]); len(others) {
	case 0:
		return text + "."
	case 1:
		return text + ", and so is " + others[0] + "."
	default:
		return text + ", and so are " + series(others) + "."
	}
}

// invalid names the checks that failed.
func (fs findings) invalid() string {
	var failed []string
	for _, c := range fs.checks {
		if c.state == broken {
			failed = append(failed, c.Name+" "+c.text())
		}
	}
	if len(failed) == 0 {
		return fs.reason("The comparison cannot be trusted.")
	}
	return "The comparison cannot be trusted: " + strings.Join(failed, "; ") + "."
}

// hold says how the first goal stands and what stands in the way: proven harm
// that may not roll back, what cannot be estimated, an open margin, a goal
// that is not yet better, or else the decision's own first reason.
func (fs findings) hold() string {
	if fs.policy.Explored != "" {
		return fs.reason("This is an exploration and gives no verdict.")
	}
	blocker, why := fs.blocker()
	lead := fs.where(func(m analyze.MetricResult) bool {
		return m.Role == analyze.Goal && m.Direction != analyze.NotEstimable
	})
	switch {
	case len(lead) == 0 && blocker < 0:
		return fs.reason("Nothing is proven.")
	case len(lead) == 0:
		return capital(fs.words[blocker].Label) + " " + why + "."
	case blocker < 0:
		return sentence(fs.standing(lead[0])) + " " + fs.reason("")
	case blocker == lead[0]:
		return sentence(fs.standing(blocker) + fs.butNotProven(blocker) + "; " + fs.harmless())
	}
	return sentence(fs.standing(lead[0]) + ", but " + fs.words[blocker].Label + " " + why)
}

// An obstacle is what can stand between a metric and a promotion.
type obstacle struct {
	stands func(analyze.MetricResult) bool
	says   func(metric) string
}

// obstacles lists what can stand in the way, the worst first.
func (fs findings) obstacles() []obstacle {
	unproven := len(fs.superior()) == 0 && !fs.policy.NonInferiorGoals
	return []obstacle{
		{
			func(m analyze.MetricResult) bool { return m.Margin.Check == analyze.CheckFailed },
			func(m metric) string { return "is worse than its margin of " + m.Margin + " " + m.extent() },
		}, {
			func(m analyze.MetricResult) bool { return m.Direction == analyze.NotEstimable },
			func(m metric) string { return "is not estimable: " + m.Why },
		}, {
			func(m analyze.MetricResult) bool { return m.Margin.Check == analyze.CheckOpen },
			func(m metric) string {
				return "is not yet shown to be within its margin of " + m.Margin + " " + m.extent()
			},
		}, {
			func(m analyze.MetricResult) bool { return m.Role == analyze.Goal && unproven },
			func(m metric) string { return "is open " + m.extent() },
		},
	}
}

// blocker finds the metric that most stands in the way of a promotion, and
// says how; −1 where none does.
func (fs findings) blocker() (int, string) {
	for _, o := range fs.obstacles() {
		found := fs.where(func(m analyze.MetricResult) bool { return decides(m) && o.stands(m) })
		if len(found) > 0 {
			return found[0], o.says(fs.words[found[0]])
		}
	}
	return -1, ""
}

// standing says how a metric stands: resolution is probably better (+3.1 points, between −0.4 and +6.6).
func (fs findings) standing(i int) string {
	m := fs.words[i]
	verb := lean(m.Axis)
	switch fs.Metrics[i].Direction {
	case analyze.Better:
		verb = "is better"
	case analyze.Worse:
		verb = "is worse"
	}
	return m.Label + " " + verb + " " + m.extent()
}

// The words for an interval that holds zero.
const (
	leansBetter  = "is probably better"
	leansWorse   = "is probably worse"
	leansNeither = "cannot be told from no change yet"
)

// lean says where an interval that holds zero leans: to the side that has
// more than three quarters of it.
func lean(p position) string {
	zero := -p.Lower / (p.Upper - p.Lower) // NaN or 0 where an end is open
	switch {
	case !finite(p.Lower) || !finite(p.Upper):
		return leansNeither
	case zero < 0.25:
		return leansBetter
	case zero > 0.75:
		return leansWorse
	}
	return leansNeither
}

// butNotProven tempers what merely leans.
func (fs findings) butNotProven(i int) string {
	if fs.Metrics[i].Direction != analyze.Unclear || lean(fs.words[i].Axis) == leansNeither {
		return ""
	}
	return ", but that is not proven"
}

// harmless says what is known of harm.
func (fs findings) harmless() string {
	guards := fs.where(func(m analyze.MetricResult) bool { return m.Role == analyze.Guardrail })
	open := fs.where(func(m analyze.MetricResult) bool {
		return m.Role == analyze.Guardrail && m.Margin.Check != analyze.CheckPassed
	})
	if len(guards) > 0 && len(open) == 0 {
		return "every guardrail is within its margin"
	}
	return "no harm is proven"
}

// extent is an effect as part of a sentence: (+3.1 points, between −0.4 and +6.6).
func (m metric) extent() string {
	e := m.Effect
	value := e.Value
	if points, ok := strings.CutSuffix(value, " pp"); ok {
		value = points + " points"
	}
	if !e.Interval() {
		return "(" + strings.Trim(value+", "+m.Harm, ", ") + ")"
	}
	return "(" + value + ", between " + strings.Replace(e.Limits, " to ", " and ", 1) + ")"
}

// named lists metrics with their effects.
func (fs findings) named(is []int) []string {
	words := make([]string, len(is))
	for n, i := range is {
		words[n] = fs.words[i].Label + " " + fs.words[i].extent()
	}
	return words
}

// labels lists metrics.
func (fs findings) labels(is []int) []string {
	words := make([]string, len(is))
	for n, i := range is {
		words[n] = fs.words[i].Label
	}
	return words
}

// reason is the decision's first reason as a sentence, or otherwise if it gives none.
func (fs findings) reason(otherwise string) string {
	if len(fs.reasons) == 0 {
		return otherwise
	}
	return sentence(fs.reasons[0])
}
