package reports

import (
	"math"
	"strings"

	"weir/rollout"
)

// A verdict is the decision as it is shown: a word, one sentence with its
// reason, and what is still needed.
type verdict struct {
	state    // its word is the verdict: Hold
	Headline string
	Needs    string // empty where nothing is missing or it cannot be said
	Reasons  []string
}

// Sentence says a verdict with its reason and with what is missing: "Hold.
// Resolution is probably better (+3.1 points, between −0.4 and +6.6), but that
// is not proven; no harm is proven. About 4,200 more sessions are needed, both
// arms together: about 3 days at today's traffic."
func Sentence(rec rollout.Record) string {
	return verdictOf(rec, metricsOf(rec), checksOf(rec.Analysis.Result)).Text()
}

// Text is the verdict in words.
func (v verdict) Text() string {
	return strings.TrimSpace(v.Word + ". " + v.Headline + " " + v.Needs)
}

var verdictStates = map[rollout.Verdict]state{
	rollout.Promote:  {"▲", "Promote", classBetter},
	rollout.Hold:     {"○", "Hold", classOpen},
	rollout.Rollback: {"▼", "Roll back", classWorse},
	rollout.Invalid:  {"✕", "Invalid", classWorse},
}

func verdictOf(rec rollout.Record, ms []metric, checks []check) verdict {
	d := rec.Analysis.Decision
	fs := findings{rec.Analysis, rec.Policy, ms, checks, relabel(d.Reasons, ms)}
	v := verdict{
		state:    verdictStates[d.Verdict],
		Headline: fs.headline(),
		Needs:    needs(d.Needs, rec.Analysis.Design.Unit),
	}
	for _, r := range fs.reasons {
		if sentence(r) != v.Headline { // said already
			v.Reasons = append(v.Reasons, sentence(r))
		}
	}
	return v
}

// needs says what is missing at today's traffic.
func needs(n *rollout.Needs, unit string) string {
	switch {
	case n == nil:
		return ""
	case n.Units <= 0 && n.Days != nil && finite(*n.Days):
		return "It takes time alone: " + about(*n.Days) + "."
	case n.Units <= 0:
		return ""
	}
	text := "About " + roughly(n.Units) + " more " + unit + "s are needed, both arms together"
	if n.Days != nil && finite(*n.Days) {
		text += ": " + about(*n.Days) + " at today's traffic"
	}
	return text + "."
}

// about writes days as people say them.
func about(days float64) string {
	switch whole := int64(math.Round(days)); {
	case days < 1:
		return "less than a day"
	case whole == 1:
		return "about a day"
	default:
		return "about " + roughly(whole) + " days"
	}
}
