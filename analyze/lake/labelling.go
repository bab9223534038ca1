package lake

import (
	"context"
	"slices"
	"strings"
	"time"

	"weir/trace"
)

// A LabelQuery says which sessions people may be offered.
type LabelQuery struct {
	App, Release string
	Versions     []string
	Rubric       string
	AsOf         time.Time
	// Complete is until when a session's last request must have begun for its dialogue to be over.
	Complete time.Time
}

// A Candidate is a session that may be drawn for labels.
type Candidate struct {
	Session string
	Hour    int64 // of its assignment, since 1970 UTC
	Judged  bool
	Split   bool // the judges of a panel disagree on it
}

// LabelCandidates lists the sessions of hours that were not offered for labels
// yet and are done with; judged reports whether anything is judged by
// the rubric at all.
func (l *Lake) LabelCandidates(ctx context.Context, q LabelQuery) (list []Candidate, judged bool, err error) {
	rows, err := l.conn.QueryContext(ctx, text("label_candidates", map[string]any{
		"App": literal(q.App), "Release": literal(q.Release), "Versions": listing(q.Versions), "Rubric": literal(q.Rubric),
		"AsOf": timestamp(q.AsOf), "Complete": timestamp(q.Complete),
	}))
	if err != nil {
		return nil, false, l.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Candidate
		if err := rows.Scan(&c.Session, &c.Hour, &c.Judged, &c.Split, &judged); err != nil {
			return nil, false, l.explain(err)
		}
		list = append(list, c)
	}
	return list, judged, rows.Err()
}

// Transcripts gives the texts of sessions, turns in order of time; a session
// without texts is absent.
func (l *Lake) Transcripts(ctx context.Context, app string, sessions []string) (map[string][]trace.Content, error) {
	out := map[string][]trace.Content{}
	if len(sessions) == 0 {
		return out, nil
	}
	days, err := l.Days(ctx, app, sessions)
	if err != nil {
		return nil, err
	}
	parameters := map[string]any{"App": literal(app), "Sessions": listing(sessions), "Dates": ""}
	if !slices.Contains(days.Dates, trace.UnknownDate) && len(days.Dates) > 0 {
		parameters["Dates"] = listing(days.Dates) // so that no other day's texts are read
	}
	rows, err := l.conn.QueryContext(ctx, text("transcripts", parameters))
	if err != nil {
		return nil, l.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var session, turns string
		if err := rows.Scan(&session, &turns); err != nil {
			return nil, l.explain(err)
		}
		var d Dialogue
		if err := d.fill(turns, "[]", "[]"); err != nil {
			return nil, err
		}
		for _, t := range d.Turns {
			out[session] = append(out[session], t.Content)
		}
	}
	return out, rows.Err()
}

// listing writes strings as what stands between the brackets of an SQL IN.
func listing(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = literal(s)
	}
	return strings.Join(out, ", ")
}
