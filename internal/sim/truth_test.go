package sim

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"weir/trace"
)

// limit is how many standard errors a realised value may lie from the truth:
// with some 700 comparisons at fixed seeds, 4.5 is passed by chance once in 200 suites.
const limit = 4.5

// A tally sums a ratio metric over clusters.
type tally struct {
	clusters map[string]*[2]float64
}

func (y *tally) add(cluster string, above, below float64) {
	if y.clusters == nil {
		y.clusters = map[string]*[2]float64{}
	}
	c := y.clusters[cluster]
	if c == nil {
		c = new([2]float64)
		y.clusters[cluster] = c
	}
	c[0] += above
	c[1] += below
}

// estimate is the ratio of the sums and its variance by the delta method.
func (y *tally) estimate() (value, variance float64) {
	var above, below, squares float64
	for _, c := range y.clusters {
		above, below = above+c[0], below+c[1]
	}
	value = above / below
	for _, c := range y.clusters {
		squares += (c[0] - value*c[1]) * (c[0] - value*c[1])
	}
	return value, squares / (below * below)
}

func clusterOf(e *trace.Exchange) string {
	switch {
	case e.CaseID != "":
		return e.CaseID
	case e.UnitID != "":
		return e.UnitID
	}
	return e.SessionID
}

func armOf(e *trace.Exchange) int { return slices.Index(versions[:], e.AssignedVersion) }

// cells splits randomised sessions by stratum and arm.
func cells(all []*dialogue) (map[string][2][]*dialogue, []string) {
	cells := map[string][2][]*dialogue{}
	var names []string
	for _, d := range all {
		e := d.first
		if e.CaseID == "" && !*e.Randomized {
			continue
		}
		name := ""
		if e.CaseID == "" {
			name = fmt.Sprint(*e.Epoch, e.Rule)
		}
		if _, known := cells[name]; !known {
			names = append(names, name)
		}
		c := cells[name]
		c[armOf(e)] = append(c[armOf(e)], d)
		cells[name] = c
	}
	return cells, names
}

// stratified is the traffic-weighted value of both arms with their variances.
func stratified(all []*dialogue, value func(*dialogue) (above, below float64, ok bool)) (values, variances [2]float64) {
	strata, names := cells(all)
	var total float64
	for _, name := range names {
		total += float64(len(strata[name][0]) + len(strata[name][1]))
	}
	for _, name := range names {
		weight := float64(len(strata[name][0])+len(strata[name][1])) / total
		for arm, e := range compared(strata[name], value) {
			values[arm] += weight * e.value
			variances[arm] += weight * weight * e.variance
		}
	}
	return values, variances
}

// An estimated value has the variance of its estimator.
type estimated struct{ value, variance float64 }

// compared estimates both arms of a stratum. A small arm may have seen no event
// at all, so it is given at least the other's variance for its own number of units.
func compared(arms [2][]*dialogue, value func(*dialogue) (above, below float64, ok bool)) (both [2]estimated) {
	var sums [2]*tally
	for arm := range both {
		sums[arm] = summed(arms[arm], value)
		both[arm].value, both[arm].variance = sums[arm].estimate()
	}
	units := [2]float64{float64(len(sums[0].clusters)), float64(len(sums[1].clusters))}
	a, b := both[0].variance, both[1].variance
	both[0].variance, both[1].variance = max(a, b*units[1]/units[0]), max(b, a*units[0]/units[1])
	return both
}

func summed(all []*dialogue, value func(*dialogue) (above, below float64, ok bool)) *tally {
	var sums tally
	for _, d := range all {
		if above, below, ok := value(d); ok {
			sums.add(clusterOf(d.first), above, below)
		}
	}
	return &sums
}

// near reports a realised value that lies too far from the truth; a truth that
// is not declared is near to everything.
func near(t *testing.T, what string, got, want, variance float64) {
	t.Helper()
	if math.IsNaN(want) {
		return
	}
	if !(math.Abs(got-want) <= limit*math.Sqrt(variance)+1e-9*math.Abs(want)) {
		t.Errorf("%s: realised %.6g, true %.6g, standard error %.3g", what, got, want, math.Sqrt(variance))
	}
}

