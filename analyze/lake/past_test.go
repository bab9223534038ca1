package lake

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"weir/analyze"
	"weir/trace"
)

// A covariate is the metric of the user of a unit's first request, over that user's units of control from
// before the release, less its mean over users; 0 for users without.
func TestPasts(t *testing.T) {
	exchanges, outcomes := messyRows(3, logKind{own: true, timed: true})
	begun := exchanges[0].AssignedAt
	for _, e := range exchanges {
		if *e.Randomized && e.AssignedAt.Before(begun) {
			begun = e.AssignedAt
		}
	}
	past := pastRows(1500)
	for i := range past {
		past[i].UserID = []string{"u00", "u01", "u02", "u07", "u33", "", "nobody"}[i%7]
	}
	q := messyQuery()
	for _, name := range []string{"errors", "tokens"} {
		m := &q.Metrics[slices.IndexFunc(q.Metrics, func(m analyze.Metric) bool { return m.Name == name })]
		at := 2 // both have two columns
		m.Columns = append(slices.Clone(m.Columns), analyze.Column{Value: m.Columns[0].Value, Window: m.Columns[0].Window, Past: true})
		m.Shown.Covariate, m.Tested.Covariate, m.Margined.Covariate = at, at, at
	}
	l := write(t, append(slices.Clone(exchanges), past...), outcomes)
	data, err := l.Data(context.Background(), q)
	check(t, err)
	plain, err := l.Data(context.Background(), messyQuery())
	check(t, err)
	o := newOracle(q, exchanges, outcomes, map[string]analyze.Frozen{})
	for i, m := range data.Metrics {
		if m.Metric.Tested.Covariate == 0 {
			continue
		}
		num, den := map[string]float64{}, map[string]float64{}
		for _, e := range past {
			end := time.Unix((e.AssignedAt.Unix()/3600+1)*3600, 0).Add(2 * time.Hour)
			if e.Rule != "" || e.StartedAt.Before(begun.Add(-historyDays*24*time.Hour)) || end.After(begun) || e.UserID == "" {
				continue
			}
			den[e.UserID]++
			switch m.Metric.Name {
			case "tokens":
				num[e.UserID] += math.Min(float64(*e.InputTokens+*e.OutputTokens), float64(m.Frozen.Cap))
			case "errors":
				if e.ErrorType != "" {
					num[e.UserID]++
				}
			}
		}
		if len(den) != 6 {
			t.Fatalf("%d users have a past", len(den))
		}
		mean := 0.0
		for user := range den {
			mean += num[user] / den[user] / float64(len(den))
		}
		x := func(user string) float64 {
			if den[user] == 0 {
				return 0
			}
			return num[user]/den[user] - mean
		}
		var want [2][][]float64
		differ := 0
		for _, u := range o.units {
			if !o.mature(u, m.Metric) || m.Metric.Name == "tokens" && !slices.ContainsFunc(u.rows, func(e trace.Exchange) bool {
				return e.InputTokens != nil && !e.StartedAt.After(u.assignedAt.Add(2*time.Hour))
			}) {
				continue
			}
			want[u.arm()] = append(want[u.arm()], []float64{x(u.rows[0].UserID)})
			if x(u.rows[0].UserID) != 0 {
				differ++
			}
		}
		if differ < 20 {
			t.Fatalf("%s: %d units have a user with a past", m.Metric.Name, differ)
		}
		var got, without [2]analyze.Moments
		for _, c := range m.Cells {
			got[c.Arm] = got[c.Arm].Add(c.Moments)
		}
		for _, c := range plain.Metrics[i].Cells {
			without[c.Arm] = without[c.Arm].Add(c.Moments)
		}
		for _, a := range analyze.Arms {
			w := analyze.MomentsOf(want[a]...)
			if got[a].N != w.N || !same(got[a].Mean[2], w.Mean[0]) || !same(got[a].Cross[5], w.Cross[0]) {
				t.Errorf("%s, %v: %d units, mean %v, square %v; want %d, %v, %v", m.Metric.Name, a, got[a].N, got[a].Mean[2], got[a].Cross[5], w.N, w.Mean[0], w.Cross[0])
			}
			if got[a].N != without[a].N || got[a].Mean[0] != without[a].Mean[0] && !same(got[a].Mean[0], without[a].Mean[0]) {
				t.Errorf("%s, %v: the covariate changes the figure: %v, %v", m.Metric.Name, a, got[a].Mean, without[a].Mean)
			}
		}
	}

	// Without a past every unit's covariate is 0.
	l = write(t, exchanges, outcomes)
	data, err = l.Data(context.Background(), q)
	check(t, err)
	for _, m := range data.Metrics {
		for _, c := range m.Cells {
			if at := m.Metric.Tested.Covariate; at > 0 && (c.Mean[at] != 0 || c.Cross[5] != 0) {
				t.Fatalf("%s: covariate %v without a past", m.Metric.Name, c.Mean[at])
			}
		}
	}
}
