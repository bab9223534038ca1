package router

// DrillHeader marks the requests of a drill.
const DrillHeader = "X-Weir-Drill"

// A drill is another plan for requests that carry its mark.
type drill struct {
	mark string
	plan *Plan
}

// Drilled is the plan with another one for the requests whose [DrillHeader] has
// the mark: nobody else notices.
func (p *Plan) Drilled(mark string, other *Plan) *Plan {
	drilled := *p
	drilled.drill = &drill{mark, other}
	return &drilled
}

// of is the plan that holds for a request.
func (p *Plan) of(c *Context) *Plan {
	if p.drill == nil || c.Headers == nil || c.Headers()[DrillHeader] != p.drill.mark {
		return p
	}
	return p.drill.plan
}
