package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"weir/analyze"
	"weir/rollout"
)

// A level is how much an annotation matters.
type level int

const (
	notice level = iota
	warning
	failing
)

// An annotation is a finding at its place in the specification, as build servers show
// it beside the code.
type annotation struct {
	level
	check string // verdict, health or a metric's name
	title string
	text  string
	line  int // of the specification, from 1
}

// annotations are the verdict and all that keeps from promoting: failed checks of health and
// failed margins, and what is open or cannot be said of what decides.
func (r Report) annotations() []annotation {
	v := r.page.Verdict
	of := map[rollout.Verdict]level{rollout.Promote: notice, rollout.Hold: warning}
	first, ok := of[r.record.Analysis.Decision.Verdict]
	if !ok {
		first = failing
	}
	at := func(l level, name, title, text string) annotation {
		return annotation{l, name, "weir: " + title, text, max(1, r.options.SpecLines[name])}
	}
	out := []annotation{at(first, "verdict", strings.ToLower(v.Word), v.Text())}
	for _, c := range r.page.Checks {
		if c.state == broken {
			out = append(out, at(failing, "health", c.Name, c.Name+": "+c.text()))
		}
	}
	for i, m := range r.page.Metrics {
		switch raw := r.record.Analysis.Metrics[i]; {
		case !decides(raw):
		case raw.Margin.Check == analyze.CheckFailed:
			out = append(out, at(failing, raw.Name, m.Name, m.Name+" ("+m.Role+"): "+m.finding()))
		case raw.Direction == analyze.NotEstimable, raw.Margin.Check == analyze.CheckOpen:
			out = append(out, at(warning, raw.Name, m.Name, m.Name+" ("+m.Role+"): "+m.finding()))
		}
	}
	return out
}

// maxAnnotations is how many of a kind GitHub shows of a step.
const maxAnnotations = 10

// GitHub writes the annotations as workflow commands of GitHub Actions, at most as many
// of a kind as are shown there; the verdict comes first.
func (r Report) GitHub(w io.Writer) error {
	words := map[level]string{notice: "notice", warning: "warning", failing: "error"}
	counts := map[level]int{}
	for _, a := range r.annotations() {
		if counts[a.level]++; counts[a.level] > maxAnnotations {
			continue
		}
		properties := "title=" + githubProperty.Replace(a.title)
		if r.options.SpecPath != "" {
			properties = fmt.Sprintf("file=%s,line=%d,", githubProperty.Replace(r.options.SpecPath), a.line) + properties
		}
		if _, err := fmt.Fprintf(w, "::%s %s::%s\n", words[a.level], properties, githubText.Replace(a.text)); err != nil {
			return err
		}
	}
	return nil
}

// GitHubError writes what kept a verdict from coming about as such a command.
func GitHubError(w io.Writer, text string) error {
	_, err := fmt.Fprintf(w, "::error title=weir::%s\n", githubText.Replace(text))
	return err
}

// What GitHub's runner takes for its own is written otherwise.
var (
	githubText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// CodeQuality writes the annotations as GitLab's code quality report. A finding keeps
// its fingerprint from run to run, so that GitLab tells new ones from old.
func (r Report) CodeQuality(w io.Writer) error {
	severities := map[level]string{notice: "info", warning: "minor", failing: "critical"}
	type lines struct {
		Begin int `json:"begin"`
	}
	type location struct {
		Path  string `json:"path"`
		Lines lines  `json:"lines"`
	}
	type finding struct {
		Description string   `json:"description"`
		Check       string   `json:"check_name"`
		Fingerprint string   `json:"fingerprint"`
		Severity    string   `json:"severity"`
		Location    location `json:"location"`
	}
	path := r.options.SpecPath
	if path == "" {
		path = "weir.yaml"
	}
	out := []finding{}
	for _, a := range r.annotations() {
		sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", r.record.Analysis.App, a.check, a.title, severities[a.level]))
		out = append(out, finding{a.text, "weir." + a.check, hex.EncodeToString(sum[:16]), severities[a.level], location{path, lines{a.line}}})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
