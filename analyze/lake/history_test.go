package lake

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/analyze"
	"weir/trace"
)

// pastRows makes control's sessions of a release before, one request each, begun at hours
// before start; some that a rule forced, some too old.
func pastRows(n int) []trace.Exchange {
	r := rand.New(rand.NewPCG(5, 5))
	var out []trace.Exchange
	for i := range n {
		at := start.Add(-time.Duration(1+r.IntN(96*60)) * time.Minute)
		e := trace.Exchange{
			TraceID: fmt.Sprintf("p%d", i), App: "bot", Release: "r0", SessionID: fmt.Sprintf("past%d", i), UnitID: fmt.Sprintf("past%d", i), UserID: fmt.Sprintf("u%d", i),
			AssignedVersion: "v1", ServedVersion: "v1", AssignedAt: at, StartedAt: at, PromiseHash: "before",
			Epoch: some(int64(7)), Propensity: some(1.0), Randomized: some(false),
			LatencyMS: some(math.Round(math.Exp(6+r.NormFloat64())*100) / 100), InputTokens: some(int64(r.IntN(500))), OutputTokens: some(int64(r.IntN(900))),
		}
		switch {
		case i%50 == 0:
			e.Rule = "qa"
		case i%51 == 0:
			e.AssignedAt, e.StartedAt = start.Add(-20*24*time.Hour), start.Add(-20*24*time.Hour)
		case i%10 == 0:
			e.ErrorType = "timeout"
		}
		out = append(out, e)
	}
	return out
}

// What is frozen, and control's past, come from its rows before the release where
// there are enough: not from rows that a rule forced, old ones, or ones not mature at the
// start.
func TestHistory(t *testing.T) {
	exchanges, outcomes := messyRows(3, logKind{own: true, timed: true})
	begun := exchanges[0].AssignedAt
	for _, e := range exchanges {
		if *e.Randomized && e.AssignedAt.Before(begun) {
			begun = e.AssignedAt
		}
	}
	past := pastRows(1500)
	l := write(t, append(slices.Clone(exchanges), past...), outcomes)
	data, err := l.Data(context.Background(), messyQuery())
	check(t, err)

	var tokens, failures [][]float64
	var capped []float64
	for _, e := range past {
		end := time.Unix((e.AssignedAt.Unix()/3600+1)*3600, 0).Add(2 * time.Hour)
		if e.Rule != "" || e.StartedAt.Before(begun.Add(-historyDays*24*time.Hour)) || end.After(begun) {
			continue
		}
		failed := 0.0
		if e.ErrorType != "" {
			failed = 1
		}
		sum := float64(*e.InputTokens + *e.OutputTokens)
		failures = append(failures, []float64{failed, 1})
		tokens = append(tokens, []float64{sum, sum})
		capped = append(capped, sum)
	}
	slices.Sort(capped)
	at := .9 * float64(len(capped)-1)
	limit := capped[int(at)] + (at-math.Floor(at))*(capped[int(at)+1]-capped[int(at)])
	for i := range tokens {
		tokens[i][1] = math.Min(tokens[i][1], limit)
	}
	for _, m := range data.Metrics {
		switch m.Metric.Name {
		case "errors":
			comparePast(t, m, analyze.MomentsOf(failures...))
		case "tokens":
			comparePast(t, m, analyze.MomentsOf(tokens...))
			if !same(float64(m.Frozen.Cap), limit) {
				t.Errorf("cap %g, want %g", float64(m.Frozen.Cap), limit)
			}
		case "resolved":
			if m.Past != nil && m.Past.Mean[0] != 0 { // nothing was reported of the past: filled with zeros
				t.Errorf("resolved: past %+v", m.Past)
			}
		case "latency_p90":
			if !strings.Contains(m.Frozen.Source, "before the release") || !m.Frozen.Threshold.Known() {
				t.Errorf("latency: frozen %+v", m.Frozen)
			}
		}
	}

	// Fewer rows than a baseline needs fix nothing.
	l = write(t, append(slices.Clone(exchanges), past[:150]...), outcomes)
	data, err = l.Data(context.Background(), messyQuery())
	check(t, err)
	for _, m := range data.Metrics {
		if m.Past != nil || strings.Contains(m.Frozen.Source, "before the release") {
			t.Errorf("%s: past %v, frozen from %q", m.Metric.Name, m.Past, m.Frozen.Source)
		}
	}
}

