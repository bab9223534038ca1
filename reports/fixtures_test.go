package reports

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"weir/analyze"
	"weir/rollout"
	"weir/rollout/backtest"
)

// A fixture is a record as an analysis would leave it, and what is shown beside it.
// The numbers are made up; they hang together as the analysis's would.
type fixture struct {
	name    string
	record  rollout.Record
	options Options
}

var unknown = analyze.Unknown

// levels are a metric's figures by arm: value, standard error, missing share.
type levels struct {
	value, stdErr, missing [2]analyze.Number
}

// made builds a metric that is tested, its interval being that of estimate and test.
func made(name string, role analyze.Role, kind analyze.Kind, good analyze.Good, unit string, l levels, value, lower, upper, p analyze.Number) analyze.MetricResult {
	relative := func(x analyze.Number) analyze.Number { return x / l.value[0] }
	return analyze.MetricResult{
		Name: name, Role: role, Kind: kind, Good: good, Unit: unit,
		Control:   analyze.ArmResult{Value: l.value[0], StdErr: l.stdErr[0], Units: 38112, Missing: l.missing[0]},
		Treatment: analyze.ArmResult{Value: l.value[1], StdErr: l.stdErr[1], Units: 9480, Missing: l.missing[1]},
		Absolute:  analyze.Effect{Estimand: "traffic", Value: value, StdErr: (upper - lower) / 6.2, Lower: lower, Upper: upper, PValue: unknown},
		Relative:  analyze.Interval{Value: relative(value), Lower: relative(lower), Upper: relative(upper)},
		Test:      analyze.Test{Estimand: "overlap", Value: value, Lower: lower, Upper: upper, PValue: p, PAdjusted: p, Sided: 2},
		Naive:     analyze.Naive{Value: value, Note: "pooled over strata"},
		Margin:    analyze.MarginCheck{Value: unknown, Bound: unknown, PValue: unknown, HarmPValue: unknown, HarmAdjusted: unknown, Check: analyze.CheckNone},
		More:      analyze.More{Superior: unknown, NonInferior: unknown},
		Direction: analyze.Unclear,
		Method:    "two-sample, clustered by session, stratified by epoch and rule, asymptotic confidence sequence",
		Warnings:  []string{},
	}
}

// margined adds a margin's test.
func margined(m analyze.MetricResult, value float64, relative bool, bound, p, harm analyze.Number, check analyze.Check) analyze.MetricResult {
	m.Margin = analyze.MarginCheck{Value: analyze.Number(value), Relative: relative, Bound: bound, PValue: p, HarmPValue: harm, HarmAdjusted: harm, Check: check}
	return m
}

func directed(m analyze.MetricResult, d analyze.Direction) analyze.MetricResult {
	m.Direction = d
	return m
}

// unestimable is a declared metric without an answer.
func unestimable(name string, role analyze.Role, good analyze.Good, unit string, margin float64, why string) analyze.MetricResult {
	m := made(name, role, analyze.KindMean, good, unit, levels{
		value: [2]analyze.Number{unknown, unknown}, stdErr: [2]analyze.Number{unknown, unknown}, missing: [2]analyze.Number{unknown, unknown},
	}, unknown, unknown, unknown, unknown)
	m.Direction = analyze.NotEstimable
	m.Control.Units, m.Treatment.Units = 0, 0
	m.Warnings = []string{"not estimable: " + why}
	if margin > 0 {
		m = margined(m, margin, false, unknown, unknown, unknown, analyze.CheckOpen)
	}
	return m
}

func resolution() analyze.MetricResult {
	m := made("resolution", analyze.Goal, analyze.KindProportion, analyze.Up, "share", levels{
		value: [2]analyze.Number{0.612, 0.643}, stdErr: [2]analyze.Number{0.0025, 0.0049}, missing: [2]analyze.Number{0.02, 0.021},
	}, 0.031, -0.004, 0.066, 0.12)
	m.More.Superior = 4217
	m.Test.PAdjusted = 0.24
	return margined(m, 0.03, false, -0.0009, 0.0004, 1, analyze.CheckPassed)
}

