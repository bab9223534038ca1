package main

// margins draws what an interval says by where it lies. Made up: it is a legend.
func margins() string {
	c := &canvas{width: 760, height: 340, title: "Intervals against a margin", about: "An interval wholly right of zero is better; right of the margin it is within it; across the margin it is open; wholly left of the margin it is harm; what cannot be estimated has no interval."}
	p := panel{left: 140, top: 78, right: 410, bottom: 286, x0: -2.6, x1: 2.2, y0: 0, y1: 6}
	c.box(p.x(-1), p.top, p.x(0)-p.x(-1), p.bottom-p.top)
	c.line("control dashed", p.x(-1), p.top, p.x(-1), p.bottom)
	c.line(control, p.x(0), p.top, p.x(0), p.bottom)
	rows := []struct {
		class, mark, word, says string
		lower, upper            float64
	}{
		{better, "▲", "better", "proven better, and so within its margin", .2, 1.7},
		{treatment, "●", "within", "proven no worse than was promised", -.75, .8},
		{worse, "▼", "within, worse", "proven worse, but tolerated: shown, not acted on", -.85, -.15},
		{open, "○", "open", "may be harm, may be progress: wait", -1.7, 1.1},
		{worse, "▼", "harm", "proven beyond the margin: roll back", -2.4, -1.2},
		{open, "✕", "not estimable", "too few units: no interval, never zero", 0, 0},
	}
	for i, row := range rows {
		y := p.y(5.5 - float64(i))
		c.text("", "end", p.left-14, y+4, "%s  %s", row.mark, row.word)
		c.text("small", "start", p.right+16, y+4, "%s", row.says)
		if row.lower == row.upper {
			for x := p.left; x < p.right-8; x += 10 {
				c.line("open thin", x, y+6, x+8, y-6)
			}
			continue
		}
		c.line(row.class, p.x(row.lower), y, p.x(row.upper), y)
		c.dot(row.class, p.x((row.lower+row.upper)/2), y, 5)
	}
	c.text("small", "end", p.x(-1)+8, p.bottom+18, "margin")
	c.text("small", "start", p.x(0)-8, p.bottom+18, "no change")
	c.text("small", "middle", p.x(1.9), p.bottom+18, "good →")
	c.text("head", "start", 16, 24, "What an interval says by where it lies")
	c.text("small", "start", 16, 42, "The margin is how much worse you would put up with, promised before the release. The grey part is tolerated.")
	return c.String()
}
