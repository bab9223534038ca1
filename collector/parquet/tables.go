package parquet

import (
	"time"

	"weir/trace"
)

// A Row is a row of one of the lake's tables.
type Row interface {
	trace.Exchange | trace.Content | trace.Outcome | trace.Judgment | trace.Label | trace.Loss | trace.Event
}

// A table ties a Go type to the layout of its files.
type table[T Row] struct {
	*layout
	fields []field[T] // one a column, in the order of layout.table.Columns
	app    func(*T) *string
	time   func(*T) time.Time // of the column that dates the row; nil where another table dates it
}

// tableOf returns the table of T.
func tableOf[T Row]() *table[T] {
	switch any(*new(T)).(type) {
	case trace.Exchange:
		return any(exchanges).(*table[T])
	case trace.Content:
		return any(contents).(*table[T])
	case trace.Outcome:
		return any(outcomes).(*table[T])
	case trace.Judgment:
		return any(judgments).(*table[T])
	case trace.Label:
		return any(labels).(*table[T])
	case trace.Loss:
		return any(losses).(*table[T])
	default:
		return any(events).(*table[T])
	}
}

// newTable panics unless the fields are those of the trace package's table, in its order.
func newTable[T Row](name string, app func(*T) *string, at func(*T) time.Time, fields ...field[T]) *table[T] {
	described, ok := trace.TableNamed(name)
	if !ok || len(fields) != len(described.Columns) {
		panic("parquet: the fields of " + name + " are not its columns")
	}
	for i, c := range described.Columns {
		if f := fields[i]; f.name != c.Name || f.kind != c.Type || f.required != c.Required {
			panic("parquet: field " + f.name + " of " + name + " is not column " + c.Name)
		}
	}
	return &table[T]{layout: newLayout(described), fields: fields, app: app, time: at}
}

// check says why the row cannot be written.
func (t *table[T]) check(row *T) error {
	if lengthOf(t.fields, row) > maxText {
		return errLong
	}
	return checkAll(t.fields, row)
}

// put adds the row, which check has passed, to the row group of that date.
func (t *table[T]) put(g *rowGroup, date string, row *T) {
	b := g.block()
	before := b.size()
	for i := range t.fields {
		t.fields[i].write(b, t.first[i], row)
	}
	b.putText(t.first[len(t.fields)], date)
	b.rows++
	g.rows++
	g.size += b.size() - before
	if t.time != nil {
		if at := t.time(row); !at.IsZero() {
			g.seen(at.UnixMicro())
		}
	}
}

var exchanges = newTable("traces",
	func(e *trace.Exchange) *string { return &e.App }, func(e *trace.Exchange) time.Time { return e.StartedAt },
	requiredText("trace_id", func(e *trace.Exchange) *string { return &e.TraceID }),
	requiredText("app", func(e *trace.Exchange) *string { return &e.App }),
	text("release", func(e *trace.Exchange) *string { return &e.Release }),
	text("session_id", func(e *trace.Exchange) *string { return &e.SessionID }),
	text("user_id", func(e *trace.Exchange) *string { return &e.UserID }),
	text("unit_id", func(e *trace.Exchange) *string { return &e.UnitID }),
	integer("turn", func(e *trace.Exchange) **int64 { return &e.Turn }),
	text("assigned_version", func(e *trace.Exchange) *string { return &e.AssignedVersion }),
	text("served_version", func(e *trace.Exchange) *string { return &e.ServedVersion }),
	text("reason", func(e *trace.Exchange) *string { return (*string)(&e.Reason) }),
	text("rule", func(e *trace.Exchange) *string { return &e.Rule }),
	boolean("randomized", func(e *trace.Exchange) **bool { return &e.Randomized }),
	double("propensity", func(e *trace.Exchange) **float64 { return &e.Propensity }),
	integer("epoch", func(e *trace.Exchange) **int64 { return &e.Epoch }),
	integer("serving_epoch", func(e *trace.Exchange) **int64 { return &e.ServingEpoch }),
	timestamp("assigned_at", func(e *trace.Exchange) *time.Time { return &e.AssignedAt }),
	text("promise_hash", func(e *trace.Exchange) *string { return &e.PromiseHash }),
	timestamp("started_at", func(e *trace.Exchange) *time.Time { return &e.StartedAt }),
	double("latency_ms", func(e *trace.Exchange) **float64 { return &e.LatencyMS }),
	double("ttft_ms", func(e *trace.Exchange) **float64 { return &e.TTFTMS }),
	double("upstream_ms", func(e *trace.Exchange) **float64 { return &e.UpstreamMS }),
	integer("status", func(e *trace.Exchange) **int64 { return &e.Status }),
	text("error_type", func(e *trace.Exchange) *string { return &e.ErrorType }),
	boolean("streamed", func(e *trace.Exchange) **bool { return &e.Streamed }),
	boolean("truncated", func(e *trace.Exchange) **bool { return &e.Truncated }),
	text("model", func(e *trace.Exchange) *string { return &e.Model }),
	integer("input_tokens", func(e *trace.Exchange) **int64 { return &e.InputTokens }),
	integer("output_tokens", func(e *trace.Exchange) **int64 { return &e.OutputTokens }),
	integer("cached_tokens", func(e *trace.Exchange) **int64 { return &e.CachedTokens }),
	money("cost_usd", func(e *trace.Exchange) **float64 { return &e.CostUSD }),
	text("usage_source", func(e *trace.Exchange) *string { return (*string)(&e.UsageSource) }),
	text("device", func(e *trace.Exchange) *string { return &e.Device }),
	text("region", func(e *trace.Exchange) *string { return &e.Region }),
	text("language", func(e *trace.Exchange) *string { return &e.Language }),
	textMap("attributes", func(e *trace.Exchange) *map[string]string { return &e.Attributes }),
	text("case_id", func(e *trace.Exchange) *string { return &e.CaseID }),
	integer("trial", func(e *trace.Exchange) **int64 { return &e.Trial }),
)