func handoff() analyze.MetricResult {
	m := made("handoff", analyze.Guardrail, analyze.KindProportion, analyze.Down, "share", levels{
		value: [2]analyze.Number{0.098, 0.102}, stdErr: [2]analyze.Number{0.0015, 0.0031}, missing: [2]analyze.Number{0, 0},
	}, 0.004, -0.003, 0.011, 0.61)
	return margined(m, 0.02, false, 0.0099, 0.0011, 1, analyze.CheckPassed)
}

func latency() analyze.MetricResult {
	m := made("latency_p95", analyze.Guardrail, analyze.KindQuantile, analyze.Down, "ms", levels{
		value: [2]analyze.Number{1420, 1510}, stdErr: [2]analyze.Number{11, 24}, missing: [2]analyze.Number{0.004, 0.004},
	}, 90, -28, 199, 0.33)
	m.Quantile, m.Naive.Value = 0.95, unknown
	m.Test.Value, m.Test.Lower, m.Test.Upper = 0.011, -0.006, 0.028
	m.Method = "two-sample, clustered by session, stratified by epoch and rule, Woodruff quantile, tested by rates above thresholds, asymptotic confidence sequence"
	m.More.NonInferior = 2210
	return margined(m, 0.1, true, 0.122, 0.21, 1, analyze.CheckOpen)
}

func satisfaction() analyze.MetricResult {
	return made("satisfaction", analyze.Monitor, analyze.KindMean, analyze.Up, "", levels{
		value: [2]analyze.Number{4.12, 4.19}, stdErr: [2]analyze.Number{0.021, 0.044}, missing: [2]analyze.Number{0.81, 0.79},
	}, 0.07, -0.04, 0.18, 0.4)
}

