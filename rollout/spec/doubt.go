package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/internal/fault"
)

// Doubts are what is allowed in versions and metrics and can hardly be meant, each
// behind the key that it is about, sorted.
func (r *Release) Doubts() []string {
	all := r.metricDoubts()
	doubt := func(version, key, format string, values ...any) {
		path := under("versions", version) + key
		all = append(all, path+": "+fmt.Sprintf(format, values...))
	}
	asked := map[string]bool{r.Stable: true, r.Candidate: true}
	for _, rule := range r.Rules {
		asked[rule.Version] = true
	}
	for name, v := range r.Versions {
		if !asked[name] {
			doubt(name, "", "gets no traffic: it is neither stable nor candidate, and no rule names it")
		}
		if v.Timeout.FirstByte >= v.Timeout.Total {
			doubt(name, ".timeout.first_byte", "%s never passes before total, %s", v.Timeout.FirstByte, v.Timeout.Total)
		}
		if v.Timeout.Connect >= v.Timeout.Total {
			doubt(name, ".timeout.connect", "%s never passes before total, %s", v.Timeout.Connect, v.Timeout.Total)
		}
	}
	stable, known := r.Versions[r.Stable]
	candidate, both := r.Versions[r.Candidate]
	if known && both && r.Stable != r.Candidate {
		if sameTarget(stable, candidate) {
			doubt(r.Candidate, ".upstream", "is that of %s, with the same headers and workflow: both versions are one, and no difference can be found", r.Stable)
		}
		if stable.Protocol != candidate.Protocol {
			doubt(r.Candidate, ".protocol", "is %s, and calls are read by that of %s, %s: ids and texts of calls are found only as it has them", candidate.Protocol, r.Stable, stable.Protocol)
		}
	}
	slices.Sort(all)
	return all
}

// metricDoubts are about metrics that promote nothing, and about names that are
// nearly a column's or a built-in: any other name is an outcome's.
func (r *Release) metricDoubts() (all []string) {
	if !slices.ContainsFunc(r.Metrics, func(m Metric) bool { return m.Role == RoleGoal }) {
		all = append(all, "metrics: none is a goal, and without one nothing is ever promoted")
	}
	columns := valuesWith(func(t trait) bool { return !t.zeroMissing && t.matureAfter == 0 })
	for i, m := range r.Metrics {
		for key, value := range map[string]string{"value": m.Value, "over": m.Over} {
			if _, ok := traits[value]; ok || value == "" {
				continue
			}
			if near, ok := fault.Nearest(value, columns); ok {
				all = append(all, fmt.Sprintf("%s: %s is taken for the name of an outcome of yours: did you mean %s?", under(item("metrics", i), key), value, near))
			}
		}
	}
	return all
}

// sameTarget tells whether a request is the same to both, wherever it goes.
func sameTarget(a, b Version) bool {
	return strings.TrimSuffix(a.Upstream, "/") == strings.TrimSuffix(b.Upstream, "/") && a.Workflow == b.Workflow && maps.Equal(a.SetHeaders, b.SetHeaders)
}
