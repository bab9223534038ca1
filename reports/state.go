package reports

import "weir/analyze"

// A state is how a finding looks: never by colour alone, always with a glyph
// and a word. Class is the name of its colour.
type state struct {
	Glyph, Word, Class string
}

// The classes. They are the names of colours in the palette.
const (
	classBetter  = "better"
	classWorse   = "worse"
	classWithin  = "accent"
	classOpen    = "open"
	classUnknown = "unknown"
)

// stateOf says what the analysis found of a metric. Harm is proven from fewer
// units than the rest, so it comes first.
func stateOf(m analyze.MetricResult) state {
	switch {
	case m.Margin.Check == analyze.CheckFailed:
		return state{"▼", "worse than the margin", classWorse}
	case m.Direction == analyze.NotEstimable:
		return state{"✕", "not estimable", classUnknown}
	case m.Direction == analyze.Worse:
		return state{"▼", worseWord(m.Margin.Check), classWorse}
	case m.Direction == analyze.Better:
		return state{"▲", "better", classBetter}
	case m.Margin.Check == analyze.CheckPassed && m.Role == analyze.Goal:
		return state{"○", "within, not yet better", classOpen}
	case m.Margin.Check == analyze.CheckPassed:
		return state{"●", "within margin", classWithin}
	case m.Margin.Check == analyze.CheckOpen:
		return state{"○", "open", classOpen}
	}
	return state{"○", "no clear difference", classOpen}
}

func worseWord(c analyze.Check) string {
	switch c {
	case analyze.CheckPassed:
		return "worse, within margin"
	case analyze.CheckOpen:
		return "worse, margin is open"
	}
	return "worse"
}

// decides reports whether the metric takes part in the verdict.
func decides(m analyze.MetricResult) bool { return m.Role != analyze.Monitor }
