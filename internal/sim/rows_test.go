package sim

import (
	"math"
	"slices"
	"testing"
	"time"

	"weir/trace"
)

// TestRows holds the rows of every scenario to what the router promises.
func TestRows(t *testing.T) {
	for _, s := range Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			l := simulated(t, s, 7, 3000)
			if len(l.exchanges) < 3000 || len(l.outcomes) < 1000 {
				t.Fatalf("%d exchanges and %d outcomes of 3,000 sessions", len(l.exchanges), len(l.outcomes))
			}
			checkUnique(t, l)
			for _, e := range l.exchanges {
				if fault := faultOf(s, e); fault != "" {
					t.Fatalf("%s: %+v", fault, *e)
				}
			}
			for _, d := range l.dialogues(24 * time.Hour) {
				checkDialogue(t, s, d)
			}
		})
	}
}

// checkUnique holds ids to name one thing each.
func checkUnique(t *testing.T, l *lake) {
	t.Helper()
	seen := map[string]bool{}
	claim := func(id string) {
		if id == "" || seen[id] {
			t.Fatalf("id %q is empty or not unique", id)
		}
		seen[id] = true
	}
	for _, e := range l.exchanges {
		claim(e.TraceID)
	}
	for _, o := range l.outcomes {
		claim(o.OutcomeID)
	}
	for _, o := range l.losses {
		claim(o.LossID)
	}
}

// faultOf names what is wrong with a row; empty is nothing.
func faultOf(s Scenario, e *trace.Exchange) string {
	_, end := s.Window()
	known := slices.Contains(versions[:], e.AssignedVersion) && slices.Contains(versions[:], e.ServedVersion)
	switch {
	case len(e.TraceID) != 32:
		return "trace id is not 32 digits"
	case e.App != s.App || e.Release != s.Release:
		return "wrong app or release"
	case !known:
		return "unknown version"
	case e.StartedAt.Before(s.Start) || e.StartedAt.After(end.Add(28*time.Hour)):
		return "outside the window"
	case e.LatencyMS == nil || !(*e.LatencyMS > 0) || e.TTFTMS != nil && *e.TTFTMS >= *e.LatencyMS:
		return "impossible latency"
	case (e.ErrorType == "") != (*e.Status == 200) && e.ErrorType != "connect_failed":
		return "status and error disagree"
	case *e.InputTokens < 0 || *e.OutputTokens < 0 || e.CachedTokens != nil && *e.CachedTokens > *e.InputTokens:
		return "impossible tokens"
	case e.CostUSD != nil && (*e.CostUSD < 0 || math.Abs(*e.CostUSD*1e9-math.Round(*e.CostUSD*1e9)) > 1e-3):
		return "cost has more than nine decimals"
	case (e.CaseID != "") != (s.trials > 0) || (e.Trial != nil) != (s.trials > 0):
		return "case and scenario disagree"
	case s.trials > 0:
		return ""
	}
	return assignmentFault(s, e)
}

func assignmentFault(s Scenario, e *trace.Exchange) string {
	unit := e.SessionID
	if s.unit() == "user" {
		unit = e.UserID
	}
	switch {
	case e.UnitID != unit:
		return "unit id is not the assignment unit's"
	case e.AssignedAt.IsZero() || e.AssignedAt.After(e.StartedAt):
		return "assigned after the start"
	case e.Reason == "" || e.PromiseHash == "" || *e.Epoch < 1 || *e.ServingEpoch < *e.Epoch:
		return "reason, promise or epoch missing"
	case *e.Randomized != (e.Propensity != nil):
		return "propensity and randomized disagree"
	case !*e.Randomized:
		return ""
	case !(*e.Propensity > 0 && *e.Propensity < 1):
		return "propensity outside (0, 1)"
	}
	return hashFault(s, e)
}

// hashFault audits the assignment: the propensity belongs to the share of the
// row's epoch and rule, and the arm follows from that share and the hash.
func hashFault(s Scenario, e *trace.Exchange) string {
	share := shareOf(s, *e.Epoch, e.Rule)
	u := draw(saltsOf(s.App, s.Release).arm, e.UnitID)
	treated := e.AssignedVersion == versions[treatment]
	switch {
	case treated != (u < share):
		return "the hash assigns the other version"
	case treated && *e.Propensity != share, !treated && *e.Propensity != 1-share:
		return "the propensity is not that of the share"
	}
	return ""
}

