package spec

import (
	"slices"
	"strings"
)

// A Change is what a changed specification does to a release under way.
type Change int

// The changes. The zero value is the one that stops.
const (
	// ChangeRefused: only a new release can have it.
	ChangeRefused Change = iota
	// ChangeRestart: the metric starts anew on later units, at alpha/2^k for
	// the k-th restart of the release.
	ChangeRestart
	// ChangeEpoch: a stretch of constant allocation begins.
	ChangeEpoch
	// ChangeAmended: recorded and shown, nothing else.
	ChangeAmended
)

var changeNames = []string{"refused", "restart", "epoch", "amended"}

// String gives the change in a word.
func (c Change) String() string { return changeNames[c] }

// An Amendment is one thing that differs between two specifications of one
// release.
type Amendment struct {
	Change   Change
	Path     string // such as ramp, or metrics.latency_p95.margin, by the metric's name
	Metric   string // what restarts or is amended; empty: the release, with every metric of it
	Old, New string // as written; empty where there is none
}

// consequences says what follows where the value at a path differs.
var consequences = []struct {
	path   string
	change Change
}{
	{"app", ChangeRefused}, {"stable", ChangeRefused}, {"candidate", ChangeRefused}, {"unit", ChangeRefused},
	{"rules", ChangeEpoch}, {"holdout", ChangeEpoch}, {"ramp", ChangeEpoch},
	{"decision.method", ChangeRestart}, {"decision.alpha", ChangeRestart},
	{"decision.goals", ChangeAmended}, {"decision.on_invalid", ChangeAmended},
}

// Amendments lists what differs between two specifications of one release, as
// far as it touches assignment or promise. App, stable, candidate and unit are
// refused; rules, holdout and ramp start an epoch; method and alpha restart
// every metric; a changed or added metric restarts. A changed margin amends,
// except of a quantile: there it is part of the threshold that is tested, and
// the metric restarts. A removed metric amends. Where nothing is listed the
// promise is the same.
func Amendments(old, new *Release) []Amendment {
	from, to := releaseKind.write(*old), releaseKind.write(*new)
	var out []Amendment
	for _, c := range consequences {
		if before, after := plain(written(from, c.path)), plain(written(to, c.path)); before != after {
			out = append(out, Amendment{Change: c.change, Path: c.path, Old: before, New: after})
		}
	}
	if old.MetricsDeclared != new.MetricsDeclared {
		out = append(out, Amendment{Change: ChangeAmended, Path: "metrics", Old: origin(old), New: origin(new)})
	}
	return append(out, metricAmendments(old.Metrics, new.Metrics)...)
}

// written is the value at a dotted path; nil where there is none.
func written(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func origin(r *Release) string {
	if r.MetricsDeclared {
		return "declared"
	}
	return "default"
}

// metricAmendments compares metrics by name, old ones first.
func metricAmendments(old, new []Metric) []Amendment {
	var out []Amendment
	for _, m := range old {
		if after, ok := named(new, m.Name); ok {
			out = append(out, keyAmendments(m, after)...)
		} else {
			out = append(out, Amendment{Change: ChangeAmended, Path: under("metrics", m.Name), Metric: m.Name, Old: plain(metricKind.write(m))})
		}
	}
	for _, m := range new {
		if _, ok := named(old, m.Name); !ok {
			out = append(out, Amendment{Change: ChangeRestart, Path: under("metrics", m.Name), Metric: m.Name, New: plain(metricKind.write(m))})
		}
	}
	return out
}

func named(metrics []Metric, name string) (Metric, bool) {
	i := slices.IndexFunc(metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return Metric{}, false
	}
	return metrics[i], true
}

// keyAmendments compares two states of one metric.
func keyAmendments(old, new Metric) []Amendment {
	var out []Amendment
	for _, k := range metricKeys {
		before, after := plain(k.write(old)), plain(k.write(new))
		if before == after {
			continue
		}
		change := ChangeRestart
		if k.name == "margin" && old.Quantile == 0 {
			change = ChangeAmended
		}
		out = append(out, Amendment{Change: change, Path: under(under("metrics", new.Name), k.name), Metric: new.Name, Old: before, New: after})
	}
	return out
}