// TestTruth holds what Truth declares against what Run writes, with estimators
// of its own: in each scenario, and over all of them, where a small error that
// they share would show.
func TestTruth(t *testing.T) {
	var scores scoreboard
	t.Run("scenarios", func(t *testing.T) {
		for _, s := range Scenarios() {
			t.Run(s.Name, func(t *testing.T) {
				t.Parallel()
				checkScenario(t, s, &scores)
			})
		}
	})
	for name, z := range scores.byMetric {
		var sum float64
		for _, score := range z {
			sum += score
		}
		if mean := sum / math.Sqrt(float64(len(z))); !(math.Abs(mean) <= limit) {
			t.Errorf("%s: over %d arms, realised values are off by %.1f standard errors", name, len(z), mean)
		}
	}
}

func checkScenario(t *testing.T, s Scenario, scores *scoreboard) {
	selected := s.Name == "lost-traces" || s.Name == "unbalanced-units" // the lake holds other sessions than were assigned
	all := simulated(t, s, 11, 20000).dialogues(72 * time.Hour)
	truth := s.Truth()
	for i, m := range s.metrics {
		switch {
		case m.median != nil:
			checkQuantile(t, all, m, truth.Effects[i])
		case selected, s.Name == "response-bias" && m.value == "satisfaction":
		default:
			checkMean(t, all, m, truth.Effects[i], scores)
		}
	}
	for _, e := range truth.Naive {
		checkNaive(t, s, all, e)
	}
}

// A scoreboard collects standardised deviations from the truth.
type scoreboard struct {
	sync.Mutex
	byMetric map[string][]float64
}

func (b *scoreboard) add(metric string, got, want, variance float64) {
	if math.IsNaN(want) || variance == 0 {
		return
	}
	b.Lock()
	defer b.Unlock()
	if b.byMetric == nil {
		b.byMetric = map[string][]float64{}
	}
	b.byMetric[metric] = append(b.byMetric[metric], (got-want)/math.Sqrt(variance))
}

func checkMean(t *testing.T, all []*dialogue, m metric, e Effect, scores *scoreboard) {
	t.Helper()
	values, variances := stratified(all, func(d *dialogue) (float64, float64, bool) { return d.value(m) })
	for arm, want := range []float64{e.Control, e.Treatment} {
		near(t, m.name+" "+versions[arm], values[arm], want, variances[arm])
		scores.add(m.name, values[arm], want, variances[arm])
	}
	near(t, m.name+" absolute", values[1]-values[0], e.Absolute, variances[0]+variances[1])
	if relative := variances[0]/(values[0]*values[0]) + variances[1]/(values[1]*values[1]); values[0] > 0 && values[1] > 0 {
		near(t, m.name+" log ratio", math.Log(values[1]/values[0]), math.Log(1+e.Relative), relative)
	}
}

// checkQuantile holds the treatment's rate of rows above (1 + relative) c
// against the control's rate above c, c being the control's 95th percentile.
func checkQuantile(t *testing.T, all []*dialogue, m metric, e Effect) {
	t.Helper()
	if math.IsNaN(e.Relative) {
		return
	}
	strata, names := cells(all)
	for _, name := range names {
		c := e.Control
		if math.IsNaN(c) {
			c = percentile95(strata[name][0], m)
		}
		both := compared(strata[name], func(d *dialogue) (float64, float64, bool) {
			threshold := c
			if armOf(d.first) == treatment {
				threshold *= 1 + e.Relative
			}
			above, below := d.exceeds(m, threshold)
			return above, below, true
		})
		near(t, m.name+" in "+name, both[1].value-both[0].value, 0, both[0].variance+both[1].variance)
		if !math.IsNaN(e.Control) {
			near(t, m.name+" level in "+name, both[0].value, 0.05, both[0].variance)
		}
	}
}

func percentile95(all []*dialogue, m metric) float64 {
	var values []float64
	for _, d := range all {
		values = append(values, d.column(m)...)
	}
	slices.Sort(values)
	return values[len(values)*95/100]
}

