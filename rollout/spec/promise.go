package spec

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Promise is the hash of what was promised before the release: unit, ramp,
// metrics and decision. It does not depend on the order of keys and metrics, on
// format, comments, or on whether a default is written; references to the environment
// enter as they are written.
//
// The canonical form is a JSON object with the keys decision, metrics, ramp
// and unit, keys sorted everywhere, metrics sorted by name, without white space, in UTF-8, numbers in
// the shortest form that reads back as the same double, defaults written out,
// and keys left out that have no default and were not written. Shares and
// relative margins are percentages (5%), points are 2pp, durations are in
// Go's shortest form (24h), or in days from 7 of them on (28d). Where the file
// has no metrics, default_metrics takes the place of metrics: the two differ
// in what a metric without data means. The hash is SHA-256 in lower-case
// hexadecimal.
func (r *Release) Promise() string {
	sum := sha256.Sum256(r.canonical())
	return hex.EncodeToString(sum[:])
}

func (r *Release) canonical() []byte {
	sorted := *r
	sorted.Metrics = slices.SortedFunc(slices.Values(r.Metrics), func(a, b Metric) int { return cmp.Compare(a.Name, b.Name) })
	promise := sorted.only("unit", "ramp", "metrics", "decision")
	if !r.MetricsDeclared {
		promise["default_metrics"] = promise["metrics"]
		delete(promise, "metrics")
	}
	return bytes.TrimSpace(encode(promise, ""))
}

// JSON is the part of the specification that decides, for a record: app,
// release, environment, stable, candidate, unit, holdout, ramp, metrics,
// decision and planning, with defaults written out. [Parse] reads it
// as a specification with the same promise. What may hold a secret
// is left out, and so are default metrics.
func (r *Release) JSON() []byte {
	decides := r.only("app", "release", "environment", "stable", "candidate", "unit",
		"holdout", "ramp", "metrics", "decision", "planning")
	if !r.MetricsDeclared {
		delete(decides, "metrics")
	}
	return bytes.TrimSpace(encode(decides, ""))
}

// only writes the named keys.
func (r *Release) only(names ...string) map[string]any {
	all := writeKeys(releaseKeys, *r)
	out := map[string]any{}
	for _, name := range names {
		if v, ok := all[name]; ok {
			out[name] = v
		}
	}
	return out
}
