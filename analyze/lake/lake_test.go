package lake

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/analyze"
	"weir/analyze/cluster"
	"weir/collector/parquet"
	"weir/trace"
)

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func some[T any](x T) *T { return &x }

// A kind of log: as the router writes it, or as it is imported.
type logKind struct{ own, timed bool }

// messyRows makes rows with everything that complicates joining them: several
// requests a session, late ones, errors, unknown tokens, epochs, rules,
// sessions assigned anew, forced traffic, outcomes on requests, sessions and
// users, corrected, late and unmatched.
func messyRows(seed uint64, k logKind) (exchanges []trace.Exchange, outcomes []trace.Outcome) {
	r := rand.New(rand.NewPCG(seed, 7))
	for s := range 400 {
		begun := start.Add(time.Duration(r.IntN(60*60)) * time.Minute)
		epoch, share := int64(1), .2
		if begun.Sub(start) > 30*time.Hour {
			epoch, share = 2, .5
		}
		rule := ""
		if r.Float64() < .1 {
			rule, share = "vip", .4
		}
		treated := r.Float64() < share
		session, user := fmt.Sprintf("s%03d", s), fmt.Sprintf("u%02d", r.IntN(60))
		forced := r.Float64() < .05
		for turn := range 1 + r.IntN(4) {
			if turn > 0 && r.Float64() < .03 { // evicted and assigned anew
				treated = !treated
			}
			version, p := "v1", 1-share
			if treated {
				version, p = "v2", share
			}
			at := begun.Add(time.Duration(turn*r.IntN(70)) * time.Minute)
			e := trace.Exchange{
				TraceID: fmt.Sprintf("%s-%d", session, turn), App: "bot", Release: "r1", SessionID: session, UserID: user,
				AssignedVersion: version, ServedVersion: version, StartedAt: at,
				LatencyMS: some(math.Round(math.Exp(6+r.NormFloat64())*100) / 100),
			}
			if r.Float64() < .9 {
				e.InputTokens, e.OutputTokens = some(int64(r.IntN(500))), some(int64(r.IntN(900)))
			}
			if r.Float64() < .08 {
				e.ErrorType, e.Status = "timeout", some(int64(504))
			}
			if r.Float64() < .02 {
				e.ServedVersion = "v1"
			}
			if k.own {
				e.UnitID, e.AssignedAt, e.PromiseHash = session, begun, "promise"
				e.Epoch, e.Propensity, e.Rule, e.Randomized = some(epoch), some(p), rule, some(!forced)
			}
			exchanges = append(exchanges, e)
		}
		last := exchanges[len(exchanges)-1]
		outcome := func(name string, value float64, delay time.Duration, on func(*trace.Outcome)) {
			o := trace.Outcome{OutcomeID: fmt.Sprintf("%s-%s-%d", session, name, len(outcomes)), App: "bot", Name: name, Value: value, OccurredAt: begun.Add(delay)}
			on(&o)
			outcomes = append(outcomes, o)
		}
		onSession := func(o *trace.Outcome) { o.SessionID = session }
		if r.Float64() < .8 {
			outcome("resolved", float64(r.IntN(2)), time.Duration(r.IntN(40))*time.Hour, onSession)
			if r.Float64() < .2 { // corrected later
				outcome("resolved", float64(r.IntN(2)), time.Duration(r.IntN(40))*time.Hour, onSession)
			}
		}
		switch r.IntN(4) {
		case 0:
			outcome("stars", float64(r.IntN(5)), time.Hour, func(o *trace.Outcome) { o.TraceID = last.TraceID })
		case 1:
			outcome("stars", float64(r.IntN(5)), 5*time.Hour, func(o *trace.Outcome) { o.UserID = user })
		}
	}
	outcomes = append(outcomes, trace.Outcome{OutcomeID: "lost", App: "bot", SessionID: "nobody", Name: "resolved", Value: 1, OccurredAt: start})
	return exchanges, outcomes
}

// write makes a lake of the rows and opens it.
func write(t *testing.T, exchanges []trace.Exchange, outcomes []trace.Outcome, losses ...trace.Loss) *Lake {
	t.Helper()
	return writeRows(t, &parquet.Rows{Exchanges: exchanges, Outcomes: outcomes, Losses: losses}, Options{TempDir: t.TempDir()})
}