func shareOf(s Scenario, epoch int64, rule string) float64 {
	if s.unit() == "user" {
		return 0.5
	}
	for _, c := range s.crowds {
		if c.rule == rule && rule != "" {
			return c.split
		}
	}
	return s.phases[slices.Index(epochs(s.phases), epoch)].share
}

// checkDialogue holds what the rows of a session have in common.
func checkDialogue(t *testing.T, s Scenario, d *dialogue) {
	t.Helper()
	if s.resolvedLimit < 24 && !d.matureAll {
		t.Errorf("%s: an outcome became known more than 24 h after the first request", d.first.SessionID)
	}
	for i, e := range d.rows {
		resumed := e.StartedAt.Sub(d.first.StartedAt) > 24*time.Hour
		switch {
		case *e.Turn != int64(i+1):
			t.Errorf("%s: turn %d is %d", e.SessionID, i+1, *e.Turn)
		case resumed && s.resumed > 0:
		case e.StartedAt.Sub(d.first.StartedAt) > 2*time.Hour:
			t.Errorf("%s: turn %d begins %v after the first", e.SessionID, i+1, e.StartedAt.Sub(d.first.StartedAt))
		case e.AssignedVersion != d.first.AssignedVersion || !e.AssignedAt.Equal(d.first.AssignedAt):
			t.Errorf("%s: turn %d changes version", e.SessionID, i+1)
		}
	}
}

// TestShares holds the realised allocation of every stratum to its propensity.
func TestShares(t *testing.T) {
	for _, s := range Scenarios() {
		if s.trials > 0 || s.Name == "crashing" || s.Name == "lost-traces" || s.Name == "unbalanced-units" {
			continue
		}
		strata, names := cells(simulated(t, s, 3, 10000).dialogues(time.Hour))
		for _, name := range names {
			units := [2]map[string]bool{{}, {}}
			var share float64
			for arm, sessions := range strata[name] {
				for _, d := range sessions {
					units[arm][d.first.UnitID] = true
					share = math.Abs(float64(1-arm) - *d.first.Propensity)
				}
			}
			n := float64(len(units[0]) + len(units[1]))
			excess := float64(len(units[1])) - n*share
			if math.Abs(excess) > limit*math.Sqrt(n*share*(1-share)) {
				t.Errorf("%s, stratum %s: %d of %.0f units with the candidate at share %v", s.Name, name, len(units[1]), n, share)
			}
		}
	}
}

// TestCauses holds the special rows of scenarios to be there, and only there.
func TestCauses(t *testing.T) {
	count := func(name string, is func(*trace.Exchange) bool) float64 {
		var n, total float64
		for _, e := range simulated(t, named(t, name), 1, 10000).exchanges {
			total++
			if is(e) {
				n++
			}
		}
		return n / total
	}
	for _, c := range []struct {
		what, scenario string
		low, high      float64
		is             func(*trace.Exchange) bool
	}{
		{"forced", "forced-traffic", 0.03, 0.07, func(e *trace.Exchange) bool { return e.Rule == "staff" && e.AssignedVersion == "v2" }},
		{"split by rule", "forced-traffic", 0.10, 0.19, func(e *trace.Exchange) bool { return e.Rule == "vip" && *e.Randomized }},
		{"held out", "better", 0.003, 0.012, func(e *trace.Exchange) bool { return e.Reason == trace.ReasonHoldout }},
		{"served by stable", "failover", 0.25, 0.45, func(e *trace.Exchange) bool {
			return e.Reason == trace.ReasonFallback && e.ServedVersion == "v1" && e.AssignedVersion == "v2"
		}},
		{"not served by stable", "better", 0, 0, func(e *trace.Exchange) bool { return e.ServedVersion != e.AssignedVersion }},
		{"crashed", "crashing", 0.10, 0.25, func(e *trace.Exchange) bool { return e.ErrorType == "crashed" }},
		{"not covered", "user-unit", 0.15, 0.60, func(e *trace.Exchange) bool { return !*e.Randomized }},
		{"before the ramp", "quota-starvation", 0.05, 0.15, func(e *trace.Exchange) bool { return !*e.Randomized && *e.Epoch == 1 }},
	} {
		if got := count(c.scenario, c.is); got < c.low || got > c.high {
			t.Errorf("%s in %s: %.4f of the rows, want %.3f to %.3f", c.what, c.scenario, got, c.low, c.high)
		}
	}
}

