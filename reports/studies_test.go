package reports

import (
	"bytes"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"weir/analyze"
	"weir/rollout"
	"weir/rollout/aa"
	"weir/rollout/backtest"
	"weir/rollout/plan"
)

// renderedStudy renders a study in every format, file by file.
func renderedStudy(t *testing.T, make func(Options) Study) []txtar.File {
	t.Helper()
	s, at80 := make(Options{Width: 100}), make(Options{Width: 80})
	var files []txtar.File
	for _, x := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"table-100.txt", s.Table}, {"table-80.txt", at80.Table}, {"answer.txt", s.Answer}, {"summary.md", s.Markdown},
		{"metrics.csv", s.CSV}, {"study.json", s.JSON}, {"page.html", s.HTML}, {"picture.svg", s.SVG},
	} {
		var b bytes.Buffer
		if err := x.write(&b); err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		files = append(files, txtar.File{Name: x.name, Data: endLine(unstyled(b.Bytes()))})
	}
	return files
}

// endLine ends what has no last line break, which an archive cannot hold.
func endLine(b []byte) []byte {
	if len(b) > 0 && b[len(b)-1] != '\n' {
		return append(b, '\n')
	}
	return b
}

// studies are outlooks, A/A tests and backtests of every ending.
func studies() map[string]func(Options) Study {
	return map[string]func(Options) Study{
		"power-decides":     func(o Options) Study { return NewPower(outlook(), o) },
		"power-too-weak":    func(o Options) Study { return NewPower(weakOutlook(), o) },
		"aa-calm":           func(o Options) Study { return NewAA(calm(), "support-bot", "2026-11-rag", o) },
		"aa-alarms":         func(o Options) Study { return NewAA(alarming(), "support-bot", "2026-11-rag", o) },
		"backtest-promoted": func(o Options) Study { return NewBacktest(pastRelease(), o) },
		"backtest-no-end":   func(o Options) Study { return NewBacktest(endlessRelease(), o) },
	}
}

// TestStudiesGolden compares outlooks, A/A tests and backtests with what they were.
func TestStudiesGolden(t *testing.T) {
	for name, make := range studies() {
		t.Run(name, func(t *testing.T) { golden(t, name, renderedStudy(t, make)) })
	}
}

// rising is a power that rises to an end over so many days.
func rising(days int, end float64) []float64 {
	out := make([]float64, days)
	for i := range out {
		out[i] = end * float64(i+1) / float64(days)
	}
	return out
}

// outlook is that of a plan which decides: a goal, a rare guardrail that is bet on, a quantile.
func outlook() plan.Outlook {
	margin := &analyze.Margin{Value: .03}
	return plan.Outlook{
		Schema: plan.OutlookSchema, App: "support-bot", Release: "2026-11-rag", Control: "v1", Treatment: "v2", Unit: "session",
		Method: analyze.Sequential, Alpha: .05, UnitsPerDay: 2000, Traffic: "the lake, its last days", Days: 7, Seed: 1,
		Steps: []plan.StepOutlook{{Share: .05, Day: 0}, {Share: .5, Day: 1.25}},
		Metrics: []plan.MetricOutlook{
			{Name: "resolution", Role: analyze.Goal, Kind: analyze.KindProportion, Unit: "share", Source: "the lake", Level: .6, Effect: .05, Margin: margin, Tests: []plan.Power{
				{Metric: "resolution", Question: plan.Better, By: plan.Sums, StdErr: .008,
					Fixed: plan.Curve{ByDay: rising(7, .99), Days80: 3.5, Detectable: .031}, Sequential: plan.Curve{ByDay: rising(7, .95), Days80: 5.25, Detectable: .042}},
				{Metric: "resolution", Question: plan.Within, By: plan.Sums, StdErr: .008,
					Fixed: plan.Curve{ByDay: rising(7, 1), Days80: 1.5, Detectable: .02}, Sequential: plan.Curve{ByDay: rising(7, 1), Days80: 2.25, Detectable: .027}},
			}},
			{Name: "handoff", Role: analyze.Guardrail, Kind: analyze.KindProportion, Unit: "share", Source: "stated", Level: .004, Margin: &analyze.Margin{Value: .01}, Tests: []plan.Power{
				{Metric: "handoff", Question: plan.Within, By: plan.Bets, StdErr: .008,
					Fixed: plan.Curve{ByDay: rising(7, .999), Days80: 2, Detectable: .0061}, Sequential: plan.Curve{ByDay: rising(7, .99), Days80: 2.5, Detectable: .0072}},
			}},
			{Name: "latency_p95", Role: analyze.Guardrail, Kind: analyze.KindQuantile, Unit: "ms", Source: "assumed: the lake holds nothing of it", Level: analyze.Unknown, Margin: &analyze.Margin{Value: .1, Relative: true}, Tests: []plan.Power{
				{Metric: "latency_p95", Question: plan.Within, By: plan.Sums, StdErr: .008,
					Fixed: plan.Curve{ByDay: rising(7, .97), Days80: 3, Detectable: .08}, Sequential: plan.Curve{ByDay: rising(7, .9), Days80: 4.5, Detectable: analyze.Unknown}},
			}},
		},
		Rule: plan.Forecast{
			Releases: 200, Days: 7, Promote: plan.Share{Value: .9, StdErr: .021}, Rollback: plan.Share{Value: .01, StdErr: .007}, Hold: plan.Share{Value: .09, StdErr: .02},
			MedianDays: 4.1, Days80: 6.2, PromotedByDay: rising(7, .9), RolledBackByDay: rising(7, .01),
		},
		OneLook: []plan.OneLook{{Days: 2, Promote: plan.Share{Value: .31, StdErr: .033}}, {Days: 7, Promote: plan.Share{Value: .97, StdErr: .012}}},
		Doubts:  []string{}, Decides: true, Today: &plan.StartedAt{Days: 2.5},
	}
}