var contents = newTable("contents",
	func(c *trace.Content) *string { return &c.App }, nil,
	requiredText("trace_id", func(c *trace.Content) *string { return &c.TraceID }),
	requiredText("app", func(c *trace.Content) *string { return &c.App }),
	text("input", func(c *trace.Content) *string { return &c.Input }),
	text("output", func(c *trace.Content) *string { return &c.Output }),
	text("prompt", func(c *trace.Content) *string { return &c.Prompt }),
	text("tool_calls", func(c *trace.Content) *string { return &c.ToolCalls }),
	list("retrieval", trace.PassageList, func(c *trace.Content) *[]trace.Passage { return &c.Retrieval },
		requiredInteger("rank", func(p *trace.Passage) *int64 { return &p.Rank }),
		text("doc_id", func(p *trace.Passage) *string { return &p.DocID }),
		double("score", func(p *trace.Passage) **float64 { return &p.Score }),
		text("text", func(p *trace.Passage) *string { return &p.Text })),
	list("spans", trace.SpanList, func(c *trace.Content) *[]trace.Span { return &c.Spans },
		text("name", func(s *trace.Span) *string { return &s.Name }),
		double("start_ms", func(s *trace.Span) **float64 { return &s.StartMS }),
		double("duration_ms", func(s *trace.Span) **float64 { return &s.DurationMS })),
)

var outcomes = newTable("outcomes",
	func(o *trace.Outcome) *string { return &o.App }, func(o *trace.Outcome) time.Time { return o.OccurredAt },
	requiredText("outcome_id", func(o *trace.Outcome) *string { return &o.OutcomeID }),
	requiredText("app", func(o *trace.Outcome) *string { return &o.App }),
	text("trace_id", func(o *trace.Outcome) *string { return &o.TraceID }),
	text("session_id", func(o *trace.Outcome) *string { return &o.SessionID }),
	text("user_id", func(o *trace.Outcome) *string { return &o.UserID }),
	requiredText("name", func(o *trace.Outcome) *string { return &o.Name }),
	requiredDouble("value", func(o *trace.Outcome) *float64 { return &o.Value }),
	text("comment", func(o *trace.Outcome) *string { return &o.Comment }),
	text("source", func(o *trace.Outcome) *string { return &o.Source }),
	timestamp("occurred_at", func(o *trace.Outcome) *time.Time { return &o.OccurredAt }),
	timestamp("received_at", func(o *trace.Outcome) *time.Time { return &o.ReceivedAt }),
)