func tokens() analyze.MetricResult {
	m := made("tokens", analyze.Guardrail, analyze.KindMean, analyze.Down, "tokens", levels{
		value: [2]analyze.Number{1840, 1910}, stdErr: [2]analyze.Number{8, 17}, missing: [2]analyze.Number{0, 0},
	}, 70, 12, 128, 0.011)
	m.Method += ", capped at 9120 in the test"
	m.Direction = analyze.Worse
	return margined(m, 0.15, true, 0.064, 0.0002, 1, analyze.CheckPassed)
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func live(v rollout.Verdict, reasons []string, needs *rollout.Needs, metrics ...analyze.MetricResult) rollout.Record {
	first, last := at("2026-11-18T00:12:00Z"), at("2026-11-23T13:58:00Z")
	return rollout.Record{
		Schema: rollout.RecordSchema, WeirVersion: "0.1.0",
		Promise: "b1946ac92492d2347c6235b4d2611184c59fd7ed0a3ac5e2d1f0b1c8a4e9d3f7",
		Spec:    "app: support-bot\nrelease: 2026-11-rag\nstable: v1\ncandidate: v2\ndecision: {method: sequential, alpha: 0.05}\n",
		Files: []rollout.File{
			{Path: "traces/app=support-bot/date=2026-11-22/seg-000017-1.parquet", Rows: 118204, Bytes: 9_412_881, SHA256: "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"},
			{Path: "outcomes/app=support-bot/date=2026-11-22/seg-000017-1.parquet", Rows: 41877, Bytes: 812_400, SHA256: "c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a"},
		},
		Data: analyze.Data{Metrics: []analyze.MetricData{{
			Metric: analyze.Metric{Name: "resolution", Columns: []analyze.Column{{Value: "resolved", Window: 24 * time.Hour, Fill: &analyze.Fill{}}}},
			Frozen: analyze.Frozen{Source: "v1's 12,400 sessions before the start"},
		}}},
		Analysis: rollout.Analysis{
			Result: analyze.Result{
				Schema: analyze.ResultSchema, App: "support-bot", Release: "2026-11-rag", Control: "v1", Treatment: "v2",
				Design: analyze.Design{Unit: "session", Kind: analyze.Stratified, Strata: 5, Method: analyze.Sequential, Alpha: 0.05,
					Why: "the share changed while the release ran", Randomized: true},
				Period: analyze.Period{AsOf: at("2026-11-23T14:05:00Z"), First: &first, Last: &last, FullDays: 5, UnitsPerDay: 1400, TreatmentShare: 0.2},
				Units: analyze.UnitCounts{Control: 38112, Treatment: 9480, Requests: analyze.ByArm{Control: 151200, Treatment: 38900},
					Excluded: []analyze.Excluded{
						{Reason: "rule qa", ByArm: analyze.ByArm{Treatment: 390}},
						{Reason: "holdout", ByArm: analyze.ByArm{Control: 22}},
						{Reason: "immature", ByArm: analyze.ByArm{Control: 1210, Treatment: 305}},
					}},
				Health: analyze.Health{OK: true,
					SRM:        analyze.SRM{PValue: 0.41, OK: true, Expected: 0.1992, Observed: 0.1989},
					Loss:       analyze.Loss{Rate: 0, PValue: unknown, OK: true},
					Compliance: analyze.Compliance{Control: 1, Treatment: 0.998, OK: true},
					Warnings:   []string{}},
				Metrics:  metrics,
				Warnings: []string{},
			},
			Decision: rollout.Decision{Verdict: v, Reasons: reasons, Needs: needs},
		},
	}
}

func days(x float64) *float64 { return &x }

func fixtures() []fixture {
	return []fixture{
		{"hold", holding(), Options{HTMLPath: "demo-out/report.html", SpecPath: "weir.yaml", Background: Background{
			Lake: "lake", Dialogues: conversations(), History: seen(), Judge: judged(),
			Spreads: []Spread{spread("latency_ms", [2]float64{1100, 1200}), spread("ttft_ms", [2]float64{210, 190})},
		}}},
		{"promote", promoting(), Options{RecordPath: "records/2026 rag.json"}},
		{"rollback", rollingBack(), Options{}},
		{"invalid", invalid(), Options{}},
		{"paired", paired(), Options{}},
		{"not-estimable", notEstimable(), Options{}},
		{"monitors", monitors(), Options{}},
		{"breakdowns", brokenDown(), Options{}},
		{"extremes", extremes(), Options{Background: Background{Dialogues: hostile()}}},
	}
}

func holding() rollout.Record {
	quality := unestimable("quality", analyze.Goal, analyze.Up, "", 0.05, "v2 has 31 of the 50 labels needed")
	return live(rollout.Hold,
		[]string{"quality is not estimable", "resolution is not proven better than v1", "latency_p95 is not proven within its margin of 10 %"},
		&rollout.Needs{Units: 4217, Days: days(3.1)},
		resolution(), handoff(), latency(), tokens(), quality, satisfaction())
}

// brokenDown is a release whose effect fades, in one of whose segments it is another, with all that is
// shown beside.
func brokenDown() rollout.Record {
	part := func(name string, n int64, value, half analyze.Number, d analyze.Direction) analyze.Part {
		return analyze.Part{
			Name: name, Control: analyze.Level{Value: 0.612, Units: 4 * n}, Treatment: analyze.Level{Value: 0.612 + value, Units: n},
			Value: value, Lower: value - half, Upper: value + half, PValue: 0.02, PAdjusted: 0.08, Direction: d,
		}
	}
	few := part("tv", 31, 0.02, 0, analyze.NotEstimable)
	few.Lower, few.Upper, few.PValue, few.PAdjusted = unknown, unknown, unknown, unknown
	r := resolution()
	r.Breakdowns = []analyze.Breakdown{
		{By: "epoch", Unit: "share", PValue: 0.0000004, Varies: true, Parts: []analyze.Part{
			part("epoch 1", 410, 0.11, 0.06, analyze.Unclear), part("epoch 2", 2100, 0.05, 0.04, analyze.Unclear), part("epoch 3", 6970, 0.004, 0.02, analyze.Unclear)}},
		{By: "attributes.tier", Unit: "share", PValue: 0.4, Parts: []analyze.Part{
			part("gold", 2200, 0.06, 0.03, analyze.Better), part("<b>standard</b>", 7249, 0.02, 0.03, analyze.Unclear), few}},
	}
	r.Warnings = []string{"the effect differs by epoch (p 4e-07 at one look): +11 pp in epoch 1, +0.4 pp in epoch 3; an average over them may not last"}
	r.CrossChecks = []analyze.CrossCheck{
		{Method: "Hajek, weighted by 1/propensity", Scale: "absolute", Value: 0.03, Lower: 0.011, Upper: 0.049, PValue: 0.002},
		{Method: "Cochran-Mantel-Haenszel risk ratio", Scale: "ratio", Value: 1.048, Lower: unknown, Upper: unknown, PValue: 0.003},
	}
	r.Belief = &analyze.Belief{ChanceBetter: 0.994, ExpectedLoss: 0.0001, Lower: 0.01, Upper: 0.09, PriorSD: 0.3}
	l := latency()
	l.Control.DesignEffect, l.Treatment.DesignEffect = 1.42, 1.51
	l.Past = &analyze.Past{Before: analyze.Level{Value: 0.05, Units: 12400}, Now: analyze.Level{Value: 0.081, Units: 38112}, Change: 0.031, StdErr: 0.002, PValue: 0, Worse: true}
	l.Breakdowns = []analyze.Breakdown{{By: "attributes.tier", Unit: "share", PValue: 0.2, Parts: []analyze.Part{
		part("gold", 2200, 0.02, 0.01, analyze.Worse), part("standard", 7249, 0.001, 0.01, analyze.Unclear)}}}
	rec := live(rollout.Hold, []string{"latency_p95 is not proven within its margin of 10 %"}, nil, r, l)
	h := &rec.Analysis.Health
	h.Judgments = &analyze.Judgments{Control: 0.01, Treatment: 0.24, PValue: 0.00001}
	h.Concentration = &analyze.Concentration{TopUnit: analyze.ShareByArm{Control: 0.032, Treatment: 0.001}, TopUser: 0.049, UnitsPerUser: 2.52}
	return rec
}

func promoting() rollout.Record {
	r := resolution()
	r.Absolute.Lower, r.Absolute.Upper = 0.008, 0.054
	r.Test.Lower, r.Test.Upper, r.Test.PValue, r.Test.PAdjusted = 0.008, 0.054, 0.0004, 0.0008
	r.Margin.Bound = 0.011
	r.Relative = analyze.Interval{Value: 0.05, Lower: 0.013, Upper: 0.088}
	r.Reproduce = &analyze.Reproduction{Method: "stats-welch-t", Input: map[string]any{"mean": []float64{0.612, 0.643}, "n": []int{38112, 9480}}}
	r.Naive.Value, r.Naive.Note = -0.012, "pooled over strata"
	l := latency()
	l.Absolute.Lower, l.Absolute.Upper = -70, 10
	l.Absolute.Value = -30
	l.Treatment.Value = 1390
	l.Relative = analyze.Interval{Value: -0.021, Lower: -0.049, Upper: 0.007}
	l.Margin.Bound, l.Margin.PValue, l.Margin.Check = 0.003, 0.0001, analyze.CheckPassed
	return live(rollout.Promote, []string{"resolution is better than v1 (p < .001)", "every goal and guardrail is within its margin"}, nil,
		directed(r, analyze.Better), handoff(), l)
}

func rollingBack() rollout.Record {
	h := handoff()
	h.Treatment.Value, h.Naive.Value = 0.143, 0.044
	h.Absolute = analyze.Effect{Estimand: "traffic", Value: 0.045, StdErr: 0.006, Lower: 0.027, Upper: 0.063, PValue: unknown}
	h.Test = analyze.Test{Estimand: "overlap", Value: 0.045, Lower: 0.027, Upper: 0.063, PValue: 0.00001, PAdjusted: 0.00004, Sided: 2}
	h.Relative = analyze.Interval{Value: 0.459, Lower: 0.276, Upper: 0.643}
	h.Margin = analyze.MarginCheck{Value: 0.02, Bound: 0.061, PValue: 1, HarmPValue: 0.0004, HarmAdjusted: 0.0012, Check: analyze.CheckFailed}
	early := unestimable("errors", analyze.Guardrail, analyze.Down, "share", 0.01, "v2 has 38 of the 100 units needed for a test")
	early.Kind = analyze.KindRatio
	early.Control.Value, early.Treatment.Value = 0.004, 0.21
	early.Control.StdErr, early.Treatment.StdErr = 0.001, 0.06
	early.Naive.Value = 0.206
	early.Control.Units, early.Treatment.Units = 154, 38
	early.Absolute.Value, early.Absolute.StdErr = 0.206, 0.06
	early = margined(early, 0.01, false, unknown, unknown, 0.002, analyze.CheckFailed)
	return live(rollout.Rollback, []string{"handoff is beyond its margin of 2 pp (p .001)", "errors is beyond its margin of 1 pp (p .002)"}, nil,
		resolution(), directed(h, analyze.Worse), early)
}

func invalid() rollout.Record {
	rec := live(rollout.Invalid, []string{"the split of units is not the intended one: 20 % intended, 17.1 % observed (p < .001)"}, nil,
		resolution(), handoff())
	h := &rec.Analysis.Health
	h.OK = false
	h.SRM = analyze.SRM{PValue: 0.0000001, Expected: 0.2, Observed: 0.171}
	h.Loss = analyze.Loss{ByArm: analyze.ByArm{Control: 12, Treatment: 840}, UnknownArm: 3, Rate: 0.0045, PValue: 0.0000002}
	h.Compliance = analyze.Compliance{Control: 1, Treatment: 0.961}
	h.Warnings = []string{
		"sample ratio mismatch: treatment has 17.10 % of units where 20.00 % were intended (p 1e-07); something loses or adds units of one arm",
		"loss differs between arms: 12 exchanges of v1 and 840 of v2 are missing (p 2e-07); what is left may be a biased part",
	}
	return rec
}

func paired() rollout.Record {
	solved := made("solved", analyze.Goal, analyze.KindProportion, analyze.Up, "share", levels{
		value: [2]analyze.Number{0.71, 0.79}, stdErr: [2]analyze.Number{0.037, 0.033}, missing: [2]analyze.Number{0, 0},
	}, 0.08, 0.021, 0.139, 0.0081)
	solved.Absolute.PValue = 0.0081
	solved.Method = "paired by case, paired t interval, exact McNemar test"
	solved = directed(margined(solved, 0.02, false, 0.031, 0.0001, 1, analyze.CheckPassed), analyze.Better)
	cost := made("cost", analyze.Guardrail, analyze.KindMean, analyze.Down, "USD", levels{
		value: [2]analyze.Number{0.0031, 0.0034}, stdErr: [2]analyze.Number{0.00021, 0.00024}, missing: [2]analyze.Number{0, 0},
	}, 0.0003, 0.00011, 0.00049, 0.002)
	cost.Method = "paired by case, paired t over cases"
	cost = directed(margined(cost, 0.0005, false, 0.00046, 0.021, 1, analyze.CheckPassed), analyze.Worse)
	rec := live(rollout.Promote, []string{"solved is better than main (p .008)"}, nil, solved, cost)
	a := &rec.Analysis
	a.App, a.Release, a.Control, a.Treatment = "triage", "pr-118", "main", "pr-118"
	a.Design = analyze.Design{Unit: "case", Kind: analyze.Paired, Strata: 1, Method: analyze.Fixed, Alpha: 0.05,
		Why: "both versions ran the same cases", Offline: true, Randomized: true}
	a.Period = analyze.Period{AsOf: at("2026-03-02T09:00:00Z"), UnitsPerDay: unknown, TreatmentShare: unknown}
	a.Units = analyze.UnitCounts{Control: 150, Treatment: 150, Excluded: []analyze.Excluded{}}
	a.Health = analyze.Health{OK: true,
		SRM:        analyze.SRM{PValue: unknown, Expected: unknown, Observed: unknown, OK: true, Note: "offline runs are not randomised"},
		Loss:       analyze.Loss{ByArm: analyze.ByArm{Control: 2}, Rate: 2. / 302, PValue: 0.5, OK: true},
		Compliance: analyze.Compliance{Control: unknown, Treatment: unknown, OK: true, Note: "offline runs are served as asked"},
		Warnings:   []string{}}
	rec.Policy.Look = 1
	rec.Spec, rec.Data, rec.Files = "", analyze.Data{}, nil
	return rec
}

func notEstimable() rollout.Record {
	rec := live(rollout.Hold, []string{"no metric is estimable yet"}, &rollout.Needs{Units: 900},
		unestimable("resolution", analyze.Goal, analyze.Up, "share", 0.03, "v2 has 12 of the 100 units needed for a test (88 more are not mature yet)"),
		unestimable("handoff", analyze.Guardrail, analyze.Down, "share", 0.02, "the lake has no outcome handoff: report it, or take the metric out of the specification before the release starts"),
		unestimable("satisfaction", analyze.Monitor, analyze.Up, "", 0, "no unit has a value"))
	h := &rec.Analysis.Health
	h.SRM = analyze.SRM{PValue: unknown, Expected: unknown, Observed: unknown, OK: true, Note: "the assignment is not known to be randomised"}
	h.Loss = analyze.Loss{Rate: unknown, PValue: unknown, OK: true}
	h.Compliance = analyze.Compliance{Control: unknown, Treatment: unknown, OK: true, Note: "rows do not say which version served them"}
	rec.Analysis.Design.Randomized = false
	return rec
}

func monitors() rollout.Record {
	clicks := made("link_click", analyze.Monitor, analyze.KindProportion, analyze.Up, "share", levels{
		value: [2]analyze.Number{0.31, 0.36}, stdErr: [2]analyze.Number{0.002, 0.005}, missing: [2]analyze.Number{0, 0},
	}, 0.05, 0.02, 0.08, 0.0003)
	wait := made("wait", analyze.Monitor, analyze.KindMean, analyze.Down, "ms", levels{
		value: [2]analyze.Number{812, 874}, stdErr: [2]analyze.Number{6, 13}, missing: [2]analyze.Number{0, 0},
	}, 62, 11, 113, 0.004)
	return live(rollout.Hold, []string{"no goal is declared: there is nothing to prove"}, nil,
		satisfaction(), directed(clicks, analyze.Better), directed(wait, analyze.Worse))
}

func extremes() rollout.Record {
	tiny := made("carbon", analyze.Guardrail, analyze.KindMean, analyze.Down, "USD", levels{
		value: [2]analyze.Number{3.1e-9, 3.4e-9}, stdErr: [2]analyze.Number{1e-10, 2e-10}, missing: [2]analyze.Number{0, 0},
	}, 3e-10, -4e-10, 1e-9, 0.6)
	huge := made("a_metric_with_a_name_that_goes_on_for_longer_than_anyone_should_like", analyze.Goal, analyze.KindMean, analyze.Up, "tokens", levels{
		value: [2]analyze.Number{184_000_123, 191_000_456}, stdErr: [2]analyze.Number{800_000, 1_700_000}, missing: [2]analyze.Number{0, 0},
	}, 7_000_333, -1_200_000, 15_200_666, 0.3)
	far := made("far", analyze.Guardrail, analyze.KindProportion, analyze.Down, "share", levels{
		value: [2]analyze.Number{0.1, 0.9}, stdErr: [2]analyze.Number{0.01, 0.01}, missing: [2]analyze.Number{0, 0},
	}, 0.8, 0.7, 0.9, 0.0001)
	vast := made("vast", analyze.Goal, analyze.KindMean, analyze.Up, "", levels{
		value: [2]analyze.Number{1, 1.2}, stdErr: [2]analyze.Number{0.4, 0.9}, missing: [2]analyze.Number{0.5, 0.0004},
	}, 0.2, -8, 8.4, 0.9)
	open := made("open_end", analyze.Guardrail, analyze.KindRatio, analyze.Down, "USD", levels{
		value: [2]analyze.Number{0.02, 0.03}, stdErr: [2]analyze.Number{0.02, 0.02}, missing: [2]analyze.Number{0, 0},
	}, 0.01, -0.05, 0.07, 0.9)
	open.Relative = analyze.Interval{Value: 0.5, Lower: -0.9, Upper: unknown}
	rec := live(rollout.Hold, []string{"a reason with <script>alert(1)</script>, a | bar, `ticks` and \u202eright to left", "second"}, &rollout.Needs{Units: 1_234_567, Days: days(412)},
		margined(tiny, 5e-10, false, 8e-10, 0.2, 1, analyze.CheckOpen),
		margined(huge, 5_000_000, false, -800_000, 0.001, 1, analyze.CheckPassed),
		directed(margined(far, 0.02, false, 0.88, 1, 0.0001, analyze.CheckFailed), analyze.Worse),
		margined(vast, 0.5, false, unknown, 0.6, 0.5, analyze.CheckOpen),
		margined(open, 0.1, true, unknown, 0.5, 0.5, analyze.CheckOpen))
	rec.Analysis.Health.Warnings = []string{"one <b>warning</b> with \x1b[31mcolour\x1b[0m"}
	return rec
}

func conversations() []Dialogue {
	return []Dialogue{
		{Pair: 1, Topic: "refund, en", Version: "v1", SessionID: "s-20261122-0412", Turns: []Turn{
			{
				Asked:     "My parcel was delivered to the wrong address. How do I get my money back?",
				Answered:  "I am sorry to hear that. You can request a refund in your account under Orders.\n\nWould you like me to connect you to a colleague?",
				LatencyMS: 1412, TTFTMS: 240, Spans: []Span{{"retrieve", 4, 118}, {"generate", 122, 1290}},
			},
			{Asked: "Yes please", Error: "timeout", LatencyMS: math.NaN(), TTFTMS: math.NaN()},
		}, Outcomes: []Note{{"resolved", "0"}, {"handoff", "1"}}},
		{Pair: 1, Topic: "refund, en", Version: "v2", SessionID: "s-20261122-0977", Turns: []Turn{
			{
				Asked: "快递送错地址了，怎么退款？", Answered: "很抱歉给您带来不便。我已经为订单 4471 提交了退款申请，3 个工作日内退回原支付方式。",
				LatencyMS: 1203, TTFTMS: 180,
				Passages: []Passage{{1, "faq/refund#3", 0.8312, "Refunds for parcels that were delivered to a wrong address are granted without return."}},
				Spans:    []Span{{"retrieve", 3, 96}, {"generate", 99, 1104}},
			},
			{Asked: "谢谢", LatencyMS: 800, TTFTMS: 200},
		}, Outcomes: []Note{{"resolved", "1"}, {"satisfaction", "5"}},
			Opinions: []Opinion{{"support-quality", 0.83, "It names the order and the days it takes.", "gpt-4o-mini"}}},
		{Pair: 2, Version: "v1", SessionID: "s-20261122-0519", Turns: []Turn{{Asked: "What are your opening hours?", Answered: "Monday to Friday, 9 to 18."}}},
	}
}

// seen is a history of the held release: an interval that narrows, under a ramp of two steps.
func seen() *backtest.Result {
	margin := func(x float64, relative bool) *analyze.Margin { return &analyze.Margin{Value: x, Relative: relative} }
	h := &backtest.Result{App: "support-bot", Release: "2026-11-rag", Control: "v1", Treatment: "v2", Unit: "session", Metrics: []backtest.Metric{
		{Name: "resolution", Role: analyze.Goal, Kind: analyze.KindProportion, Unit: "share", Good: analyze.Up, Margin: margin(.03, false)},
		{Name: "handoff", Role: analyze.Guardrail, Kind: analyze.KindProportion, Unit: "share", Good: analyze.Down, Margin: margin(.02, false)},
		{Name: "satisfaction", Role: analyze.Monitor, Good: analyze.Up},
	}}
	begin := at("2026-11-18T00:00:00Z")
	for i := range 24 {
		n := float64(i + 1)
		half := analyze.Number(.16 / math.Sqrt(n))
		see := func(value, half analyze.Number) backtest.Seen {
			if i < 4 {
				return backtest.Seen{Value: unknown, Lower: unknown, Upper: unknown}
			}
			return backtest.Seen{Value: value, Lower: value - half, Upper: value + half, Direction: analyze.Unclear, Check: analyze.CheckOpen}
		}
		share := analyze.Number(.05)
		if i >= 8 {
			share = .2
		}
		h.Looks = append(h.Looks, backtest.Look{
			At: begin.Add(time.Duration(i+1) * 6 * time.Hour), Share: share, Units: analyze.ByArm{Control: int64(1600 * (i + 1)), Treatment: int64(400 * (i + 1))},
			Metrics: []backtest.Seen{see(.031, half), see(.004, half/4), see(.07, half)},
		})
	}
	return h
}

// spread is the distribution of a duration: log-normal by eye.
func spread(column string, median [2]float64) Spread {
	s := Spread{Column: column}
	for a, m := range median {
		s.Arms[a].Rows = int64(1000 * (a + 1))
		for i := -100; i <= 100; i++ {
			z := float64(i) / 40
			s.Arms[a].Steps = append(s.Arms[a].Steps, Step{m * math.Exp(.5*z), .5 * math.Erfc(-z/math.Sqrt2)})
		}
		s.Arms[a].Steps[200].Share = 1
	}
	return s
}

func judged() *Judge {
	figure := func(criterion string, treated bool, n int64, mean, cost float64, missing map[string]int64) JudgeFigure {
		return JudgeFigure{Criterion: criterion, Model: "gpt-4o-mini", Hash: "0123456789abcdef", Treated: treated, Judged: n, Mean: mean, Labelled: n / 10, Tokens: 700 * n, CostUSD: cost, Missing: missing}
	}
	j := &Judge{Figures: []JudgeFigure{
		figure("support-quality", false, 3811, .712, 1.21, map[string]int64{"timeout": 3}),
		figure("support-quality", true, 948, .741, .31, nil),
		figure("support-quality.clarity", false, 3811, math.NaN(), math.NaN(), nil),
	}}
	err := json.Unmarshal([]byte(`{"job": "judge-20261123T020000Z", "rubrics": [{"rubric": "support-quality", "stopped": "done", "calls": 480, "cached": 12,
		"retried": 2, "repaired": 1, "anchors": 0, "warnings": ["the price of the model is not known"],
		"canaries": [{"canary": "empty", "model": "gpt-4o-mini", "score": 0.1, "at_most": 0.5, "ok": true},
		{"canary": "known-good", "model": "gpt-4o-mini", "score": 0.4, "at_least": 0.5, "at_most": 1, "ok": false}]}]}`), &j.LastRun)
	if err != nil {
		panic(err)
	}
	unknown := math.NaN()
	j.Drifts = map[string]JudgeDrift{
		"support-quality": {Anchors: 80, Reference: .643, Earlier: 5, Tolerance: .05, Runs: []DriftRun{
			{.004, unknown, unknown}, {-.006, -.09, .08}, {.011, -.06, .075}, {unknown, -.055, .07}, {.008, -.05, .06}, {.094, -.04, .09}, {.101, -.01, .12}, {.107, .054, .13},
		}, Changed: true},
		"groundedness": {Anchors: 50, Reference: .5, Tolerance: .05, Runs: []DriftRun{{0, -.12, .12}}},
		"tone":         {Anchors: 50, Reference: .5, Tolerance: .05}, // one run: nothing to compare
	}
	return j
}

func hostile() []Dialogue {
	return []Dialogue{
		{Version: "v1", SessionID: "\"><script>alert(2)</script>", Topic: "<script>alert(4)</script>", Turns: []Turn{
			{
				Asked:    "</p></main><script>document.title='owned'</script><img src=x onerror=alert(3)>",
				Answered: "price \u202e001 EUR\u202c and \u2067isolated\u2069, a tag \U000E0041, an escape \x1b[2J, a null \x00, bad \xff\xfe",
				Passages: []Passage{{1, "</script><script>alert(5)</script>", 1, "</style><svg onload=alert(6)>"}},
				Spans:    []Span{{"<b onmouseover=alert(7)>", math.NaN(), math.Inf(1)}, {"x", -5, 1e300}},
			},
		}, Outcomes: []Note{{"<i>", "]]>"}}, Opinions: []Opinion{{"<c>", math.NaN(), "\u202ereason</script>", "m"}}},
		{Version: "v2", SessionID: "long", Turns: []Turn{
			{Asked: strings.Repeat("x", 9000), Answered: "שלום עולם, ومرحبا بالعالم 👩‍👩‍👧"},
			{Asked: strings.Repeat("A", 1<<20), Answered: "lone surrogates \xed\xa0\x80\xed\xb0\x80"},
		}},
	}
}