// weakOutlook is that of a plan which nothing is reached by.
func weakOutlook() plan.Outlook {
	o := outlook()
	never := analyze.Number(math.Inf(1))
	o.Today, o.Decides, o.UnitsPerDay, o.Traffic = nil, false, 20, "stated"
	o.Steps[1].Day = never
	o.Metrics = o.Metrics[:1]
	o.Metrics[0].Source = "assumed"
	for i := range o.Metrics[0].Tests {
		t := &o.Metrics[0].Tests[i]
		t.Fixed, t.Sequential = plan.Curve{ByDay: rising(7, .1), Days80: never, Detectable: .4}, plan.Curve{ByDay: rising(7, 0), Days80: never, Detectable: analyze.Unknown}
	}
	o.Rule = plan.Forecast{Releases: 200, Days: 7, Hold: plan.Share{Value: 1}, MedianDays: never, Days80: never, PromotedByDay: rising(7, 0), RolledBackByDay: rising(7, 0)}
	o.OneLook = []plan.OneLook{{Days: 7}}
	o.Doubts = []string{"the step to 5 % does not get its 20 treated units within 7 days", "resolution is shown to be better within 7 days in 0 % of such releases"}
	return o
}

// calm is an A/A test without alarms, of a metric that the lake has and one that it has not.
func calm() aa.Result {
	share := func(x float64) aa.Share { return aa.Share{Value: analyze.Number(x), StdErr: .007} }
	m := aa.Metric{
		Name: "resolution", Role: analyze.Goal, Kind: analyze.KindProportion, Refused: share(0), FalseAlarms: share(.006), Fixed: share(.052),
		Coverage: share(.994), FixedCoverage: share(.948), Harm: share(0),
	}
	for i := range m.PValues {
		m.PValues[i] = 45 + i%10
	}
	none := aa.Share{Value: analyze.Unknown, StdErr: analyze.Unknown}
	absent := aa.Metric{
		Name: "quality", Role: analyze.Goal, Kind: analyze.KindJudge, Absent: "the lake holds no judgments of support-quality",
		Refused: none, FalseAlarms: none, Fixed: none, Coverage: none, FixedCoverage: none, Harm: none,
	}
	return aa.Result{Runs: 1000, Units: 6012, Method: analyze.Sequential, Alpha: .05, Metrics: []aa.Metric{m, absent}, Promote: share(0), Rollback: share(.002)}
}

