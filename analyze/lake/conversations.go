package lake

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weir/trace"
)

// A ConversationQuery says which conversations may be drawn.
type ConversationQuery struct {
	App, Release       string
	Control, Treatment string // versions
	Unit               string // session or user
	Offline            bool   // runs of cases, else live traffic
	AsOf               time.Time
	// From, where set, leaves out units that were assigned before.
	From time.Time
}

// A Conversation is one of a unit of the test: of a session, itself; of a user, any;
// offline, a run of a case. Units that chance did not assign have none.
type Conversation struct {
	Unit      string // what is drawn; offline the case
	Session   string // by which its texts are found: the session's id, or its only request's
	Single    bool   // Session is a request's id
	Spoken    bool   // it has texts
	Treated   bool
	Stratum   string      // epoch and rule
	Assigned  time.Time   // of the unit
	Starts    []time.Time // of its requests; none where rows have no times
	Ends      []time.Time
	Requests  int
	Language  string
	Region    string
	Device    string
	Attribute map[string]string
	Outcomes  map[string]float64
	CaseID    string
	Trial     *int64
}

// Conversations lists them, in the order of their assignment.
func (l *Lake) Conversations(ctx context.Context, q ConversationQuery) ([]Conversation, error) {
	column := "session_id"
	if q.Unit == "user" {
		column = "user_id"
	}
	from := ""
	if !q.From.IsZero() {
		from = fmt.Sprint(q.From.UnixMicro())
	}
	rows, err := l.conn.QueryContext(ctx, text("conversations", map[string]any{
		"App": literal(q.App), "Release": literal(q.Release), "Control": literal(q.Control), "Treatment": literal(q.Treatment),
		"AsOf": timestamp(q.AsOf), "Offline": q.Offline, "UnitColumn": column, "EverySession": q.Unit == "user" && !q.Offline, "From": from,
	}))
	if err != nil {
		return nil, l.explain(err)
	}
	defer rows.Close()
	var out []Conversation
	for rows.Next() {
		var c Conversation
		var assigned, trial sql.NullInt64
		var starts, ends []any
		var attributes, outcomes string
		err := rows.Scan(&c.Unit, &c.Session, &c.Single, &c.Spoken, &c.Treated, &c.Stratum, &assigned, &starts, &ends,
			&c.Language, &c.Region, &c.Device, &attributes, &c.CaseID, &trial, &c.Requests, &outcomes)
		if err != nil {
			return nil, l.explain(err)
		}
		if assigned.Valid {
			c.Assigned = time.UnixMicro(assigned.Int64).UTC()
		}
		if trial.Valid {
			c.Trial = &trial.Int64
		}
		c.Starts, c.Ends = times(starts), times(ends)
		if err := json.Unmarshal([]byte(attributes), &c.Attribute); err != nil {
			return nil, fmt.Errorf("lake: attributes of a conversation: %w", err)
		}
		if err := json.Unmarshal([]byte(outcomes), &c.Outcomes); err != nil {
			return nil, fmt.Errorf("lake: outcomes of a conversation: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func times(micros []any) []time.Time {
	out := make([]time.Time, 0, len(micros))
	for _, m := range micros {
		if us, ok := m.(int64); ok {
			out = append(out, time.UnixMicro(us).UTC())
		}
	}
	return out
}

// Live counts the rows of live traffic and of offline runs of a release.
func (l *Lake) Live(ctx context.Context, q ConversationQuery) (live, offline int64, err error) {
	err = l.conn.QueryRowContext(ctx, fmt.Sprintf(
		"SELECT count(*) FILTER (case_id IS NULL), count(case_id) FROM traces WHERE app = %s AND (release = %s OR release IS NULL) AND assigned_version IN (%s, %s)",
		literal(q.App), literal(q.Release), literal(q.Control), literal(q.Treatment))).Scan(&live, &offline)
	if err != nil {
		return 0, 0, l.explain(err)
	}
	return live, offline, nil
}

// GatherTexts reads the texts of conversations once, so that Texts finds them.
func (l *Lake) GatherTexts(ctx context.Context, q ConversationQuery, sessions []string) error {
	return l.run(ctx, "conversation_texts", map[string]any{
		"App": literal(q.App), "Release": literal(q.Release), "Sessions": literals(sessions),
	})
}

// A Said is one request of a conversation.
type Said struct {
	Started time.Time // zero where unknown
	Content trace.Content
}

// Texts gives what was said in conversations that GatherTexts has read, in order.
func (l *Lake) Texts(ctx context.Context, sessions []string) (map[string][]Said, error) {
	rows, err := l.conn.QueryContext(ctx, "SELECT session, started_us, said FROM conversation_texts WHERE session IN (SELECT unnest("+literals(sessions)+")) ORDER BY session, place")
	if err != nil {
		return nil, l.explain(err)
	}
	defer rows.Close()
	out := map[string][]Said{}
	for rows.Next() {
		var session, said string
		var started sql.NullInt64
		if err := rows.Scan(&session, &started, &said); err != nil {
			return nil, l.explain(err)
		}
		s := Said{}
		if started.Valid {
			s.Started = time.UnixMicro(started.Int64).UTC()
		}
		if s.Content, err = content(said); err != nil {
			return nil, err
		}
		out[session] = append(out[session], s)
	}
	return out, rows.Err()
}

// content reads the JSON that the query makes of a request's texts.
func content(said string) (trace.Content, error) {
	var t struct {
		Input, Output *string
		ToolCalls     *string `json:"tool_calls"`
		Retrieval     []struct {
			Rank  int64
			DocID *string `json:"doc_id"`
			Score *float64
			Text  *string
		}
	}
	if err := json.Unmarshal([]byte(said), &t); err != nil {
		return trace.Content{}, fmt.Errorf("lake: texts of a conversation: %w", err)
	}
	c := trace.Content{Input: value(t.Input), Output: value(t.Output), ToolCalls: value(t.ToolCalls)}
	for _, p := range t.Retrieval {
		c.Retrieval = append(c.Retrieval, trace.Passage{Rank: p.Rank, DocID: value(p.DocID), Score: p.Score, Text: value(p.Text)})
	}
	return c, nil
}

// literals writes a list of strings.
func literals(list []string) string {
	var b strings.Builder
	b.WriteString("[")
	for i, s := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(literal(s))
	}
	b.WriteString("]::VARCHAR[]")
	return b.String()
}
