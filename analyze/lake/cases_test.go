package lake

import (
	"context"
	"fmt"
	"testing"

	"weir/analyze"
	"weir/analyze/fixed"
	"weir/trace"
)

// The figures of few shared cases are their means over trials, in order of the case; more are not kept.
func TestFewCases(t *testing.T) {
	for _, n := range []int{fixed.MaxExactFlips, fixed.MaxExactFlips + 1} {
		var rows []trace.Exchange
		want := make([][2]float64, n)
		for i := range n {
			for arm, version := range []string{"v1", "v2"} {
				for trial := range 2 {
					tokens := int64(100*i + 10*arm + trial)
					rows = append(rows, trace.Exchange{
						TraceID: fmt.Sprintf("%d-%s-%d", i, version, trial), App: "bot", Release: "r1", CaseID: fmt.Sprintf("case%02d", i), Trial: some(int64(trial)),
						AssignedVersion: version, ServedVersion: version, StartedAt: start, InputTokens: some(tokens), OutputTokens: some(int64(0)),
					})
					want[i][arm] += float64(tokens) / 2
				}
			}
		}
		q := messyQuery()
		q.Method = analyze.Fixed
		m := q.Metrics[3]
		m.Columns, m.Tested, m.Margined = m.Columns[:1], m.Shown, m.Shown
		q.Metrics = []analyze.Metric{m}
		data, err := write(t, rows, nil).Data(context.Background(), q)
		check(t, err)
		got := data.Metrics[0]
		if got.Pairs == nil || got.Pairs.N != int64(n) {
			t.Fatalf("%d cases: pairs %+v", n, got.Pairs)
		}
		if n > fixed.MaxExactFlips {
			if got.Cases != nil {
				t.Errorf("%d cases are kept", len(got.Cases))
			}
			continue
		}
		for i, c := range got.Cases {
			if !same(c[0], want[i][0]) || !same(c[1], want[i][1]) {
				t.Errorf("case %d: %v, want %v", i, c, want[i])
			}
		}
		if len(got.Cases) != n {
			t.Errorf("%d of %d cases", len(got.Cases), n)
		}
	}
}
