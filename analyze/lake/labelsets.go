package lake

import (
	"context"
	"database/sql"
	"time"

	"weir/trace"
)

// A LabelSet is a set that was drawn for labels.
type LabelSet struct {
	Set      string     `json:"set"`
	Rubric   string     `json:"rubric"`
	Drawn    *time.Time `json:"drawn"`
	Items    int64      `json:"items"`
	Labelled int64      `json:"labelled"` // by anybody
	Mine     int64      `json:"mine"`     // by the reader
}

// LabelSets lists the sets drawn for labels, the newest first.
func (l *Lake) LabelSets(ctx context.Context, app, labeler string) ([]LabelSet, error) {
	out := []LabelSet{}
	err := l.rowsOf(ctx, text("browse_sets", nil), map[string]any{"app": app, "labeler": labeler, "pending": trace.Pending}, func(rows *sql.Rows) error {
		var s LabelSet
		err := rows.Scan(&s.Set, &s.Rubric, &s.Drawn, &s.Items, &s.Labelled, &s.Mine)
		out = append(out, s)
		return err
	})
	return out, err
}

// Answers gives what a person last answered on the questions of a rubric, by session
// and criterion; a question that was declined has no value.
func (l *Lake) Answers(ctx context.Context, app, rubric, labeler string) (map[string]map[string]Mark, error) {
	out := map[string]map[string]Mark{}
	err := l.rowsOf(ctx, text("browse_answers", nil), map[string]any{"app": app, "rubric": rubric, "labeler": labeler}, func(rows *sql.Rows) error {
		var session string
		m := Mark{Kind: "label"}
		if err := rows.Scan(&session, &m.Name, &m.Word, &m.Said); err != nil {
			return err
		}
		if out[session] == nil {
			out[session] = map[string]Mark{}
		}
		out[session][m.Name] = m
		return nil
	})
	return out, err
}

// DrawnItems gives the items of a set by their sessions.
func (l *Lake) DrawnItems(ctx context.Context, app, rubric, set string) (map[string]string, error) {
	out := map[string]string{}
	err := l.rowsOf(ctx, text("browse_items", nil), map[string]any{"app": app, "rubric": rubric, "set": set}, func(rows *sql.Rows) error {
		var session, item string
		err := rows.Scan(&session, &item)
		out[session] = item
		return err
	})
	return out, err
}
