package journal

import (
	"time"

	"weir/trace"
)

// The fields of each row. A number stands for its column for good; new columns
// get new numbers at the end.

var exchangeFields = fields[trace.Exchange]{
	text(1, func(e *trace.Exchange) *string { return &e.TraceID }),
	text(2, func(e *trace.Exchange) *string { return &e.App }),
	text(3, func(e *trace.Exchange) *string { return &e.Release }),
	text(4, func(e *trace.Exchange) *string { return &e.SessionID }),
	text(5, func(e *trace.Exchange) *string { return &e.UserID }),
	text(6, func(e *trace.Exchange) *string { return &e.UnitID }),
	integer(7, func(e *trace.Exchange) **int64 { return &e.Turn }),
	text(8, func(e *trace.Exchange) *string { return &e.AssignedVersion }),
	text(9, func(e *trace.Exchange) *string { return &e.ServedVersion }),
	text(10, func(e *trace.Exchange) *trace.Reason { return &e.Reason }),
	text(11, func(e *trace.Exchange) *string { return &e.Rule }),
	boolean(12, func(e *trace.Exchange) **bool { return &e.Randomized }),
	double(13, func(e *trace.Exchange) **float64 { return &e.Propensity }),
	integer(14, func(e *trace.Exchange) **int64 { return &e.Epoch }),
	integer(15, func(e *trace.Exchange) **int64 { return &e.ServingEpoch }),
	timestamp(16, func(e *trace.Exchange) *time.Time { return &e.AssignedAt }),
	text(17, func(e *trace.Exchange) *string { return &e.PromiseHash }),
	timestamp(18, func(e *trace.Exchange) *time.Time { return &e.StartedAt }),
	double(19, func(e *trace.Exchange) **float64 { return &e.LatencyMS }),
	double(20, func(e *trace.Exchange) **float64 { return &e.TTFTMS }),
	double(21, func(e *trace.Exchange) **float64 { return &e.UpstreamMS }),
	integer(22, func(e *trace.Exchange) **int64 { return &e.Status }),
	text(23, func(e *trace.Exchange) *string { return &e.ErrorType }),
	boolean(24, func(e *trace.Exchange) **bool { return &e.Streamed }),
	boolean(25, func(e *trace.Exchange) **bool { return &e.Truncated }),
	text(26, func(e *trace.Exchange) *string { return &e.Model }),
	integer(27, func(e *trace.Exchange) **int64 { return &e.InputTokens }),
	integer(28, func(e *trace.Exchange) **int64 { return &e.OutputTokens }),
	integer(29, func(e *trace.Exchange) **int64 { return &e.CachedTokens }),
	double(30, func(e *trace.Exchange) **float64 { return &e.CostUSD }),
	text(31, func(e *trace.Exchange) *trace.UsageSource { return &e.UsageSource }),
	text(32, func(e *trace.Exchange) *string { return &e.Device }),
	text(33, func(e *trace.Exchange) *string { return &e.Region }),
	text(34, func(e *trace.Exchange) *string { return &e.Language }),
	textMap(35, func(e *trace.Exchange) *map[string]string { return &e.Attributes }),
	text(36, func(e *trace.Exchange) *string { return &e.CaseID }),
	integer(37, func(e *trace.Exchange) **int64 { return &e.Trial }),
}

var contentFields = fields[trace.Content]{
	text(1, func(c *trace.Content) *string { return &c.TraceID }),
	text(2, func(c *trace.Content) *string { return &c.App }),
	text(3, func(c *trace.Content) *string { return &c.Input }),
	text(4, func(c *trace.Content) *string { return &c.Output }),
	text(5, func(c *trace.Content) *string { return &c.Prompt }),
	text(6, func(c *trace.Content) *string { return &c.ToolCalls }),
	list(7, &passageFields, func(c *trace.Content) *[]trace.Passage { return &c.Retrieval }),
	list(8, &spanFields, func(c *trace.Content) *[]trace.Span { return &c.Spans }),
}

var passageFields = fields[trace.Passage]{
	requiredInteger(1, func(p *trace.Passage) *int64 { return &p.Rank }),
	text(2, func(p *trace.Passage) *string { return &p.DocID }),
	double(3, func(p *trace.Passage) **float64 { return &p.Score }),
	text(4, func(p *trace.Passage) *string { return &p.Text }),
}

var spanFields = fields[trace.Span]{
	text(1, func(s *trace.Span) *string { return &s.Name }),
	double(2, func(s *trace.Span) **float64 { return &s.StartMS }),
	double(3, func(s *trace.Span) **float64 { return &s.DurationMS }),
}

var outcomeFields = fields[trace.Outcome]{
	text(1, func(o *trace.Outcome) *string { return &o.OutcomeID }),
	text(2, func(o *trace.Outcome) *string { return &o.App }),
	text(3, func(o *trace.Outcome) *string { return &o.TraceID }),
	text(4, func(o *trace.Outcome) *string { return &o.SessionID }),
	text(5, func(o *trace.Outcome) *string { return &o.UserID }),
	text(6, func(o *trace.Outcome) *string { return &o.Name }),
	requiredDouble(7, func(o *trace.Outcome) *float64 { return &o.Value }),
	text(8, func(o *trace.Outcome) *string { return &o.Comment }),
	text(9, func(o *trace.Outcome) *string { return &o.Source }),
	timestamp(10, func(o *trace.Outcome) *time.Time { return &o.OccurredAt }),
	timestamp(11, func(o *trace.Outcome) *time.Time { return &o.ReceivedAt }),
}

var eventFields = fields[trace.Event]{
	text(1, func(e *trace.Event) *string { return &e.EventID }),
	text(2, func(e *trace.Event) *string { return &e.App }),
	text(3, func(e *trace.Event) *string { return &e.Release }),
	text(4, func(e *trace.Event) *string { return &e.Kind }),
	text(5, func(e *trace.Event) *string { return &e.Version }),
	integer(6, func(e *trace.Event) **int64 { return &e.Epoch }),
	double(7, func(e *trace.Event) **float64 { return &e.Share }),
	text(8, func(e *trace.Event) *string { return &e.Actor }),
	text(9, func(e *trace.Event) *string { return &e.Detail }),
	timestamp(10, func(e *trace.Event) *time.Time { return &e.OccurredAt }),
}

var lossFields = fields[trace.Loss]{
	text(1, func(l *trace.Loss) *string { return &l.LossID }),
	text(2, func(l *trace.Loss) *string { return &l.App }),
	text(3, func(l *trace.Loss) *string { return &l.Release }),
	text(4, func(l *trace.Loss) *string { return &l.Version }),
	text(5, func(l *trace.Loss) *string { return &l.Reason }),
	requiredInteger(6, func(l *trace.Loss) *int64 { return &l.Rows }),
	timestamp(7, func(l *trace.Loss) *time.Time { return &l.StartedAt }),
	timestamp(8, func(l *trace.Loss) *time.Time { return &l.EndedAt }),
	text(9, func(l *trace.Loss) *string { return &l.Source }),
}