// TestCrossover holds evicted sessions to move to the candidate only, where the
// share has grown past their hash.
func TestCrossover(t *testing.T) {
	moved, sessions := 0, 0
	for _, d := range simulated(t, named(t, "crossover"), 1, 20000).dialogues(time.Hour) {
		sessions++
		last := d.rows[len(d.rows)-1]
		if last.AssignedVersion != d.first.AssignedVersion {
			moved++
			if last.AssignedVersion != "v2" || *last.Epoch <= *d.first.Epoch || !last.AssignedAt.After(d.first.AssignedAt) {
				t.Fatalf("%+v after %+v", *last, *d.first)
			}
		}
	}
	// Of sessions of the last 26 hours of the first epoch, 4 in 10 cross if they come back.
	if share := float64(moved) / float64(sessions); share < 0.004 || share > 0.012 {
		t.Errorf("%d of %d sessions have rows of both versions", moved, sessions)
	}
}

// TestLosses holds lost rows to be reported, unless the scenario is silent.
func TestLosses(t *testing.T) {
	for name, reported := range map[string]bool{"lost-traces": true, "crashing": true, "unbalanced-units": false, "better": false} {
		losses := simulated(t, named(t, name), 1, 5000).losses
		if (len(losses) > 0) != reported {
			t.Errorf("%s: %d losses", name, len(losses))
		}
		for _, l := range losses {
			if l.Version != versions[treatment] || l.Rows < 1 || l.Reason == "" || l.EndedAt.Before(l.StartedAt) {
				t.Errorf("%s: %+v", name, *l)
			}
		}
	}
}

// TestRequestMeans holds the laws of single requests more closely than sums of
// sessions can.
func TestRequestMeans(t *testing.T) {
	s := named(t, "equal")
	b := s.phases[0].arms[control]
	input, output := b.meanTokens()
	var sums [3]tally
	for _, d := range simulated(t, s, 2, 30000).dialogues(time.Hour) {
		sums[0].add(d.first.SessionID, float64(len(d.rows)), 1)
		for _, e := range d.rows {
			sums[1].add(d.first.SessionID, float64(*e.InputTokens), 1)
			if e.ErrorType == "" {
				sums[2].add(d.first.SessionID, float64(*e.OutputTokens), 1)
			}
		}
	}
	for i, want := range []float64{b.meanRequests(), input, output} {
		got, variance := sums[i].estimate()
		near(t, []string{"requests", "input tokens", "output tokens"}[i], got, want, variance)
	}
}

// TestDependence holds what the copula adds: the latencies of a session and the
// sessions of a user resemble each other, long sessions are harder.
func TestDependence(t *testing.T) {
	var between, within correlation
	for _, d := range simulated(t, named(t, "equal"), 1, 20000).dialogues(time.Hour) {
		if y := d.column(latencyP95()); len(y) > 1 {
			within.add(math.Log(y[0]), math.Log(y[1]))
		}
	}
	if got := within.value(); math.Abs(got-0.2) > 0.03 {
		t.Errorf("correlation of log latency within sessions %.3f, want 0.2", got)
	}
	last := map[string]float64{}
	for _, d := range simulated(t, named(t, "user-unit"), 1, 20000).dialogues(time.Hour) {
		resolved := d.outcomes[trace.OutcomeResolved]
		if before, again := last[d.first.UserID]; again {
			between.add(before, resolved)
		}
		last[d.first.UserID] = resolved
	}
	// Two normals with correlation .6, cut at .62, agree with correlation .4 or so.
	if got := between.value(); math.Abs(got-0.4) > 0.05 {
		t.Errorf("correlation of resolution within users %.3f, want about 0.4", got)
	}
}

// A correlation sums the moments of two variables.
type correlation struct{ n, x, y, xx, yy, xy float64 }

func (c *correlation) add(x, y float64) {
	c.n, c.x, c.y, c.xx, c.yy, c.xy = c.n+1, c.x+x, c.y+y, c.xx+x*x, c.yy+y*y, c.xy+x*y
}

func (c *correlation) value() float64 {
	return (c.xy - c.x*c.y/c.n) / math.Sqrt((c.xx-c.x*c.x/c.n)*(c.yy-c.y*c.y/c.n))
}