// alarming is one whose tests find what is not there.
func alarming() aa.Result {
	r := calm()
	m := &r.Metrics[0]
	m.FalseAlarms, m.Fixed, m.Harm = aa.Share{Value: .16, StdErr: .012}, aa.Share{Value: .31, StdErr: .015}, aa.Share{Value: .12, StdErr: .01}
	m.PValues[0] = 310
	r.Promote, r.Rollback = aa.Share{Value: .09, StdErr: .009}, aa.Share{Value: .11, StdErr: .01}
	r.Metrics = r.Metrics[:1]
	return r
}

// pastRelease is a release that the rule would have promoted, of known truth.
func pastRelease() backtest.Result {
	r := backtest.Result{
		Schema: backtest.Schema, App: "support-bot", Release: "2026-11-rag", Control: "v1", Treatment: "v2", Unit: "session", Alpha: .05, Confirmed: "promote",
		Metrics: []backtest.Metric{
			{Name: "resolution", Role: analyze.Goal, Kind: analyze.KindProportion, Unit: "share", Good: analyze.Up, Margin: &analyze.Margin{Value: .03},
				Truth: &backtest.Truth{Absolute: .05, Overlap: .05, Relative: .083}},
			{Name: "tokens", Role: analyze.Guardrail, Kind: analyze.KindMean, Unit: "tokens", Good: analyze.Down, Margin: &analyze.Margin{Value: .15, Relative: true}},
			{Name: "satisfaction", Role: analyze.Monitor, Kind: analyze.KindMean, Good: analyze.Up},
		},
	}
	start := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	unknown := backtest.Seen{Value: analyze.Unknown, Lower: analyze.Unknown, Upper: analyze.Unknown, Direction: analyze.NotEstimable, Check: analyze.CheckOpen}
	for i := range 6 {
		width := analyze.Number(.2 / float64(i+1))
		l := backtest.Look{
			At: start.Add(time.Duration(i+1) * 12 * time.Hour), Share: []analyze.Number{.05, .5}[min(i/2, 1)], Units: analyze.ByArm{Control: int64(900 * (i + 1)), Treatment: int64(120 * (i + 1))},
			Verdict: rollout.Hold, Reasons: []string{"resolution is open: 400 more sessions are needed"},
			Metrics: []backtest.Seen{
				{Value: .06, Lower: .06 - width, Upper: .06 + width, Direction: analyze.Unclear, Check: analyze.CheckOpen},
				{Value: .01, Lower: .01 - width, Upper: .01 + width, Relative: true, Direction: analyze.Unclear, Check: analyze.CheckPassed},
				unknown,
			},
		}
		if i == 0 {
			l.Metrics[0], l.Metrics[1] = unknown, unknown
		}
		if i == 4 {
			l.Verdict, l.Reasons = rollout.Promote, []string{"resolution is better"}
			l.Metrics[0].Direction, l.Metrics[0].Check = analyze.Better, analyze.CheckPassed
			end := l
			r.End = &end
		}
		r.Looks = append(r.Looks, l)
	}
	return r
}

// endlessRelease is one that no look ends, and of whose truth nothing is known.
func endlessRelease() backtest.Result {
	r := pastRelease()
	r.End, r.Confirmed, r.Looks = nil, "", r.Looks[:4]
	r.Metrics[0].Truth = nil
	return r
}

// Metrics are named in reasons and tables as a report names them, and one unit is no plural.
func TestStudiesNameMetricsAsReportsDo(t *testing.T) {
	past := endlessRelease()
	past.Metrics[1].Name = "latency_p95"
	past.Looks[len(past.Looks)-1].Reasons = []string{"Latency_p95 is not proven within its margin of 10 % yet."}
	var b bytes.Buffer
	if err := NewBacktest(past, Options{}).Table(&b); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.Contains(text, "Latency p95 is not proven") || !strings.Contains(text, "resolution  latency p95") || strings.Contains(text, "_p95") {
		t.Errorf("%s", text)
	}
	b.Reset()
	if err := NewBacktest(past, Options{}).CSV(&b); err != nil {
		t.Fatal(err)
	}
	if head, _, _ := strings.Cut(b.String(), "\n"); !strings.HasSuffix(head, "resolution,latency_p95") {
		t.Errorf("the head of the CSV is %q: programs read the declared names", head)
	}
	scarce := outlook()
	scarce.UnitsPerDay = 1
	b.Reset()
	if err := NewPower(scarce, Options{}).Table(&b); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.Contains(text, "1 session a day (") {
		t.Errorf("%s", text)
	}
}
