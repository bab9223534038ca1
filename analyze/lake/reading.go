package lake

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"weir/trace"
)

// A Reading is a session as it is read.
type Reading struct {
	Session  string    `json:"session"`
	Requests []Request `json:"requests"` // in order of time
	More     bool      `json:"more"`     // requests that are left out, at the end
	Marks    []Mark    `json:"marks"`
	Drawn    []Drawn   `json:"drawn"` // sets for labels that it is in
	Case     []Run     `json:"case"`  // the runs of its case, itself among them; empty where it is none
}

// A Request is a row of traces with its texts.
type Request struct {
	TraceID    string            `json:"trace_id"`
	Release    *string           `json:"release"`
	User       *string           `json:"user"`
	Turn       *int64            `json:"turn"`
	Assigned   *string           `json:"assigned_version"`
	Served     *string           `json:"served_version"`
	Reason     *string           `json:"reason"`
	Rule       *string           `json:"rule"`
	StartedAt  *time.Time        `json:"started_at"`
	LatencyMS  *float64          `json:"latency_ms"`
	TTFTMS     *float64          `json:"ttft_ms"`
	Status     *int64            `json:"status"`
	ErrorType  *string           `json:"error_type"`
	Streamed   *bool             `json:"streamed"`
	Truncated  *bool             `json:"truncated"`
	Model      *string           `json:"model"`
	Input      *int64            `json:"input_tokens"`
	Output     *int64            `json:"output_tokens"`
	CostUSD    *float64          `json:"cost_usd"`
	Attributes map[string]string `json:"attributes"`
	Case       *string           `json:"case_id"`
	Trial      *int64            `json:"trial"`
	// Text says what became of the texts: kept, not_kept, or left_out, where the
	// session has more than a page shows.
	Text    string   `json:"text"`
	Content *Content `json:"content"`
}

// A Content is the texts of a request.
type Content struct {
	Input     string    `json:"input"`
	Output    string    `json:"output"`
	Prompt    string    `json:"prompt"`
	ToolCalls string    `json:"tool_calls"`
	Retrieval []Passage `json:"retrieval"`
	Spans     []Span    `json:"spans"`
}

// A Passage is a text that was retrieved.
type Passage struct {
	Rank  int64    `json:"rank"`
	DocID *string  `json:"doc_id"`
	Score *float64 `json:"score"`
	Text  *string  `json:"text"`
}

// A Span is where a part of the time went.
type Span struct {
	Name       *string  `json:"name"`
	StartMS    *float64 `json:"start_ms"`
	DurationMS *float64 `json:"duration_ms"`
}

// A Drawn is a set for labels that a session is in.
type Drawn struct {
	Set    string `json:"set"`
	Item   string `json:"item"`
	Rubric string `json:"rubric"`
	Mine   bool   `json:"mine"` // the reader has labelled it
}

// A Run is a session of a case.
type Run struct {
	Session string  `json:"session"`
	Version *string `json:"version"`
	Trial   *int64  `json:"trial"`
	release *string
}

// Bounds of what is read of a session.
const (
	readRequests = 500
	readTexts    = 8 << 20 // bytes
)

// Read gives a session with all that is known of it, for a reader who labels under a
// name; days are those of its requests. Without requests there is no such session.
func (l *Lake) Read(ctx context.Context, app, session, labeler string, days Days) (Reading, error) {
	out := Reading{Session: session, Requests: []Request{}, Marks: []Mark{}, Drawn: []Drawn{}, Case: []Run{}}
	values := map[string]any{"app": app, "session": session, "labeler": labeler, "pending": trace.Pending, "limit": readRequests + 1, "since": days.Since, "until": days.Until}
	size := 0
	err := l.rowsOf(ctx, text("browse_requests", nil), values, func(rows *sql.Rows) error {
		r, err := requestOf(rows, &size)
		out.Requests = append(out.Requests, r)
		return err
	})
	if err != nil || len(out.Requests) == 0 {
		return out, err
	}
	if len(out.Requests) > readRequests {
		out.Requests, out.More = out.Requests[:readRequests], true
	}
	of := map[string]string{}
	for _, r := range out.Requests {
		of[r.TraceID] = session
	}
	if err := l.marks(ctx, app, []string{session}, of, func(_ string, m Mark) { out.Marks = append(out.Marks, m) }); err != nil {
		return out, err
	}
	err = l.rowsOf(ctx, text("browse_drawn", nil), values, func(rows *sql.Rows) error {
		var d Drawn
		err := rows.Scan(&d.Set, &d.Item, &d.Rubric, &d.Mine)
		out.Drawn = append(out.Drawn, d)
		return err
	})
	return out, err
}

// Runs adds the runs of the session's case, among the requests shown.
func (l *Lake) Runs(ctx context.Context, app string, of *Reading) error {
	first := of.Requests[0]
	if first.Case == nil {
		return nil
	}
	values := map[string]any{"app": app, "case": *first.Case, "release": nil}
	if first.Release != nil {
		values["release"] = *first.Release
	}
	return l.rowsOf(ctx, text("browse_case", nil), values, func(rows *sql.Rows) error {
		var r Run
		err := rows.Scan(&r.Session, &r.Version, &r.Trial, &r.release)
		of.Case = append(of.Case, r)
		return err
	})
}

// requestOf scans a request. Texts are taken in until a session has too many.
func requestOf(rows *sql.Rows, size *int) (r Request, err error) {
	var kept bool
	var attributes, input, output, prompt, tools, retrieval, spans *string
	err = rows.Scan(&r.TraceID, &r.Release, &r.User, &r.Turn, &r.Assigned, &r.Served, &r.Reason, &r.Rule, &r.StartedAt,
		&r.LatencyMS, &r.TTFTMS, &r.Status, &r.ErrorType, &r.Streamed, &r.Truncated, &r.Model, &r.Input, &r.Output, &r.CostUSD,
		&attributes, &r.Case, &r.Trial, &kept, &input, &output, &prompt, &tools, &retrieval, &spans)
	if err != nil {
		return r, err
	}
	if attributes != nil {
		if err := json.Unmarshal([]byte(*attributes), &r.Attributes); err != nil {
			return r, fmt.Errorf("attributes: %w", err)
		}
	}
	if !kept {
		r.Text = "not_kept"
		return r, nil
	}
	for _, s := range []*string{input, output, prompt, tools, retrieval, spans} {
		*size += len(value(s))
	}
	if *size > readTexts {
		r.Text = "left_out"
		return r, nil
	}
	r.Text = "kept"
	r.Content = &Content{Input: value(input), Output: value(output), Prompt: value(prompt), ToolCalls: value(tools), Retrieval: []Passage{}, Spans: []Span{}}
	for into, s := range map[any]*string{&r.Content.Retrieval: retrieval, &r.Content.Spans: spans} {
		if s == nil {
			continue
		}
		if err := json.Unmarshal([]byte(*s), into); err != nil {
			return r, fmt.Errorf("passages or spans: %w", err)
		}
	}
	return r, nil
}
