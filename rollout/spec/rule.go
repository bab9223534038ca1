package spec

import (
	"maps"
	"slices"
	"strings"
)

// A Rule treats the units apart whose first request meets a condition: it
// forces a version on them, or gives them a share of their own.
type Rule struct {
	Name    string
	When    string // an expression of expr-lang over a [Request]
	Version string // forced: not randomised, in no test; empty where Split is set
	Split   Share  // of these units to the candidate, in (0, 1), strata of their own; 0 where Version is set
	// FromShare is the ramp's share from which on Split counts. Below it the
	// units stay on stable, not randomised; no later rule is looked at.
	FromShare Share

	program *program
}

var ruleKind = object(
	field("name", name, func(r *Rule) *string { return &r.Name },
		"name of the rule on every row it decides; unique").must(),
	field("when", scalar("expression", `a condition such as 'user startsWith "staff-"'`, parseCondition, writeText, map[string]any{"type": "string"}),
		func(r *Rule) *string { return &r.When },
		"condition over headers, attributes, user, session, region, path and method (expr-lang)").must(),
	field("version", name, func(r *Rule) *string { return &r.Version },
		"version forced on these units: not randomised, in no test").absent("split is required"),
	field("split", split, func(r *Rule) *Share { return &r.Split },
		"these units' own share for the candidate: strata of their own").absent("version is required"),
	field("from_share", blank(share), func(r *Rule) *Share { return &r.FromShare },
		"share of the ramp from which on split counts; until then these units stay on stable, not randomised").absent("split counts from the start"),
)

func checkRules(d *decoder, r *Release) {
	c := newConditions(r.Context.Attributes)
	seen := map[string]bool{}
	for i := range r.Rules {
		rule, path := &r.Rules[i], item("rules", i)
		if rule.Name != "" && seen[rule.Name] {
			d.fault(under(path, "name"), "another rule is called "+rule.Name, "names are unique")
		}
		seen[rule.Name] = true
		if rule.When != "" {
			rule.program = c.compile(d, under(path, "when"), rule.When)
		}
		checkEffect(d, r, *rule, path)
	}
}

// checkEffect wants either a version or a split.
func checkEffect(d *decoder, r *Release, rule Rule, path string) {
	forced, drawn := d.has(under(path, "version")), d.has(under(path, "split"))
	switch {
	case forced && drawn:
		d.fault(under(path, "split"), "version forces these units already", "write one of the two")
	case !forced && !drawn:
		d.fault(path, "the rule has no effect", "write version or split")
	}
	if !drawn && d.has(under(path, "from_share")) {
		d.fault(under(path, "from_share"), "there is no split to wait with", "write a split, or remove from_share")
	}
	if known := r.versionNames(); rule.Version != "" && !slices.Contains(known, rule.Version) {
		d.fault(under(path, "version"), quote(rule.Version)+" is not a version", "write "+alternatives(known))
	}
	if r.Unit == UnitUser && rule.Split > halfOfUsers {
		d.fault(under(path, "split"), rule.Split.String()+" is more than half of the users", aboveHalf)
	}
}

// versionNames are the versions a rule may name, sorted.
func (r *Release) versionNames() []string {
	if len(r.Versions) > 0 {
		return slices.Sorted(maps.Keys(r.Versions))
	}
	return slices.DeleteFunc([]string{r.Stable, r.Candidate}, func(v string) bool { return v == "" })
}

// parseCondition leaves the expression to checkRules, which knows the
// attributes.
func parseCondition(l literal) (string, error) {
	if strings.TrimSpace(l.text) == "" {
		return "", errNoCondition
	}
	return l.text, nil
}