// checkNaive pools all sessions in the lake by assigned version.
func checkNaive(t *testing.T, s Scenario, all []*dialogue, e Effect) {
	t.Helper()
	m := s.metrics[slices.IndexFunc(s.metrics, func(m metric) bool { return m.name == e.Metric })]
	var arms [2][]*dialogue
	for _, d := range all {
		arms[armOf(d.first)] = append(arms[armOf(d.first)], d)
	}
	for arm, want := range []float64{e.Control, e.Treatment} {
		got, variance := summed(arms[arm], func(d *dialogue) (float64, float64, bool) { return d.value(m) }).estimate()
		near(t, "naive "+e.Metric+" "+versions[arm], got, want, variance)
	}
}

// TestDeclared spells out a few truths that could otherwise drift unseen.
func TestDeclared(t *testing.T) {
	for _, c := range []struct {
		scenario, metric    string
		naive               bool
		control, absolute   float64
		tolerance, relative float64
	}{
		{scenario: "better", metric: "resolution", control: 0.62, absolute: 0.04, relative: 0.04 / 0.62},
		{scenario: "better", metric: "handoff", control: 0.09},
		{scenario: "better", metric: "errors", control: 0.01},
		{scenario: "better", metric: "latency_p95", control: 1400 * math.Exp(0.6*1.6448536269514722), absolute: 28 * math.Exp(0.6*1.6448536269514722), relative: 0.02},
		{scenario: "simpson-ramp", metric: "resolution", control: 0.604, absolute: 0.03, tolerance: 0.004, relative: 0.05},
		{scenario: "simpson-ramp", metric: "resolution", naive: true, control: 0.624, absolute: -0.052, tolerance: 0.001, relative: -0.084},
		{scenario: "forced-traffic", metric: "resolution", // gold users count in the 84 of 94 parts of traffic from 20 % on
			control: (0.76*0.98*0.5 + 0.19*84/94*0.8) / (0.76*0.98 + 0.19*84/94)},
		{scenario: "failover", metric: "handoff", control: 0.10, absolute: 0.015, relative: 0.15},
		{scenario: "failover", metric: "compliance", control: 1, absolute: -0.85, relative: -0.85},
		{scenario: "late-outcomes", metric: "resolution", control: 0.60},
		{scenario: "lost-traces", metric: "resolution", control: 0.60},
		{scenario: "lost-traces", metric: "resolution", naive: true, control: 0.60, absolute: 0.6/0.92 - 0.6, relative: 1/0.92 - 1},
		{scenario: "response-bias", metric: "satisfaction", control: 3.5},
		{scenario: "rare-errors", metric: "errors", control: 0.002, absolute: 0.013, relative: 6.5},
		{scenario: "more-requests", metric: "errors", control: 0.023, tolerance: 0.0005},
	} {
		truth := named(t, c.scenario).Truth()
		effects := truth.Effects
		if c.naive {
			effects = truth.Naive
		}
		e := effects[slices.IndexFunc(effects, func(e Effect) bool { return e.Metric == c.metric })]
		tolerance := max(c.tolerance, 1e-9)
		for _, pair := range [][2]float64{{e.Control, c.control}, {e.Absolute, c.absolute}, {e.Relative, c.relative}} {
			if !(math.Abs(pair[0]-pair[1]) <= tolerance) {
				t.Errorf("%s %s (naive %v): %+v, want %+v", c.scenario, c.metric, c.naive, e, c)
				break
			}
		}
	}
}

// TestVerdicts holds the declared verdicts to be words of the analysis that do
// not contradict each other.
func TestVerdicts(t *testing.T) {
	words := []string{Promote, Hold, Rollback, Invalid}
	for _, s := range Scenarios() {
		truth := s.Truth()
		if len(truth.Verdicts) == 0 || len(truth.Forbidden) == 0 || truth.Trap == "" || truth.Says == "" {
			t.Errorf("%s: truth is incomplete: %+v", s.Name, truth)
		}
		for _, v := range slices.Concat(truth.Verdicts, truth.Forbidden) {
			if !slices.Contains(words, v) {
				t.Errorf("%s: %q is no verdict", s.Name, v)
			}
		}
		for _, v := range truth.Verdicts {
			if slices.Contains(truth.Forbidden, v) {
				t.Errorf("%s: %s is both allowed and forbidden", s.Name, v)
			}
		}
	}
}
