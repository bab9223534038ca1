package reports

import (
	"time"

	"weir/analyze"
	"weir/rollout"
)

// A promise is what was fixed before the release: the metrics with their
// margins, and the specification itself.
type promise struct {
	Hash    string
	Metrics []promised
	Spec    string // as it was written; empty where there was none
	// Cut is how many characters of Spec are not shown.
	Cut int
}

// promised is one metric as it was declared.
type promised struct {
	metric
	Matures string // 24h; empty where the data do not say
	Missing string // what stands for a missing value
}

// maxSpec bounds the specification that is shown, in characters.
const maxSpec = 100_000

func promiseOf(rec rollout.Record, ms []metric) promise {
	p := promise{Hash: visible(rec.Promise), Metrics: make([]promised, len(ms))}
	for i, m := range ms {
		p.Metrics[i] = promised{metric: m}
		if d, ok := dataOf(rec, rec.Analysis.Metrics[i].Name); ok && len(d.Metric.Columns) > 0 {
			c := d.Metric.Columns[0]
			p.Metrics[i].Matures, p.Metrics[i].Missing = span(c.Window), fillWords(c.Fill)
		}
	}
	p.Spec, p.Cut = cut(rec.Spec, maxSpec)
	p.Spec = visible(p.Spec)
	return p
}

// fillWords says what a missing value counts as.
func fillWords(f *analyze.Fill) string {
	switch {
	case f == nil:
		return "left out"
	case f.Control == f.Treatment:
		return "counts as " + scale{factor: 1}.declared(analyze.Number(f.Treatment))
	}
	return "counts as the worst case"
}

// span writes a duration in hours or minutes: 24 h, 90 min.
func span(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d%time.Hour == 0:
		return count(int64(d/time.Hour)) + " h"
	}
	return count(int64(d.Round(time.Minute)/time.Minute)) + " min"
}