func writeRows(t *testing.T, rows *parquet.Rows, o Options) *Lake {
	t.Helper()
	files, err := parquet.Open(t.TempDir())
	check(t, err)
	check(t, files.Write("rows", rows))
	paths := Files{}
	for _, table := range trace.Tables() {
		list, err := files.Files(table.Name, "")
		check(t, err)
		for _, f := range list {
			paths[table.Name] = append(paths[table.Name], files.Path(f))
		}
	}
	l, err := Open(context.Background(), paths, o)
	check(t, err)
	t.Cleanup(func() { check(t, l.Close()) })
	return l
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// metrics cover every kind of column.
func metrics() []analyze.Metric {
	request := func(value string, onlyOK bool) (sum, count analyze.Column) {
		sum = analyze.Column{Value: value, Per: "request", Agg: "sum", OnlyOK: onlyOK, Window: 2 * time.Hour}
		count = sum
		count.Count = true
		return sum, count
	}
	latency, answers := request("latency_ms", true)
	failures, requests := request("error", false)
	above := func(t analyze.Threshold) analyze.Column {
		c := latency
		t.Quantile = .9
		c.Above = &t
		return c
	}
	mean, ratio := analyze.Form{Num: 0, Den: analyze.Ones}, analyze.Form{Num: 0, Den: 1}
	tokens := analyze.Column{Value: "total_tokens", Per: "session", Agg: "sum", Window: 2 * time.Hour}
	capped := tokens
	capped.Limit = &analyze.Limit{Quantile: .9, Declared: true}
	margin := &analyze.Margin{Value: .1, Relative: true}
	return []analyze.Metric{
		{Name: "resolved", Role: analyze.Goal, Kind: analyze.KindMean, Good: analyze.Up, Rate: true, Minimum: 20, Shown: mean, Tested: mean, Margined: mean,
			Margin:  &analyze.Margin{Value: .03},
			Columns: []analyze.Column{{Value: "resolved", Per: "session", Agg: "any", Window: 24 * time.Hour, Fill: &analyze.Fill{}}}},
		{Name: "stars", Role: analyze.Monitor, Kind: analyze.KindMean, Good: analyze.Up, Minimum: 20, Shown: mean, Tested: mean, Margined: mean,
			Columns: []analyze.Column{{Value: "stars", Per: "session", Agg: "mean", Window: 24 * time.Hour}}},
		{Name: "errors", Role: analyze.Guardrail, Kind: analyze.KindRatio, Good: analyze.Down, Rate: true, Minimum: 20, Shown: ratio, Tested: ratio, Margined: ratio,
			Margin: &analyze.Margin{Value: .05}, Columns: []analyze.Column{failures, requests}},
		{Name: "tokens", Role: analyze.Guardrail, Kind: analyze.KindMean, Good: analyze.Down, Minimum: 20, Margin: margin,
			Shown: mean, Tested: analyze.Form{Num: 1, Den: analyze.Ones}, Margined: analyze.Form{Num: 1, Den: analyze.Ones}, Columns: []analyze.Column{tokens, capped}},
		{Name: "latency_p90", Role: analyze.Guardrail, Kind: analyze.KindQuantile, Good: analyze.Down, Quantile: .9, Minimum: 20, Margin: margin,
			Shown: ratio, Tested: analyze.Form{Num: 2, Den: 1}, Margined: analyze.Form{Num: 3, Den: 1},
			Columns: []analyze.Column{above(analyze.Threshold{OwnQuantile: true}), answers, above(analyze.Threshold{Scale: 1}), above(analyze.Threshold{Scale: 1.1})}},
	}
}

func messyQuery() Query {
	return Query{App: "bot", Release: "r1", Control: "v1", Treatment: "v2", Unit: "session", Method: analyze.Sequential, Alpha: .05,
		AsOf: start.Add(70 * time.Hour), Metrics: metrics(), UnitsPerDay: 100, Days: 7, LastShare: .5}
}

// The lake's moments, counts and quantiles are those of plain loops over the
// rows, for logs of the router and for imported ones.
func TestDataAgainstLoops(t *testing.T) {
	for _, k := range []logKind{{own: true, timed: true}, {own: false, timed: true}} {
		t.Run(fmt.Sprintf("own=%t", k.own), func(t *testing.T) {
			exchanges, outcomes := messyRows(3, k)
			l := write(t, exchanges, outcomes)
			q := messyQuery()
			data, err := l.Data(context.Background(), q)
			check(t, err)
			frozen := map[string]analyze.Frozen{}
			for _, m := range data.Metrics {
				frozen[m.Metric.Name] = m.Frozen
			}
			o := newOracle(q, exchanges, outcomes, frozen)
			for _, m := range data.Metrics {
				compareMetric(t, o, data, m)
			}
			compareService(t, o, data)
			if data.Service.UnmatchedOutcomes < 1 {
				t.Errorf("unmatched outcomes: got %d, want at least 1", data.Service.UnmatchedOutcomes)
			}
		})
	}
}

// Outcomes that all bear the names of units are joined in one pass: corrected ones, late ones, those of unknown time and
// those at the same time count as in plain loops.
func TestOutcomesOfSessionsAgainstLoops(t *testing.T) {
	for _, k := range []logKind{{own: true, timed: true}, {own: false, timed: true}} {
		t.Run(fmt.Sprintf("own=%t", k.own), func(t *testing.T) {
			exchanges, outcomes := messyRows(4, k)
			tested := map[string]bool{}
			for _, e := range exchanges {
				tested[e.SessionID] = e.Randomized == nil || *e.Randomized
			}
			outcomes = slices.DeleteFunc(outcomes, func(o trace.Outcome) bool { return !tested[o.SessionID] })
			for i, o := range outcomes[:100] {
				stars := trace.Outcome{OutcomeID: fmt.Sprintf("stars-%d", i), App: "bot", Name: "stars", SessionID: o.SessionID, Value: float64(i % 5), OccurredAt: o.OccurredAt}
				if i%10 == 0 {
					stars.OccurredAt = time.Time{}
				}
				if i%7 == 0 {
					stars.ReceivedAt = o.OccurredAt.Add(30 * time.Hour)
				}
				outcomes = append(outcomes, stars)
				if i%3 == 0 {
					stars.OutcomeID, stars.Value = stars.OutcomeID+"b", float64((i+2)%5)
					outcomes = append(outcomes, stars)
				}
			}
			q := messyQuery()
			r := newReading(write(t, exchanges, outcomes), q)
			check(t, r.read(context.Background()))
			if !r.joined || r.data.Service.UnmatchedOutcomes != 0 {
				t.Fatalf("not all outcomes were joined to units by name")
			}
			frozen := map[string]analyze.Frozen{}
			for _, m := range r.data.Metrics {
				frozen[m.Metric.Name] = m.Frozen
			}
			o := newOracle(q, exchanges, outcomes, frozen)
			for _, m := range r.data.Metrics {
				compareMetric(t, o, r.data, m)
			}
		})
	}
}

func compareMetric(t *testing.T, o *oracle, data analyze.Data, m analyze.MetricData) {
	t.Helper()
	metric := m.Metric
	if metric.Kind == analyze.KindQuantile { // its first column is against a pilot point: looked at apart
		metric.Columns = slices.Clone(metric.Columns)
		metric.Columns[0] = metric.Columns[1]
		compareQuantiles(t, o, data, m)
	}
	cells, missing, immature := o.cells(metric)
	if m.Missing != missing || m.Immature != immature {
		t.Errorf("%s: missing %+v, immature %+v; want %+v, %+v", metric.Name, m.Missing, m.Immature, missing, immature)
	}
	if len(m.Cells) != len(cells) {
		t.Errorf("%s: %d cells, want %d", metric.Name, len(m.Cells), len(cells))
	}
	for _, c := range m.Cells {
		want, ok := cells[place{keyOf(data, c.Stratum), c.Hour, c.Arm}]
		if !ok {
			t.Errorf("%s: unexpected cell stratum %d hour %d %v", metric.Name, c.Stratum, c.Hour, c.Arm)
			continue
		}
		compareMoments(t, metric, c.Moments, want)
	}
}

func keyOf(data analyze.Data, stratum int) stratumKey {
	s := data.Strata[stratum]
	k := stratumKey{epoch: -1, rule: s.Rule, share: -1}
	if s.Epoch != nil {
		k.epoch = *s.Epoch
	}
	if s.Known {
		k.share = s.Share
	}
	return k
}

func compareMoments(t *testing.T, m analyze.Metric, got, want analyze.Moments) {
	t.Helper()
	if got.N != want.N {
		t.Errorf("%s: %d units, want %d", m.Name, got.N, want.N)
		return
	}
	quantile := m.Kind == analyze.KindQuantile
	for i := range want.Mean {
		if quantile && i == 0 {
			continue
		}
		if !same(got.Mean[i], want.Mean[i]) || !same(got.Var(i), want.Var(i)) {
			t.Errorf("%s: component %d: mean %g, variance %g; want %g, %g", m.Name, i, got.Mean[i], got.Var(i), want.Mean[i], want.Var(i))
		}
		for j := range i {
			if quantile && j == 0 {
				continue
			}
			if !same(got.Cov(i, j), want.Cov(i, j)) {
				t.Errorf("%s: covariance %d, %d: %g, want %g", m.Name, i, j, got.Cov(i, j), want.Cov(i, j))
			}
		}
	}
}

func same(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b))
}

