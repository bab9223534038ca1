package lake

import (
	"context"
	"math"
)

// A Spread is how a duration of answered requests is spread in one arm.
type Spread struct {
	Rows int64
	// Steps are the distribution: the share of rows at or below a value, in order, strata
	// weighted by traffic. They are read from bins 2 % wide.
	Steps []SpreadStep
}

// A SpreadStep says that Share of the rows take at most MS milliseconds.
type SpreadStep struct{ MS, Share float64 }

// Spreads are the spreads of latency and of the time to the first token, by arm. An arm
// without a value has no rows.
type Spreads struct{ Latency, TTFT [2]Spread }

// Spreads reads how durations are spread, in one pass. At most some 1,500 rows come
// back, whatever the lake holds.
func (l *Lake) Spreads(ctx context.Context, q Query) (Spreads, error) {
	var out Spreads
	rows, err := l.conn.QueryContext(ctx, text("spread", map[string]any{
		"App": literal(q.App), "Release": literal(q.Release), "Control": literal(q.Control), "Treatment": literal(q.Treatment),
	}))
	if err != nil {
		return out, l.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var first, treated bool
		var bin int
		var n int64
		var weight float64
		if err := rows.Scan(&first, &treated, &bin, &n, &weight); err != nil {
			return out, l.explain(err)
		}
		arms := &out.Latency
		if first {
			arms = &out.TTFT
		}
		s := &arms[0]
		if treated {
			s = &arms[1]
		}
		s.Rows += n
		if last := len(s.Steps); last > 0 {
			weight += s.Steps[last-1].Share
		}
		s.Steps = append(s.Steps, SpreadStep{upperEdge(bin), weight})
	}
	for _, arms := range []*[2]Spread{&out.Latency, &out.TTFT} {
		for a := range arms {
			if steps := arms[a].Steps; len(steps) > 0 {
				whole := steps[len(steps)-1].Share
				for i := range steps {
					steps[i].Share /= whole
				}
			}
		}
	}
	return out, rows.Err()
}

// upperEdge is the upper end of a bin of spread.sql.
func upperEdge(bin int) float64 {
	if bin <= lowestBin {
		return 0
	}
	return math.Exp(float64(bin+1) / 50)
}
