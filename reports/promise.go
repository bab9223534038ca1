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
	Cut        int
	Amendments []amendment
}

// An amendment is one thing that was changed while the release ran.
type amendment struct{ At, Path, Old, New, Change string }

// changeWords say what an amendment does to the test.
var changeWords = map[string]string{"restart": "starts anew on later units, at half the alpha before", "amended": "none: it is shown"}

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
	for _, a := range rec.Analysis.Amendments {
		at := visible(a.At)
		if t, err := time.Parse(time.RFC3339, a.At); err == nil {
			at = utc(t)
		}
		change := changeWords[a.Change]
		if change == "" {
			change = visible(a.Change)
		}
		p.Amendments = append(p.Amendments, amendment{at, bounded(a.Path, maxName), bounded(orDash(a.Old), maxName), bounded(orDash(a.New), maxName), change})
	}
	p.Spec, p.Cut = cut(rec.Spec, maxSpec)
	p.Spec = visible(p.Spec)
	return p
}

func orDash(s string) string {
	if s == "" {
		return dash
	}
	return s
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