func comparePast(t *testing.T, m analyze.MetricData, want analyze.Moments) {
	t.Helper()
	if m.Past == nil {
		t.Errorf("%s: no past", m.Metric.Name)
		return
	}
	compareMoments(t, m.Metric, *m.Past, want)
	if !strings.Contains(m.Frozen.Source, "before the release") || m.Frozen.Provisional {
		t.Errorf("%s: frozen from %q", m.Metric.Name, m.Frozen.Source)
	}
}

// Segments hold each unit once, by the value at its first request; rare values are joined.
func TestSegments(t *testing.T) {
	exchanges, outcomes := messyRows(3, logKind{own: true, timed: true})
	r := rand.New(rand.NewPCG(8, 8))
	for i := range exchanges {
		exchanges[i].Device = []string{"mobile", "desktop", ""}[r.IntN(3)]
		exchanges[i].Attributes = map[string]string{"it's": fmt.Sprintf("v%02d", min(r.IntN(40), 12))}
	}
	l := write(t, exchanges, outcomes)
	q := messyQuery()
	q.Segments = []string{"device", "attributes.it's", "region"}
	data, err := l.Data(context.Background(), q)
	check(t, err)
	for _, m := range data.Metrics {
		for _, by := range []string{"device", "attributes.it's"} {
			parts := map[string]analyze.Moments{}
			var whole, joined analyze.Moments
			for _, s := range m.Segments {
				for _, c := range s.Cells {
					if s.By == by {
						parts[s.Name] = parts[s.Name].Add(c.Moments)
						joined = joined.Add(c.Moments)
					}
				}
			}
			for _, c := range m.Cells {
				whole = whole.Add(c.Moments)
			}
			compareMoments(t, m.Metric, joined, whole)
			want := map[string]int{"device": 3, "attributes.it's": maxSegments + 1}[by]
			if len(parts) != want {
				t.Errorf("%s by %s: %d parts, want %d", m.Metric.Name, by, len(parts), want)
			}
		}
	}
	if !slices.ContainsFunc(data.Warnings, func(w string) bool { return strings.Contains(w, "no unit has a value") }) {
		t.Errorf("no warning that rows have no region: %q", data.Warnings)
	}
	o := newOracle(q, exchanges, outcomes, map[string]analyze.Frozen{})
	want := map[string]int64{}
	for _, u := range o.units {
		name := u.rows[0].Device
		if name == "" {
			name = segmentNone
		}
		if o.mature(u, q.Metrics[2]) {
			want[name]++
		}
	}
	for _, s := range data.Metrics[2].Segments {
		n := int64(0)
		for _, c := range s.Cells {
			n += c.N
		}
		if s.By == "device" && n != want[s.Name] {
			t.Errorf("device %s: %d units, want %d", s.Name, n, want[s.Name])
		}
	}
}

// The unit with most requests, and the user with most units, are found.
func TestConcentration(t *testing.T) {
	exchanges, outcomes := messyRows(3, logKind{own: true, timed: true})
	exchanges = slices.DeleteFunc(exchanges, func(e trace.Exchange) bool { return !*e.Randomized })
	requests, units := map[string]int64{}, map[string]map[string]bool{}
	for i := range exchanges {
		e := &exchanges[i]
		if len(e.SessionID) > 0 && e.SessionID[len(e.SessionID)-1] == '7' {
			e.UserID = "heavy"
		}
		requests[e.UnitID]++
		if units[e.UserID] == nil {
			units[e.UserID] = map[string]bool{}
		}
		units[e.UserID][e.UnitID] = true
	}
	l := write(t, exchanges, outcomes)
	data, err := l.Data(context.Background(), messyQuery())
	check(t, err)
	most, s := int64(0), data.Service
	for _, n := range requests {
		most = max(most, n)
	}
	if got := max(s.TopUnit.Control, s.TopUnit.Treatment); got != most {
		t.Errorf("top unit has %d requests, want %d", got, most)
	}
	if want := int64(len(units["heavy"])); s.TopUser != want {
		t.Errorf("top user has %d units, want %d", s.TopUser, want)
	}
	if n := int64(len(units)); s.Users < n*9/10 || s.Users > n*11/10 {
		t.Errorf("%d users, want about %d", s.Users, n)
	}
}
