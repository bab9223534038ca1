package lake

import (
	"context"
	"database/sql"
	"time"
)

// A Search says which sessions to list. What is empty is not asked for.
type Search struct {
	App, Release, Version, Session, User, Case string
	Attribute, AttributeValue                  string
	From, To                                   time.Time // of requests, To excluded
	Failed                                     bool      // with a request that failed
	Error                                      string    // of that type
	Text                                       string    // in what was said, in any case of letters
	Criterion                                  string    // with a score of it in [ScoreFrom, ScoreTo]
	ScoreFrom, ScoreTo                         float64
	Outcome                                    string // whose last value is in [OutcomeFrom, OutcomeTo]
	OutcomeFrom, OutcomeTo                     float64
	After                                      *Place // the page that follows this one
	Limit                                      int
}

// A Place is where a page ends.
type Place struct {
	Last    time.Time
	Session string
}

// A Session is a line of the list.
type Session struct {
	Session   string     `json:"session"`
	Version   *string    `json:"version"`
	Release   *string    `json:"release"`
	User      *string    `json:"user"`
	Case      *string    `json:"case"`
	Trial     *int64     `json:"trial"`
	First     *time.Time `json:"first"`
	Last      time.Time  `json:"last"` // 1970 where requests have no times
	Requests  int64      `json:"requests"`
	Errors    int64      `json:"errors"`
	LatencyMS *float64   `json:"latency_ms"` // in all
	Tokens    *int64     `json:"tokens"`     // in all; null where one is not known
	Opening   *string    `json:"opening"`    // of what the user said first; null where texts are not kept
	Marks     []Mark     `json:"marks"`
}

// A Mark is what a judge, a person or the application said of a session, or of
// one of its requests.
type Mark struct {
	Trace *string    `json:"trace_id"` // null: of the session
	Kind  string     `json:"kind"`     // judgment, label or outcome
	Name  string     `json:"name"`
	Value *float64   `json:"value"` // null where there is none; word says why
	Word  *string    `json:"word"`
	Said  *string    `json:"said"` // reason or comment
	Giver *string    `json:"giver"`
	Flags *string    `json:"flags"`
	At    *time.Time `json:"at"`
}

// bind names parameters. DuckDB passes over those that a query does not use.
func bind(values map[string]any) []any {
	out := make([]any, 0, len(values))
	for name, v := range values {
		out = append(out, sql.Named(name, v))
	}
	return out
}

// rowsOf gives each row of a query to scan.
func (l *Lake) rowsOf(ctx context.Context, query string, values map[string]any, scan func(*sql.Rows) error) error {
	rows, err := l.conn.QueryContext(ctx, query, bind(values)...)
	if err != nil {
		return l.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return l.explain(err)
		}
	}
	if err := rows.Err(); err != nil {
		return l.explain(err)
	}
	return nil
}

// Sessions lists a page of sessions with what was said of them; next is where
// the page that follows begins, or nil.
func (l *Lake) Sessions(ctx context.Context, s Search) (list []Session, next *Place, err error) {
	values := map[string]any{
		"app": s.App, "release": s.Release, "version": s.Version, "session": s.Session, "user": s.User, "case": s.Case,
		"attribute": s.Attribute, "attribute_value": s.AttributeValue, "from": s.From, "to": s.To, "error": s.Error, "text": s.Text,
		"criterion": s.Criterion, "score_from": s.ScoreFrom, "score_to": s.ScoreTo,
		"outcome": s.Outcome, "outcome_from": s.OutcomeFrom, "outcome_to": s.OutcomeTo, "limit": s.Limit + 1,
	}
	if s.After != nil {
		values["after_last"], values["after_session"] = s.After.Last, s.After.Session
	}
	query := text("browse_sessions", map[string]bool{
		"Release": s.Release != "", "Version": s.Version != "", "Session": s.Session != "", "User": s.User != "", "Case": s.Case != "",
		"Attribute": s.Attribute != "", "From": !s.From.IsZero(), "To": !s.To.IsZero(), "Failed": s.Failed, "Error": s.Error != "",
		"Text": s.Text != "", "Criterion": s.Criterion != "", "Outcome": s.Outcome != "", "After": s.After != nil,
	})
	err = l.rowsOf(ctx, query, values, func(rows *sql.Rows) error {
		x := Session{Marks: []Mark{}}
		if err := rows.Scan(&x.Session, &x.Version, &x.Release, &x.User, &x.Case, &x.Trial, &x.First, &x.Last, &x.Requests, &x.Errors, &x.LatencyMS, &x.Tokens); err != nil {
			return err
		}
		list = append(list, x)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if len(list) > s.Limit {
		list = list[:s.Limit]
		last := list[s.Limit-1]
		next = &Place{last.Last, last.Session}
	}
	return list, next, l.furnish(ctx, s.App, list)
}

// furnish adds to sessions how they open and what was said of them.
func (l *Lake) furnish(ctx context.Context, app string, list []Session) error {
	if len(list) == 0 {
		return nil
	}
	at, ids := map[string]*Session{}, make([]string, len(list))
	for i := range list {
		at[list[i].Session], ids[i] = &list[i], list[i].Session
	}
	values := map[string]any{"app": app, "sessions": ids}
	err := l.rowsOf(ctx, text("browse_openings", nil), values, func(rows *sql.Rows) error {
		var session string
		var opening *string
		if err := rows.Scan(&session, &opening); err != nil {
			return err
		}
		at[session].Opening = opening
		return nil
	})
	if err != nil {
		return err
	}
	return l.marks(ctx, values, func(session string, m Mark) { at[session].Marks = append(at[session].Marks, m) })
}

func (l *Lake) marks(ctx context.Context, values map[string]any, add func(session string, m Mark)) error {
	return l.rowsOf(ctx, text("browse_marks", nil), values, func(rows *sql.Rows) error {
		var session string
		var m Mark
		if err := rows.Scan(&session, &m.Trace, &m.Kind, &m.Name, &m.Value, &m.Word, &m.Said, &m.Giver, &m.Flags, &m.At); err != nil {
			return err
		}
		add(session, m)
		return nil
	})
}
