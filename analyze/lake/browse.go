package lake

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"
)

// A Search says which sessions to list. What is empty is not asked for. Of
// requests is asked what one request of the session meets all at once; of sessions,
// what is known of them as a whole.
type Search struct {
	App, Release, Version, Session, User, Case string
	Attribute, AttributeValue                  string
	From, To                                   time.Time // of requests, To excluded
	Failed                                     bool      // a request that failed
	Error                                      string    // of that type
	Text                                       string    // in what was said, in any case of letters

	Criterion              string // of sessions: with a score of it in [ScoreFrom, ScoreTo]
	ScoreFrom, ScoreTo     float64
	Outcome                string // of sessions: whose last value is in [OutcomeFrom, OutcomeTo]
	OutcomeFrom, OutcomeTo float64
	After                  *Place // sessions that follow this place
	Only                   []string
	Untimed                bool // requests without a time, alone
	Limit                  int
}

// A Place is where a page ends: the time of the latest request that met what was
// asked, 1970 where requests have no times, and its session.
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

// Matching lists the sessions that meet a search among the requests shown, the latest
// such request first; without their texts, at most Limit.
func (l *Lake) Matching(ctx context.Context, s Search) (list []Place, err error) {
	values := map[string]any{
		"app": s.App, "release": s.Release, "version": s.Version, "session": s.Session, "user": s.User, "case": s.Case,
		"attribute": s.Attribute, "attribute_value": s.AttributeValue, "since": s.From, "until": s.To, "error": s.Error, "text": s.Text,
		"criterion": s.Criterion, "score_from": s.ScoreFrom, "score_to": s.ScoreTo,
		"outcome": s.Outcome, "outcome_from": s.OutcomeFrom, "outcome_to": s.OutcomeTo, "only": s.Only, "limit": s.Limit,
	}
	if s.After != nil {
		values["after_moment"], values["after_session"] = s.After.Last, s.After.Session
	}
	query := text("browse_matching", map[string]bool{
		"Release": s.Release != "", "Version": s.Version != "", "Session": s.Session != "", "User": s.User != "", "Case": s.Case != "",
		"Attribute": s.Attribute != "", "Since": !s.From.IsZero(), "Until": !s.To.IsZero(), "Untimed": s.Untimed, "Failed": s.Failed, "Error": s.Error != "",
		"Text": s.Text != "", "Criterion": s.Criterion != "", "Outcome": s.Outcome != "", "After": s.After != nil, "Only": s.Only != nil,
	})
	err = l.rowsOf(ctx, query, values, func(rows *sql.Rows) error {
		var p Place
		if err := rows.Scan(&p.Session, &p.Last); err != nil {
			return err
		}
		list = append(list, p)
		return nil
	})
	return list, err
}

// A Line is a session of the list, and the requests that its texts and marks are found by.
type Line struct {
	Session
	traces []string
}

// Days are those that the requests of some sessions lie on.
type Days struct {
	Dates        []string  // in order
	Since, Until time.Time // of these requests; zero where none has a time
}

// Days tells where the requests of sessions lie, from little of the rows shown.
func (l *Lake) Days(ctx context.Context, app string, sessions []string) (out Days, err error) {
	missing := map[string]bool{}
	for _, s := range sessions {
		missing[s] = true
	}
	for _, single := range []bool{false, true} { // most requests have a session id, and trace ids are long
		if len(missing) == 0 {
			break
		}
		id := map[bool]string{false: "session_id", true: "trace_id"}[single]
		values := map[string]any{"app": app, "sessions": slices.Sorted(maps.Keys(missing))}
		err := l.rowsOf(ctx, text("browse_days", map[string]any{"ID": id, "Single": single}), values, func(rows *sql.Rows) error {
			var session, date string
			var since, until *time.Time
			if err := rows.Scan(&session, &date, &since, &until); err != nil {
				return err
			}
			delete(missing, session)
			out.add(date, since, until)
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	slices.Sort(out.Dates)
	return out, nil
}

func (d *Days) add(date string, since, until *time.Time) {
	if !slices.Contains(d.Dates, date) {
		d.Dates = append(d.Dates, date)
	}
	if since != nil && (d.Since.IsZero() || since.Before(d.Since)) {
		d.Since = *since
	}
	if until != nil && until.After(d.Until) {
		d.Until = *until
	}
}

// Figures gives sessions with the figures of their requests on days, in the order
// asked for; one that has no request among those shown is left out.
func (l *Lake) Figures(ctx context.Context, app string, sessions []string, days Days) ([]Line, error) {
	values := map[string]any{"app": app, "sessions": sessions, "since": days.Since, "until": days.Until}
	found := map[string]Line{}
	err := l.rowsOf(ctx, text("browse_figures", nil), values, func(rows *sql.Rows) error {
		x := Line{Session: Session{Marks: []Mark{}}}
		var traces any
		err := rows.Scan(&x.Session.Session, &x.Version, &x.Release, &x.User, &x.Case, &x.Trial, &x.First, &x.Last, &x.Requests, &x.Errors, &x.LatencyMS, &x.Tokens, &traces)
		if err != nil {
			return err
		}
		list, _ := traces.([]any)
		for _, t := range list {
			if id, ok := t.(string); ok {
				x.traces = append(x.traces, id)
			}
		}
		found[x.Session.Session] = x
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []Line
	for _, s := range sessions {
		if x, ok := found[s]; ok {
			out = append(out, x)
		}
	}
	return out, nil
}

// Furnish adds to sessions how they open and what was said of them.
func (l *Lake) Furnish(ctx context.Context, app string, list []Line) error {
	if len(list) == 0 {
		return nil
	}
	var sessions, traces []string
	openings := map[string]string{}
	for _, x := range list {
		sessions, traces = append(sessions, x.Session.Session), append(traces, x.traces...)
	}
	err := l.rowsOf(ctx, text("browse_openings", nil), map[string]any{"app": app, "traces": traces}, func(rows *sql.Rows) error {
		var id, opening string
		if err := rows.Scan(&id, &opening); err != nil {
			return err
		}
		openings[id] = opening
		return nil
	})
	if err != nil {
		return err
	}
	at, of := map[string]*Line{}, map[string]string{}
	for i := range list {
		x := &list[i]
		at[x.Session.Session] = x
		for _, id := range x.traces {
			of[id] = x.Session.Session
			if opening, ok := openings[id]; ok && x.Opening == nil {
				x.Opening = &opening
			}
		}
	}
	return l.marks(ctx, app, sessions, of, func(session string, m Mark) { at[session].Marks = append(at[session].Marks, m) })
}

// marks gives what was said of sessions and of their requests, which of names the
// sessions of.
func (l *Lake) marks(ctx context.Context, app string, sessions []string, of map[string]string, add func(session string, m Mark)) error {
	traces := slices.Sorted(maps.Keys(of))
	if traces == nil {
		traces = []string{}
	}
	known := map[string]bool{}
	for _, s := range sessions {
		known[s] = true
	}
	return l.rowsOf(ctx, text("browse_marks", nil), map[string]any{"app": app, "sessions": sessions, "traces": traces}, func(rows *sql.Rows) error {
		var session *string
		var m Mark
		if err := rows.Scan(&session, &m.Trace, &m.Kind, &m.Name, &m.Value, &m.Word, &m.Said, &m.Giver, &m.Flags, &m.At); err != nil {
			return err
		}
		owner, ok := of[value(m.Trace)]
		if !ok {
			owner = value(session)
		}
		if known[owner] {
			add(owner, m)
		}
		return nil
	})
}
