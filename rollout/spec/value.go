package spec

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// What Weir knows of a value by its name.
type trait struct {
	rate        bool // 0 or 1; else a number without upper bound, or a rating
	zeroMissing bool // a unit without a value is a zero
	matureAfter time.Duration
}

const (
	matureAfter     = 2 * time.Hour
	matureAfterSlow = day // outcomes that people, or the next day, decide
	matureAfterUser = 3 * day
)

var traits = map[string]trait{
	"resolved":     {rate: true, zeroMissing: true, matureAfter: matureAfterSlow},
	"handoff":      {rate: true, zeroMissing: true, matureAfter: matureAfterSlow},
	"faq_hit":      {rate: true, zeroMissing: true},
	"link_click":   {rate: true, zeroMissing: true},
	"error":        {rate: true},
	"compliance":   {rate: true},
	"streamed":     {rate: true},
	"truncated":    {rate: true},
	"satisfaction": {matureAfter: matureAfterSlow},
	"requests":     {}, "total_tokens": {}, "input_tokens": {}, "output_tokens": {}, "cached_tokens": {},
	"cost_usd": {}, "latency_ms": {}, "ttft_ms": {}, "upstream_ms": {},
}

// missingDefault and matureAfterDefault say for the documentation what
// resolve does.
func missingDefault() string {
	zeros := valuesWith(func(t trait) bool { return t.zeroMissing })
	return "zero for " + strings.Join(zeros, ", ") + "; else exclude"
}

func matureAfterDefault() string {
	slow := valuesWith(func(t trait) bool { return t.matureAfter == matureAfterSlow })
	return formatDuration(matureAfter) + "; " + formatDuration(matureAfterSlow) + " for " + strings.Join(slow, ", ") +
		"; " + formatDuration(matureAfterUser) + " under unit user"
}

func valuesWith(has func(trait) bool) []string {
	var out []string
	for _, value := range slices.Sorted(maps.Keys(traits)) {
		if has(traits[value]) {
			out = append(out, value)
		}
	}
	return out
}

// Rate tells whether the metric lies in [0, 1] as a share of sessions,
// requests or users. Known is false where only the data can say: of an outcome
// or a rubric of the user's own.
func (m Metric) Rate() (rate, known bool) {
	t, known := traits[m.Value]
	switch {
	case m.Quantile > 0, m.Over != "":
		return false, true
	case m.Agg == AggAny:
		return true, true
	}
	return t.rate && m.Agg != AggSum, known
}

// resolve fills in the defaults that depend on the value and the unit.
func (m *Metric) resolve(unit Unit, path string, has func(path string) bool) {
	t := traits[m.Value]
	if t.zeroMissing && !has(under(path, "missing")) {
		m.Missing = MissingZero
	}
	m.MatureAfterDeclared = has(under(path, "mature_after"))
	switch {
	case m.MatureAfterDeclared:
	case unit == UnitUser:
		m.MatureAfter = matureAfterUser
	case max(t.matureAfter, traits[m.Over].matureAfter) > 0:
		m.MatureAfter = max(t.matureAfter, traits[m.Over].matureAfter)
	default:
		m.MatureAfter = matureAfter
	}
}