var judgments = newTable("judgments",
	func(j *trace.Judgment) *string { return &j.App }, func(j *trace.Judgment) time.Time { return j.JudgedAt },
	requiredText("judgment_id", func(j *trace.Judgment) *string { return &j.JudgmentID }),
	requiredText("app", func(j *trace.Judgment) *string { return &j.App }),
	text("trace_id", func(j *trace.Judgment) *string { return &j.TraceID }),
	text("session_id", func(j *trace.Judgment) *string { return &j.SessionID }),
	text("case_id", func(j *trace.Judgment) *string { return &j.CaseID }),
	text("job", func(j *trace.Judgment) *string { return &j.Job }),
	requiredText("criterion", func(j *trace.Judgment) *string { return &j.Criterion }),
	double("score", func(j *trace.Judgment) **float64 { return &j.Score }),
	text("verdict", func(j *trace.Judgment) *string { return &j.Verdict }),
	text("reason", func(j *trace.Judgment) *string { return &j.Reason }),
	text("judge_model", func(j *trace.Judgment) *string { return &j.JudgeModel }),
	text("judge_hash", func(j *trace.Judgment) *string { return &j.JudgeHash }),
	text("position", func(j *trace.Judgment) *string { return &j.Position }),
	double("inclusion_probability", func(j *trace.Judgment) **float64 { return &j.InclusionProbability }),
	integer("tokens", func(j *trace.Judgment) **int64 { return &j.Tokens }),
	money("cost_usd", func(j *trace.Judgment) **float64 { return &j.CostUSD }),
	text("error", func(j *trace.Judgment) *string { return &j.Error }),
	timestamp("judged_at", func(j *trace.Judgment) *time.Time { return &j.JudgedAt }),
	text("release", func(j *trace.Judgment) *string { return &j.Release }),
	integer("trial", func(j *trace.Judgment) **int64 { return &j.Trial }),
	text("flags", func(j *trace.Judgment) *string { return &j.Flags }),
)

var labels = newTable("labels",
	func(l *trace.Label) *string { return &l.App }, func(l *trace.Label) time.Time { return l.LabeledAt },
	requiredText("label_id", func(l *trace.Label) *string { return &l.LabelID }),
	requiredText("app", func(l *trace.Label) *string { return &l.App }),
	text("trace_id", func(l *trace.Label) *string { return &l.TraceID }),
	text("session_id", func(l *trace.Label) *string { return &l.SessionID }),
	text("case_id", func(l *trace.Label) *string { return &l.CaseID }),
	requiredText("criterion", func(l *trace.Label) *string { return &l.Criterion }),
	double("score", func(l *trace.Label) **float64 { return &l.Score }),
	text("verdict", func(l *trace.Label) *string { return &l.Verdict }),
	text("comment", func(l *trace.Label) *string { return &l.Comment }),
	text("labeler", func(l *trace.Label) *string { return &l.Labeler }),
	double("inclusion_probability", func(l *trace.Label) **float64 { return &l.InclusionProbability }),
	timestamp("labeled_at", func(l *trace.Label) *time.Time { return &l.LabeledAt }),
	text("release", func(l *trace.Label) *string { return &l.Release }),
	integer("trial", func(l *trace.Label) **int64 { return &l.Trial }),
	text("position", func(l *trace.Label) *string { return &l.Position }),
)

var losses = newTable("losses",
	func(l *trace.Loss) *string { return &l.App }, func(l *trace.Loss) time.Time { return l.StartedAt },
	requiredText("loss_id", func(l *trace.Loss) *string { return &l.LossID }),
	requiredText("app", func(l *trace.Loss) *string { return &l.App }),
	text("release", func(l *trace.Loss) *string { return &l.Release }),
	text("version", func(l *trace.Loss) *string { return &l.Version }),
	requiredText("reason", func(l *trace.Loss) *string { return &l.Reason }),
	requiredInteger("rows", func(l *trace.Loss) *int64 { return &l.Rows }),
	timestamp("started_at", func(l *trace.Loss) *time.Time { return &l.StartedAt }),
	timestamp("ended_at", func(l *trace.Loss) *time.Time { return &l.EndedAt }),
	text("source", func(l *trace.Loss) *string { return &l.Source }),
)

var events = newTable("events",
	func(e *trace.Event) *string { return &e.App }, func(e *trace.Event) time.Time { return e.OccurredAt },
	requiredText("event_id", func(e *trace.Event) *string { return &e.EventID }),
	requiredText("app", func(e *trace.Event) *string { return &e.App }),
	text("release", func(e *trace.Event) *string { return &e.Release }),
	requiredText("kind", func(e *trace.Event) *string { return &e.Kind }),
	text("version", func(e *trace.Event) *string { return &e.Version }),
	integer("epoch", func(e *trace.Event) **int64 { return &e.Epoch }),
	double("share", func(e *trace.Event) **float64 { return &e.Share }),
	text("actor", func(e *trace.Event) *string { return &e.Actor }),
	text("detail", func(e *trace.Event) *string { return &e.Detail }),
	timestamp("occurred_at", func(e *trace.Event) *time.Time { return &e.OccurredAt }),
)

// layouts are the layouts of all tables, by name.
var layouts = map[string]*layout{
	"traces": exchanges.layout, "contents": contents.layout, "outcomes": outcomes.layout,
	"judgments": judgments.layout, "labels": labels.layout, "losses": losses.layout,
	"events": events.layout,
}
