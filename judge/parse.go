package judge

import (
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/yamltree"
)

var rubricName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// Parse reads a rubric; file is its name in messages. The error is [Faults]:
// all that is wrong, by position. The keys are described in docs/rubrics.md.
func Parse(file string, src []byte) (*Rubric, error) {
	root, err := yamltree.Parse(file, "rubric", src)
	if err != nil {
		return nil, err
	}
	r := &reader{file: file}
	rubric := r.rubric(root)
	if err := r.faults.Err(); err != nil {
		return nil, err
	}
	return rubric, nil
}

func (r *reader) rubric(root ast.Node) *Rubric {
	rubric := &Rubric{Language: "en"}
	var examples, canaries ast.Node
	seen := map[string]bool{}
	for _, e := range r.object(root, "a rubric", "name", "language", "about", "policy", "shows", "criteria", "examples", "canaries") {
		seen[e.key] = true
		switch e.key {
		case "name":
			rubric.Name = r.name(e.value, "name")
		case "language":
			rubric.Language = r.oneOf(e.value, "language", "en", "zh")
		case "about":
			rubric.About = r.text(e.value, "about")
		case "policy":
			rubric.Policy = r.text(e.value, "policy")
		case "shows":
			for _, n := range r.list(e.value, "shows") {
				rubric.Shows = append(rubric.Shows, Part(r.oneOf(n, "shows", string(Passages), string(Tools))))
			}
		case "criteria":
			rubric.Criteria = r.criteria(e.value)
		case "examples":
			examples = e.value
		case "canaries":
			canaries = e.value
		}
	}
	for _, key := range []string{"name", "about", "criteria"} {
		if !seen[key] {
			r.fault(root, "%s is missing; it is required", key)
		}
	}
	if examples != nil {
		rubric.Examples = r.examples(examples, rubric)
	}
	rubric.Canaries = commonCanaries(rubric.Language)
	if canaries != nil {
		rubric.Canaries = r.canaries(canaries)
	}
	return rubric
}

func (r *reader) name(n ast.Node, what string) string {
	name := r.text(n, what)
	if name != "" && !rubricName.MatchString(name) {
		r.fault(n, "%s %q: allowed are small letters, digits and hyphens between them", what, name)
	}
	return name
}

func (r *reader) oneOf(n ast.Node, what string, allowed ...string) string {
	word, ok := yamltree.Scalar(n)
	if !ok || !slices.Contains(allowed, word) {
		r.fault(n, "%s: write one of %s", what, strings.Join(allowed, ", "))
		return allowed[0]
	}
	return word
}

func (r *reader) criteria(n ast.Node) []Criterion {
	var out []Criterion
	nodes := r.list(n, "criteria")
	if len(nodes) == 0 {
		r.fault(n, "criteria is a list of one or more")
	}
	for _, node := range nodes {
		c := Criterion{Weight: 1}
		seen := map[string]bool{}
		for _, e := range r.object(node, "a criterion", "name", "question", "scale", "weight") {
			seen[e.key] = true
			switch e.key {
			case "name":
				c.Name = r.name(e.value, "name")
				if slices.ContainsFunc(out, func(o Criterion) bool { return o.Name == c.Name }) {
					r.fault(e.value, "there are two criteria %q", c.Name)
				}
			case "question":
				c.Question = r.text(e.value, "question")
			case "scale":
				c.Levels = r.scale(e.value)
			case "weight":
				c.Weight = r.number(e.value, "weight", 0.01, 100)
			}
		}
		for _, key := range []string{"name", "question", "scale"} {
			if !seen[key] {
				r.fault(node, "a criterion without %s; it is required", key)
			}
		}
		out = append(out, c)
	}
	return out
}

// scale reads levels: whole numbers and what they mean, the least is the worst.
func (r *reader) scale(n ast.Node) []Level {
	var levels []Level
	for _, e := range r.object(n, "a scale") {
		levels = append(levels, Level{r.digit(e.at, "a level"), r.text(e.value, "what a level means")})
	}
	slices.SortStableFunc(levels, func(a, b Level) int { return a.Value - b.Value })
	if len(levels) < 2 {
		r.fault(n, "a scale has at least two levels, such as 0: no and 1: yes")
	}
	return levels
}

func (r *reader) examples(n ast.Node, rubric *Rubric) []Example {
	var out []Example
	for _, node := range r.list(n, "examples") {
		var x Example
		for _, e := range r.object(node, "an example", "dialogue", "scores", "because") {
			switch e.key {
			case "dialogue":
				x.Dialogue = r.dialogue(e.value)
			case "because":
				x.Because = r.text(e.value, "because")
			case "scores":
				x.Scores = r.scores(e.value, rubric)
			}
		}
		if len(x.Dialogue.Turns) == 0 || len(x.Scores) != len(rubric.Criteria) {
			r.fault(node, "an example has a dialogue, and in scores a level of every criterion")
		}
		out = append(out, x)
	}
	return out
}

func (r *reader) scores(n ast.Node, rubric *Rubric) map[string]int {
	scores := map[string]int{}
	for _, e := range r.object(n, "scores") {
		i := slices.IndexFunc(rubric.Criteria, func(c Criterion) bool { return c.Name == e.key })
		if i < 0 {
			r.fault(e.at, "scores: there is no criterion %q", e.key)
			continue
		}
		value := r.digit(e.value, "a score")
		if !rubric.Criteria[i].legal(value) {
			r.fault(e.value, "scores: %d is no level of %s", value, e.key)
		}
		scores[e.key] = value
	}
	return scores
}

func (r *reader) canaries(n ast.Node) []Canary {
	var out []Canary
	for _, node := range r.list(n, "canaries") {
		c := Canary{AtMost: 1}
		bounded := false
		for _, e := range r.object(node, "a canary", "name", "dialogue", "at_most", "at_least") {
			switch e.key {
			case "name":
				c.Name = r.name(e.value, "name")
			case "dialogue":
				c.Dialogue = r.dialogue(e.value)
			case "at_most":
				c.AtMost, bounded = r.number(e.value, "at_most", 0, 1), true
			case "at_least":
				c.AtLeast, bounded = r.number(e.value, "at_least", 0, 1), true
			}
		}
		if c.Name == "" || len(c.Dialogue.Turns) == 0 || !bounded {
			r.fault(node, "a canary has a name, a dialogue, and at_most or at_least")
		}
		out = append(out, c)
	}
	return out
}

// dialogue reads a list of turns.
func (r *reader) dialogue(n ast.Node) Dialogue {
	var d Dialogue
	for _, node := range r.list(n, "dialogue") {
		var t Turn
		for _, e := range r.object(node, "a turn", "user", "assistant", "passages", "tools") {
			switch e.key {
			case "user":
				t.Input, _ = yamltree.Scalar(e.value)
			case "assistant":
				t.Output, _ = yamltree.Scalar(e.value)
			case "tools":
				t.ToolCalls = r.text(e.value, "tools")
			case "passages":
				for _, p := range r.list(e.value, "passages") {
					t.Passages = append(t.Passages, r.text(p, "a passage"))
				}
			}
		}
		d.Turns = append(d.Turns, t)
	}
	return d
}
