package lake

import (
	"context"
	"fmt"
	"testing"
	"time"

	"weir/analyze"
	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
	"weir/trace"
)

// TestLastStepOfUsers: under unit user propensity is one half from the first step on, and the last
// step is reached when coverage is, not before.
func TestLastStepOfUsers(t *testing.T) {
	release, err := spec.Parse("weir.yaml", []byte(`
app: bot
release: r1
stable: v1
candidate: v2
unit: user
ramp: {steps: [{to: 5%, hold: 24h, units: 20}, {to: 20%, hold: 24h, units: 20}, {to: 50%, units: 20}]}
`))
	check(t, err)
	const perStep = 400 // users, one a quarter of an hour
	shares := []spec.Share{.05, .2, .5}
	memory := sticky.NewLRU(release.Sticky)
	var rows []trace.Exchange
	for i := range len(shares) * perStep {
		plan, err := router.NewPlan(release, router.State{Epoch: int64(1 + i/perStep), Share: shares[i/perStep]})
		check(t, err)
		at := start.Add(time.Duration(i) * 15 * time.Minute)
		d := router.Assign(plan, router.Context{Session: fmt.Sprintf("s-%d", i), User: fmt.Sprintf("u-%d", i), At: at}, memory)
		x := trace.Exchange{TraceID: fmt.Sprint(i), App: "bot", StartedAt: at, LatencyMS: some(100.)}
		d.Record(&x)
		rows = append(rows, x)
	}
	lastStep := func(rows []trace.Exchange, before, last float64) *time.Time {
		q := messyQuery()
		q.Unit, q.Release, q.Ramp, q.ShareBefore, q.LastShare = "user", "r1", true, before, last
		q.AsOf, q.Method = start.Add(1000*time.Hour), analyze.Sequential
		d, err := write(t, rows, nil).Data(context.Background(), q)
		check(t, err)
		return d.Period.LastStep
	}
	for _, c := range []struct {
		step         int
		before, last float64
	}{{2, .2, .5}, {1, .05, .2}, {0, 0, .05}} {
		reached := start.Add(time.Duration(c.step*perStep) * 15 * time.Minute)
		got := lastStep(rows, c.before, c.last)
		if got == nil {
			t.Errorf("the step to %g is never reached", c.last)
			continue
		}
		if late := got.Sub(reached.Truncate(time.Hour)); late < 0 || c.step > 0 && late > 12*time.Hour {
			t.Errorf("the step to %g was reached at %v, the lake says %v", c.last, reached, got)
		}
	}
	if got := lastStep(rows[:2*perStep], .2, .5); got != nil {
		t.Errorf("reached at %v, before it was", got)
	}
	for i := range rows {
		rows[i].PromiseHash = "" // a log of somebody else's
	}
	if got := lastStep(rows, .2, .5); got != nil {
		t.Errorf("reached at %v, which such a log does not say", got)
	}
}
