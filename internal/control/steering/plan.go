package steering

import (
	"slices"
	"strings"

	"weir/internal/control/ledger"
	"weir/rollout/spec"
	"weir/router"
)

// headerRuleName is the rule on the rows of units that a header strategy
// forced. No rule of a specification has the name.
const headerRuleName = "deployment.header"

// planOf builds the plan of a release in a state.
func planOf(r *spec.Release, s ledger.State) (*router.Plan, error) {
	with, err := withHeader(r, s)
	if err != nil {
		return nil, err
	}
	plan, err := router.NewPlan(with, s.Allocation())
	if err != nil || s.Drill == "" {
		return plan, err
	}
	drill, err := drillPlan(r, s)
	if err != nil {
		return nil, err
	}
	return plan.Drilled(s.Drill, drill), nil
}

// drillRuleName is the rule on the rows of a drill. No rule of a specification has
// the name.
const drillRuleName = "drill"

// drillPlan is the plan of the marked requests: forced to the candidate, and then
// rolled back as everybody would be. They are drawn nowhere, and in no test.
func drillPlan(r *spec.Release, s ledger.State) (*router.Plan, error) {
	rule, err := spec.HeaderRule(drillRuleName, router.DrillHeader, s.Drill, r.Candidate)
	if err != nil {
		return nil, err
	}
	with := *r
	with.Rules = []spec.Rule{rule}
	state := s.Allocation()
	state.Halted, state.BreakerOpen, state.RolledBack = false, false, s.DrillBack
	return router.NewPlan(&with, state)
}

// withHeader is the release with the rule of a header strategy before its own.
func withHeader(r *spec.Release, s ledger.State) (*spec.Release, error) {
	if s.Header == "" || s.Over() {
		return r, nil
	}
	rule, err := headerRule(r, s.Header)
	if err != nil {
		return nil, err
	}
	with := *r
	with.Rules = slices.Concat([]spec.Rule{rule}, r.Rules)
	return &with, nil
}

// CheckHeader tells what is wrong with the header of a header strategy, Name:
// value, whatever the release.
func CheckHeader(header string) error {
	_, err := parseHeader(header, "any")
	return err
}

// parseHeader is the rule that sends what carries a header to a version.
func parseHeader(header, version string) (spec.Rule, error) {
	name, value, _ := strings.Cut(header, ":")
	return spec.HeaderRule(headerRuleName, strings.TrimSpace(name), strings.TrimSpace(value), version)
}

// headerRule is the rule of a header strategy: Name: value.
func headerRule(r *spec.Release, header string) (spec.Rule, error) {
	rule, err := parseHeader(header, r.Candidate)
	if err != nil {
		return rule, refuse(`write a name and a value, such as "X-Feature-Flag: v2"`, "%v", err)
	}
	return rule, nil
}

// Rules are the rules in force, in their order.
func Rules(r *spec.Release, s ledger.State) []spec.Rule {
	with, err := withHeader(r, s)
	if err != nil {
		return r.Rules
	}
	return with.Rules
}
