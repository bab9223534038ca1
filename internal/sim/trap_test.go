package sim

import (
	"math"
	"testing"
	"time"

	"weir/trace"
)

// runs is how many seeds a false alarm rate is measured over: its standard
// error is .02 at a rate of .05, and .04 at .25.
const runs = 120

// alarms is the share of seeds for which each of two tests, a naive and a
// correct one, finds a difference.
func alarms(t *testing.T, name string, size Size, naive, correct func(*lake) bool) (naiveRate, correctRate float64) {
	t.Helper()
	t.Parallel()
	s := named(t, name)
	for seed := range uint64(runs) {
		l := simulated(t, s, seed, size)
		if naive(l) {
			naiveRate += 1.0 / runs
		}
		if correct(l) {
			correctRate += 1.0 / runs
		}
	}
	return naiveRate, correctRate
}

// pooled is the z statistic of two rates, every trial counted as a unit.
func pooled(above, below [2]float64) float64 {
	p := (above[0] + above[1]) / (below[0] + below[1])
	return (above[1]/below[1] - above[0]/below[0]) / math.Sqrt(p*(1-p)*(1/below[0]+1/below[1]))
}

func inside(t *testing.T, what string, rate, low, high float64) {
	t.Helper()
	if !(rate >= low && rate <= high) {
		t.Errorf("%s: %.3f of %d seeds, want %.2f to %.2f", what, rate, runs, low, high)
	}
}

// TestClusteredRequestsTrap counts requests as units, then sessions.
func TestClusteredRequestsTrap(t *testing.T) {
	requests := func(l *lake) bool {
		var above, below [2]float64
		for _, e := range l.exchanges {
			below[armOf(e)]++
			if e.ErrorType != "" {
				above[armOf(e)]++
			}
		}
		return math.Abs(pooled(above, below)) > 1.96
	}
	sessions := func(l *lake) bool {
		values, variances := stratified(l.dialogues(time.Hour), func(d *dialogue) (float64, float64, bool) { return d.value(errorRate()) })
		return math.Abs(values[1]-values[0]) > 1.96*math.Sqrt(variances[0]+variances[1])
	}
	naive, correct := alarms(t, "clustered-requests", 1500, requests, sessions)
	inside(t, "requests as units", naive, 0.15, 0.40)
	inside(t, "sessions as units", correct, 0, 0.10)
}

// TestPeekingTrap looks after every hundredth session, then once at the end.
func TestPeekingTrap(t *testing.T) {
	looking := func(every int) func(*lake) bool {
		return func(l *lake) bool {
			var above, below [2]float64
			found := false
			for i, d := range l.dialogues(time.Hour) {
				below[armOf(d.first)]++
				above[armOf(d.first)] += d.outcomes[trace.OutcomeResolved]
				found = found || (i+1)%every == 0 && math.Abs(pooled(above, below)) > 1.96
			}
			return found
		}
	}
	naive, correct := alarms(t, "peeking", 2000, looking(100), looking(2000))
	inside(t, "twenty looks", naive, 0.17, 0.45)
	inside(t, "one look", correct, 0, 0.10)
}

// TestPairedTrialsTrap counts trials as units, then cases.
func TestPairedTrialsTrap(t *testing.T) {
	trials := func(l *lake) bool {
		var above, below [2]float64
		for _, d := range l.dialogues(time.Hour) {
			below[armOf(d.first)]++
			above[armOf(d.first)] += d.outcomes[trace.OutcomeResolved]
		}
		return math.Abs(pooled(above, below)) > 1.96
	}
	cases := func(l *lake) bool {
		var gains tally
		for _, d := range l.dialogues(time.Hour) {
			sign := float64(2*armOf(d.first) - 1)
			gains.add(d.first.CaseID, sign*d.outcomes[trace.OutcomeResolved]/10, 0.05)
		}
		value, variance := gains.estimate()
		return math.Abs(value) > 1.98*math.Sqrt(variance)
	}
	naive, correct := alarms(t, "paired-trials", 0, trials, cases)
	inside(t, "trials as units", naive, 0.12, 0.30)
	inside(t, "cases as units", correct, 0, 0.10)
}

// TestUserUnitTrap counts sessions as units, then users.
func TestUserUnitTrap(t *testing.T) {
	by := func(cluster func(*trace.Exchange) string) func(*lake) bool {
		return func(l *lake) bool {
			var sums [2]tally
			for _, d := range l.dialogues(time.Hour) {
				if *d.first.Randomized {
					sums[armOf(d.first)].add(cluster(d.first), d.outcomes[trace.OutcomeResolved], 1)
				}
			}
			v1, s1 := sums[0].estimate()
			v2, s2 := sums[1].estimate()
			return math.Abs(v2-v1) > 1.96*math.Sqrt(s1+s2)
		}
	}
	naive, correct := alarms(t, "user-unit", 3000,
		by(func(e *trace.Exchange) string { return e.SessionID }), by(func(e *trace.Exchange) string { return e.UnitID }))
	inside(t, "sessions as units", naive, 0.15, 0.40)
	inside(t, "users as units", correct, 0, 0.10)
}

// TestLateOutcomesTrap looks when the last session begins, then after maturity.
func TestLateOutcomesTrap(t *testing.T) {
	s := named(t, "late-outcomes")
	_, end := s.Window()
	l := simulated(t, s, 3, 0)
	gap := func(clock time.Time) float64 {
		seen := *l
		seen.outcomes = nil
		for _, o := range l.outcomes {
			if !o.ReceivedAt.After(clock) {
				seen.outcomes = append(seen.outcomes, o)
			}
		}
		values, variances := stratified(seen.dialogues(72*time.Hour), func(d *dialogue) (float64, float64, bool) { return d.value(resolution()) })
		return (values[1] - values[0]) / math.Sqrt(variances[0]+variances[1])
	}
	if z := gap(end); !(z < -4) {
		t.Errorf("at the end of the window z = %.2f, want below -4", z)
	}
	if z := gap(end.Add(72 * time.Hour)); !(math.Abs(z) < 3) {
		t.Errorf("after 72 hours z = %.2f, want within 3", z)
	}
}
