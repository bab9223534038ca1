package lake

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// A JudgeFigure counts what one judge said of one arm's dialogues by one criterion.
type JudgeFigure struct {
	Criterion   string
	Model, Hash string
	Treated     bool
	Judged      int64            // dialogues with a score
	Missing     map[string]int64 // judgments without one, by cause
	Mean        *float64         // of scores; nil without any
	Labelled    int64            // of those judged, dialogues that people labelled too
	Tokens      int64
	CostUSD     *float64 // nil where no cost is known
	First, Last time.Time
}

// JudgeFigures counts a release's judgments of dialogues.
func (l *Lake) JudgeFigures(ctx context.Context, q Query) ([]JudgeFigure, error) {
	if len(l.files["judgments"]) == 0 {
		return nil, nil
	}
	rows, err := l.conn.QueryContext(ctx, text("judge_figures", map[string]any{
		"App": literal(q.App), "Release": literal(q.Release), "Control": literal(q.Control), "Treatment": literal(q.Treatment),
	}))
	if err != nil {
		return nil, l.explain(err)
	}
	defer rows.Close()
	var out []JudgeFigure
	for rows.Next() {
		var f JudgeFigure
		var missing string
		var mean, cost sql.NullFloat64
		var first, last sql.NullTime
		if err := rows.Scan(&f.Criterion, &f.Model, &f.Hash, &f.Treated, &f.Judged, &missing, &mean, &f.Labelled, &f.Tokens, &cost, &first, &last); err != nil {
			return nil, l.explain(err)
		}
		if err := json.Unmarshal([]byte(missing), &f.Missing); err != nil {
			return nil, fmt.Errorf("lake: causes of missing judgments: %w", err)
		}
		if mean.Valid {
			f.Mean = &mean.Float64
		}
		if cost.Valid {
			f.CostUSD = &cost.Float64
		}
		f.First, f.Last = first.Time.UTC(), last.Time.UTC()
		out = append(out, f)
	}
	return out, rows.Err()
}
