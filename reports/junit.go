package reports

import (
	"encoding/xml"
	"io"
	"strconv"
	"time"

	"weir/analyze"
	"weir/rollout"
)

// The part of the JUnit format that build servers read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Cases     []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class      string           `xml:"classname,attr"`
		Name       string           `xml:"name,attr"`
		Properties *junitProperties `xml:"properties"`
		Skipped    *junitMessage    `xml:"skipped"`
		Failure    *junitMessage    `xml:"failure"`
		Output     string           `xml:"system-out,omitempty"`
	}
	junitProperties struct {
		List []junitProperty `xml:"property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
	}
)

// JUnit writes JUnit XML: a test case for the verdict, one for each check of
// health and one for each metric. Rollback, invalid, a failed check and a
// failed margin are failures; hold, what is open and what cannot be said are
// skipped. A monitor never fails.
func (r Report) JUnit(w io.Writer) error {
	s := junitSuite{
		Name:      r.page.App + " " + r.page.Release,
		Timestamp: r.record.Analysis.Period.AsOf.UTC().Format(time.RFC3339),
	}
	s.add(r.verdictCase())
	for _, c := range r.page.Checks {
		s.add(checkCase(c))
	}
	for i, m := range r.page.Metrics {
		s.add(metricCase(m, r.record.Analysis.Metrics[i]))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	all := junitSuites{Name: "weir", Tests: s.Tests, Failures: s.Failures, Skipped: s.Skipped, Suites: []junitSuite{s}}
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func (r Report) verdictCase() junitCase {
	v := r.page.Verdict
	c := junitCase{Class: "weir", Name: "verdict", Output: v.Text()}
	switch r.record.Analysis.Decision.Verdict {
	case rollout.Hold:
		c.Skipped = &junitMessage{Message: v.Text()}
	case rollout.Rollback, rollout.Invalid:
		c.Failure = &junitMessage{Message: v.Text(), Type: r.record.Analysis.Decision.Verdict.String()}
	}
	return c
}

func checkCase(k check) junitCase {
	c := junitCase{Class: "weir.health", Name: k.Name, Output: k.text()}
	switch k.state {
	case broken:
		c.Failure = &junitMessage{Message: k.Name + ": " + c.Output, Type: "health"}
	case unchecked:
		c.Skipped = &junitMessage{Message: c.Output}
	}
	return c
}

func metricCase(m metric, raw analyze.MetricResult) junitCase {
	c := junitCase{Class: "weir." + m.Role, Name: m.Name, Output: m.finding(), Properties: &junitProperties{}}
	shown := shownInterval(raw)
	c.property("control", raw.Control.Value)
	c.property("treatment", raw.Treatment.Value)
	c.property("value", shown.Value)
	c.property("lower", shown.Lower)
	c.property("upper", shown.Upper)
	c.property("margin", raw.Margin.Value)
	c.property("bound", raw.Margin.Bound)
	switch {
	case decides(raw) && raw.Margin.Check == analyze.CheckFailed:
		c.Failure = &junitMessage{Message: c.Output, Type: "margin"}
	case raw.Direction == analyze.NotEstimable || decides(raw) && raw.Margin.Check == analyze.CheckOpen:
		c.Skipped = &junitMessage{Message: c.Output}
	}
	if len(c.Properties.List) == 0 {
		c.Properties = nil
	}
	return c
}

// property adds an unrounded number; an unknown one is left out.
func (c *junitCase) property(name string, x analyze.Number) {
	if x.Known() {
		c.Properties.List = append(c.Properties.List, junitProperty{name, strconv.FormatFloat(float64(x), 'g', -1, 64)})
	}
}
