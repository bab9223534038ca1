package lake

import (
	"context"
	"fmt"
)

// A Score is that of a dialogue, or was.
type Score struct {
	Probability float64 // with which it was drawn; 1 where that is not said
	Withdrawn   bool    // for being an answer to everything
}

// Scored gives what one judge has scored by a criterion in a release, dialogues by
// session and single requests by their id.
func (l *Lake) Scored(ctx context.Context, app, release, criterion, hash string) (map[string]Score, error) {
	rows, err := l.conn.QueryContext(ctx, fmt.Sprintf(
		`SELECT coalesce(session_id, trace_id), coalesce(max(inclusion_probability), 1), coalesce(bool_or(error = 'duplicate_output'), false) FROM judgments
		WHERE app = %s AND release = %s AND criterion = %s AND judge_hash = %s
			AND case_id IS NULL AND coalesce(session_id, trace_id) IS NOT NULL
		GROUP BY 1 HAVING count(score) > 0 OR bool_or(error = 'duplicate_output')`,
		literal(app), literal(release), literal(criterion), literal(hash)))
	if err != nil {
		return nil, l.explain(err)
	}
	defer rows.Close()
	out := map[string]Score{}
	for rows.Next() {
		var subject string
		var s Score
		if err := rows.Scan(&subject, &s.Probability, &s.Withdrawn); err != nil {
			return nil, l.explain(err)
		}
		out[subject] = s
	}
	return out, rows.Err()
}
