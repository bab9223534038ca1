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

// Redacted is the content with a function applied to each of its texts.
func (c Content) Redacted(text func(string) string) Content {
	c.Input, c.Output, c.Prompt, c.ToolCalls = text(c.Input), text(c.Output), text(c.Prompt), text(c.ToolCalls)
	passages := c.Retrieval
	c.Retrieval = nil
	for _, p := range passages {
		p.Text = text(p.Text)
		c.Retrieval = append(c.Retrieval, p)
	}
	return c
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
