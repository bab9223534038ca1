package trace

// A Content is the text of one exchange: a row of the contents table. Its
// trace is dated as its exchange is.
type Content struct {
	TraceID   string
	App       string
	Input     string
	Output    string
	Prompt    string
	ToolCalls string // JSON array of {name, arguments}
	Retrieval []Passage
	Spans     []Span
}

// A Passage is one retrieved text that the application put into the prompt.
type Passage struct {
	Rank  int64 // 1 is the best
	DocID string
	Score *float64
	Text  string
}

// A Span is one part of an exchange's time.
type Span struct {
	Name       string
	StartMS    *float64 // from the start of the exchange
	DurationMS *float64
}