// compareQuantiles checks each cell's sample quantile, and that its limits hold it.
func compareQuantiles(t *testing.T, o *oracle, data analyze.Data, m analyze.MetricData) {
	t.Helper()
	values := map[[2]int][]float64{}
	for _, u := range o.units {
		if !o.mature(u, m.Metric) {
			continue
		}
		for s := range data.Strata {
			if keyOf(data, s) == u.stratum {
				at := [2]int{s, int(u.arm())}
				values[at] = append(values[at], o.values(u, m.Metric.Columns[0])...)
			}
		}
	}
	if len(m.Quantiles) == 0 {
		t.Errorf("%s: no quantiles", m.Metric.Name)
	}
	for _, c := range m.Quantiles {
		ys := values[[2]int{c.Stratum, int(c.Arm)}]
		if int64(len(ys)) != c.Rows {
			t.Errorf("stratum %d %v: %d rows, want %d", c.Stratum, c.Arm, c.Rows, len(ys))
			continue
		}
		slices.Sort(ys)
		if want := cluster.Quantile(ys, .9); !same(float64(c.Value), want) {
			t.Errorf("stratum %d %v: p90 %g, want %g", c.Stratum, c.Arm, float64(c.Value), want)
		}
		if c.Lower.Known() && (c.Lower > c.Value || c.Upper < c.Value) {
			t.Errorf("stratum %d %v: limits %g, %g do not hold %g", c.Stratum, c.Arm, float64(c.Lower), float64(c.Upper), float64(c.Value))
		}
	}
}

