package main

import (
	"fmt"
	"html"
	"strings"
)

// A canvas is an SVG under construction. Its size is in pixels; light and dark
// follow the reader's system.
type canvas struct {
	width, height int
	title, about  string
	body          strings.Builder
}

// Of docs and reports: classes of the style below.
const (
	control   = "control"
	treatment = "treatment"
	better    = "better"
	worse     = "worse"
	open      = "open"
	hairline  = "hairline"
	secondary = "secondary"
)

const style = `<style>
.ground{fill:#FFFFFF}.band{fill:#F7F8FA}
text{fill:#1A1F26;font:13px system-ui,-apple-system,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums}
.head{font-weight:600;font-size:14px}.small,text.secondary{fill:#5B6673;font-size:12px}
.line{fill:none;stroke-width:2}.thin{stroke-width:1}.faint{opacity:.55}.dashed{stroke-dasharray:5 4}
.control{stroke:#5B6673}.treatment{stroke:#0072B2}.better{stroke:#007A5A}.worse{stroke:#C44E00}.open{stroke:#767676}.hairline{stroke:#DDE1E6}
.dot{stroke:none}.dot.control{fill:#5B6673}.dot.treatment{fill:#0072B2}.dot.better{fill:#007A5A}.dot.worse{fill:#C44E00}.dot.open{fill:#767676}
@media (prefers-color-scheme:dark){
.ground{fill:#0F1318}.band{fill:#171C23}text{fill:#E8ECF1}.small,text.secondary{fill:#9AA5B1}
.control{stroke:#9AA5B1}.treatment{stroke:#56B4E9}.better{stroke:#35C29A}.worse{stroke:#F08A4B}.open{stroke:#8C96A3}.hairline{stroke:#2B323C}
.dot.control{fill:#9AA5B1}.dot.treatment{fill:#56B4E9}.dot.better{fill:#35C29A}.dot.worse{fill:#F08A4B}.dot.open{fill:#8C96A3}}
</style>
`

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&c.body, "<line class=\"line %s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class, x1, y1, x2, y2)
}

// path joins points, given as pairs.
func (c *canvas) path(class string, points [][2]float64) {
	var d strings.Builder
	for i, p := range points {
		fmt.Fprintf(&d, "%c%.1f %.1f", "ML"[min(i, 1)], p[0], p[1])
	}
	fmt.Fprintf(&c.body, "<path class=\"line %s\" d=\"%s\"/>\n", class, &d)
}

func (c *canvas) dot(class string, x, y, r float64) {
	fmt.Fprintf(&c.body, "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n", class, x, y, r)
}

// box is a surface, such as the part of an axis that is tolerated.
func (c *canvas) box(x, y, width, height float64) {
	fmt.Fprintf(&c.body, "<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", x, y, width, height)
}

// text is anchored at start, middle or end.
func (c *canvas) text(class, anchor string, x, y float64, format string, args ...any) {
	fmt.Fprintf(&c.body, "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", class, anchor, x, y, html.EscapeString(fmt.Sprintf(format, args...)))
}

// String is the whole file; about says in words what is seen.
func (c *canvas) String() string {
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-labelledby=\"t d\">\n<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n%s<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>\n%s</svg>\n",
		c.width, c.height, c.width, c.height, html.EscapeString(c.title), html.EscapeString(c.about), style, c.body.String())
}

// A panel maps data to pixels.
type panel struct {
	left, top, right, bottom float64
	x0, x1, y0, y1           float64
}

func (p panel) x(v float64) float64 { return p.left + (v-p.x0)/(p.x1-p.x0)*(p.right-p.left) }
func (p panel) y(v float64) float64 { return p.bottom - (v-p.y0)/(p.y1-p.y0)*(p.bottom-p.top) }

// at is a point of data in pixels, kept within the panel's height.
func (p panel) at(x, y float64) [2]float64 {
	return [2]float64{p.x(x), p.y(max(p.y0, min(p.y1, y)))}
}
