package lake

import (
	"context"
	"fmt"
	"testing"
	"time"

	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
	"weir/trace"
)

// TestAssignmentAudit computes the router's own draws anew, in SQL: all agree,
// whatever the ids, epochs and rules; and one that was forged is found.
func TestAssignmentAudit(t *testing.T) {
	release, err := spec.Parse("weir.yaml", []byte(`
app: bot
release: r1
stable: v1
candidate: v2
rules: [{name: gold, when: 'user startsWith "gold"', split: 30%}]
`))
	check(t, err)
	audit := ""
	for _, q := range ReadyQueries() {
		if q.Name == "assignment-audit" {
			audit = q.SQL
		}
	}
	memory := sticky.NewLRU(release.Sticky)
	var rows []trace.Exchange
	for i := range 600 {
		plan, err := router.NewPlan(release, router.State{Epoch: int64(1 + i/200), Share: []spec.Share{.05, .2, .5}[i/200]})
		check(t, err)
		user := ""
		if i%5 == 0 {
			user = "gold"
		}
		at := start.Add(time.Duration(i) * time.Minute)
		d := router.Assign(plan, router.Context{Session: fmt.Sprintf([]string{"s-%d", "客服-%d", "é %d"}[i%3], i), User: user, At: at}, memory)
		x := trace.Exchange{TraceID: fmt.Sprint(i), App: "bot", StartedAt: at}
		d.Record(&x)
		rows = append(rows, x)
	}
	disagreeing := func(rows []trace.Exchange) (strata, wrong int) {
		l := write(t, rows, nil)
		got, err := l.Query(context.Background(), "SELECT count(*)::INTEGER, sum(disagreeing)::INTEGER FROM ("+audit+")")
		check(t, err)
		defer func() { check(t, got.Close()) }()
		if !got.rows.Next() {
			t.Fatal("no row")
		}
		check(t, got.rows.Scan(&strata, &wrong))
		return strata, wrong
	}
	if strata, wrong := disagreeing(rows); strata != 6 || wrong != 0 {
		t.Errorf("%d strata, %d assignments disagree", strata, wrong)
	}
	forged := rows[7]
	forged.TraceID, forged.UnitID, forged.AssignedVersion, forged.Propensity = "forged", "somebody", "v2", new(.05)
	if router.Draw(router.Salt("bot", "r1", router.PurposeArm), "somebody") < .05 {
		t.Fatal("somebody is drawn to v2")
	}
	if _, wrong := disagreeing(append(rows, forged)); wrong != 1 {
		t.Errorf("%d assignments disagree, one is forged", wrong)
	}
	var control []trace.Exchange
	for _, x := range rows {
		if x.AssignedVersion == "v1" {
			control = append(control, x)
		}
	}
	if _, wrong := disagreeing(control); wrong != 0 {
		t.Errorf("without the candidate's rows %d disagree", wrong)
	}
}