func compareService(t *testing.T, o *oracle, data analyze.Data) {
	t.Helper()
	var units, requests, complied, crossed analyze.ByArm
	arrived := map[place]int64{}
	for _, u := range o.units {
		a := u.arm()
		add(&units, a, 1)
		add(&requests, a, int64(len(u.rows)))
		arrived[place{u.stratum, u.hour(), a}]++
		whole, other := true, false
		for _, e := range u.rows {
			whole = whole && e.ServedVersion == e.AssignedVersion
			other = other || e.AssignedVersion != u.rows[0].AssignedVersion
		}
		if whole {
			add(&complied, a, 1)
		}
		if other {
			add(&crossed, a, 1)
		}
	}
	s := data.Service
	if got := (analyze.ByArm{Control: data.Units.Control, Treatment: data.Units.Treatment}); got != units || data.Units.Requests != requests || s.Complied != complied || s.Crossed != crossed {
		t.Errorf("units %+v, requests %+v, complied %+v, crossed %+v; want %+v, %+v, %+v, %+v", got, data.Units.Requests, s.Complied, s.Crossed, units, requests, complied, crossed)
	}
	for _, a := range data.Arrived {
		key := keyOf(data, a.Stratum)
		if a.Control != arrived[place{key, a.Hour, analyze.Control}] || a.Treatment != arrived[place{key, a.Hour, analyze.Treatment}] {
			t.Errorf("arrivals in stratum %d, hour %d: %+v", a.Stratum, a.Hour, a.ByArm)
		}
	}
}
