package reports

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"weir/analyze"
	"weir/rollout/plan"
)

// NewPower makes the view of an outlook: whether the plan decides, and when.
func NewPower(o plan.Outlook, opts Options) Study {
	if opts.Width == 0 {
		opts.Width = 100
	}
	p := studyPage{App: visible(o.App), Release: visible(o.Release), Facts: powerFacts(o), Verdict: powerVerdict(o)}
	p.Sheets = []sheet{powerTests(o), powerRule(o), powerBasis(o)}
	p.Charts = append(p.Charts, ruleChart(o))
	for _, m := range o.Metrics {
		for _, t := range m.Tests {
			p.Charts = append(p.Charts, testChart(o, m, t))
		}
	}
	p.Notes = powerNotes(o)
	return newStudy(opts, o, p)
}

func powerFacts(o plan.Outlook) []string {
	var steps []string
	for _, s := range o.Steps {
		day := "not within " + plural(int64(o.Days), "day")
		if s.Day.Known() {
			day = "day " + dayText(s.Day)
		}
		steps = append(steps, fmt.Sprintf("%s (%s)", share(analyze.Number(s.Share)), day))
	}
	facts := []string{
		visible(o.Treatment) + " against " + visible(o.Control),
		plural(int64(math.Round(o.UnitsPerDay)), o.Unit) + " a day (" + o.Traffic + ")",
		"ramp " + strings.Join(steps, ", "),
		string(o.Method) + ", alpha " + strconv.FormatFloat(o.Alpha, 'g', -1, 64),
	}
	if o.Today != nil && o.Today.Days <= float64(o.Days) {
		facts = append(facts, "today is day "+dayText(analyze.Number(o.Today.Days)))
	}
	return facts
}

// dayText writes a time in days: 0, 0.4, 6.0, 12; a dash where it never comes.
func dayText(x analyze.Number) string {
	switch {
	case !x.Known():
		return dash
	case x == 0:
		return "0"
	case x < 10:
		return strconv.FormatFloat(float64(x), 'f', 1, 64)
	}
	return strconv.FormatFloat(float64(x), 'f', 0, 64)
}

func powerVerdict(o plan.Outlook) studyVerdict {
	v := studyVerdict{Class: "better", Glyph: "▲", Word: "Decides", Reasons: allProse(o.Doubts)}
	f := o.Rule
	switch {
	case o.Decides && o.Method == analyze.Sequential:
		v.Headline = fmt.Sprintf("If %s, half of such releases are promoted by day %s and 80 %% by day %s.", effectsPlanned(o), dayText(f.MedianDays), dayText(f.Days80))
	case o.Decides:
		v.Headline = fmt.Sprintf("If %s, one look after %s promotes %s of such releases.", effectsPlanned(o), plural(int64(o.Days), "day"), simulatedShare(o.OneLook[len(o.OneLook)-1].Promote))
	default:
		at := f.Promote
		if o.Method == analyze.Fixed {
			at = o.OneLook[len(o.OneLook)-1].Promote
		}
		v.Class, v.Glyph, v.Word = "open", "○", "Too weak"
		v.Headline = fmt.Sprintf("If %s, only %s of such releases are promoted within %s; a plan should reach 80 %%.", effectsPlanned(o), simulatedShare(at), plural(int64(o.Days), "day"))
	}
	return v
}

// effectsPlanned says what the plan takes to be true.
func effectsPlanned(o plan.Outlook) string {
	var parts []string
	for _, m := range o.Metrics {
		if m.Effect != 0 {
			parts = append(parts, visible(m.Name)+" changes by "+effectText(m.Unit, analyze.Number(m.Effect), true))
		}
	}
	if len(parts) == 0 {
		return "nothing changes"
	}
	return series(parts) + " and nothing else changes"
}

// effectText writes an effect: points of a rate, else a share of the level.
func effectText(unit string, e analyze.Number, sign bool) string {
	if !e.Known() {
		return dash
	}
	s := scale{factor: 100, diffUnit: "%"}
	if unit == "share" {
		s.diffUnit = "pp"
	}
	s.decimals = 1
	if math.Abs(float64(e)) < .0095 {
		s.decimals = 2
	}
	return s.write(e, s.diffUnit, sign)
}

// simulatedShare writes a share of simulated releases with its error.
func simulatedShare(s plan.Share) string {
	text := strconv.FormatFloat(100*s.Value, 'f', 0, 64)
	if s.StdErr > 0 {
		return fmt.Sprintf("%s %% (± %.1f)", text, 100*s.StdErr)
	}
	return text + " %"
}

// detectableText writes what a test can detect: an effect, or a margin.
func detectableText(m plan.MetricOutlook, t plan.Power, x analyze.Number) string {
	if x.Known() && t.Question == plan.Within && m.Margin != nil && !m.Margin.Relative && m.Unit != "share" {
		return strconv.FormatFloat(float64(x), 'g', 3, 64)
	}
	return effectText(m.Unit, x, false)
}

func plannedMargin(m plan.MetricOutlook) string {
	if m.Margin == nil {
		return dash
	}
	if !m.Margin.Relative && m.Unit != "share" {
		return scale{factor: 1}.declared(analyze.Number(m.Margin.Value))
	}
	s := scale{factor: 100, diffUnit: "%"}
	if !m.Margin.Relative {
		s.diffUnit = "pp"
	}
	return s.declared(analyze.Number(m.Margin.Value))
}

// powerTests is the table of what each metric can prove alone.
func powerTests(o plan.Outlook) sheet {
	end := "day " + count(int64(o.Days))
	s := sheet{
		Title:   "Each test alone, looking every hour, and at one look",
		Head:    []string{"metric", "to show", "by", "effect", "margin", "power, " + end, "at one look", "80 %: days", "at one look", end + " shows"},
		Names:   []string{"metric", "to show", "by", "effect", "margin", "power, " + end, "power at one look, " + end, "80 %: days", "80 %: days at one look", end + " shows"},
		Left:    3,
		Metrics: true,
	}
	for _, m := range o.Metrics {
		for _, t := range m.Tests {
			s.Rows = append(s.Rows, []string{
				visible(m.Name), string(t.Question), string(t.By), effectText(m.Unit, analyze.Number(m.Effect), true), plannedMargin(m),
				atEnd(t.Sequential.ByDay), atEnd(t.Fixed.ByDay), dayText(t.Sequential.Days80), dayText(t.Fixed.Days80), detectableText(m, t, t.Sequential.Detectable),
			})
		}
	}
	return s
}

// powerBasis is the table of what the plan was computed with.
func powerBasis(o plan.Outlook) sheet {
	s := sheet{Title: "Planned with", Head: []string{"metric", "role", "units from", visible(o.Control)}, Left: 3, Metrics: true}
	for _, m := range o.Metrics {
		level := dash
		if m.Level.Known() {
			level = scaleOf(m.Unit, float64(m.Level), 0).level(m.Level)
		}
		s.Rows = append(s.Rows, []string{visible(m.Name), string(m.Role), sourceText(m.Source), level})
	}
	return s
}

func sourceText(s string) string {
	word, _, _ := strings.Cut(s, ":")
	return visible(word)
}

// atEnd writes the power on the last day.
func atEnd(byDay []float64) string {
	if len(byDay) == 0 {
		return dash
	}
	return share(analyze.Number(math.Round(1000*byDay[len(byDay)-1]) / 1000))
}

// powerRule is the table of the whole rule by days.
func powerRule(o plan.Outlook) sheet {
	s := sheet{Title: fmt.Sprintf("The whole rule, over %s simulated releases", count(int64(o.Rule.Releases))), Head: []string{"day", "promoted, looking every hour", "rolled back", "promoted, at one look then"}, Left: 1}
	for _, l := range o.OneLook {
		s.Rows = append(s.Rows, []string{count(int64(l.Days)), share(analyze.Number(o.Rule.PromotedByDay[l.Days-1])), share(analyze.Number(o.Rule.RolledBackByDay[l.Days-1])), simulatedShare(l.Promote)})
	}
	return s
}

func powerNotes(o plan.Outlook) []string {
	notes := []string{
		fmt.Sprintf("The whole rule is simulated (seed %d): every goal and guardrail within its margin, a goal better unless goals: non_inferior, a full day, half of the information from shares of 20 %% or more. Its Monte-Carlo error is at most %.1f points.", o.Seed, 50/math.Sqrt(float64(o.Rule.Releases))),
		"Each test alone is at alpha, without what goals share: at one look by formula, every hour by 4,000 simulated sums (± 0.8 points at most). Metrics of a lake's units move together as they do there; made-up ones are independent.",
	}
	for _, m := range o.Metrics {
		for _, t := range m.Tests {
			if t.By == plan.Bets {
				notes = append(notes, visible(m.Name)+" is a rare rate: looking every hour, its margin is proven by bets on single units, which are exact, and not by sums.")
			}
		}
	}
	var assumed []string
	for _, m := range o.Metrics {
		if _, why, ok := strings.Cut(m.Source, "assumed: "); ok {
			notes = append(notes, visible(m.Name)+" is assumed: "+visible(why)+"; while that is so, the verdict can only be hold.")
		} else if m.Source == "assumed" {
			assumed = append(assumed, visible(m.Name))
		}
	}
	if len(assumed) > 0 {
		notes = append(notes, "What "+visible(o.Control)+" is like is assumed of "+series(assumed)+": state it with --baseline, or plan with --lake.")
	}
	return notes
}

// ruleChart draws how many releases are decided by when.
func ruleChart(o plan.Outlook) chart {
	n := float64(o.Days)
	c, f := newChart("rule", "The whole rule: releases promoted", 260, 120, 0, n, 0, 1)
	f.axes(n)
	f.level("zero", .8, "80 %")
	f.steps(o)
	f.line("accent", "every hour", false, curvePoints(o.Rule.PromotedByDay))
	once := []point{{0, 0}}
	for _, l := range o.OneLook {
		once = append(once, point{float64(l.Days), l.Promote.Value})
	}
	f.line("open", "one look then", true, once)
	if o.Rule.Rollback.Value > 0 {
		f.line("worse", "rolled back", false, curvePoints(o.Rule.RolledBackByDay))
	}
	f.today(o)
	c.spread()
	c.Desc = fmt.Sprintf("Share of simulated releases promoted by day: half by day %s, 80 %% by day %s.", dayText(o.Rule.MedianDays), dayText(o.Rule.Days80))
	return *c
}

// testChart draws the power of one test.
func testChart(o plan.Outlook, m plan.MetricOutlook, t plan.Power) chart {
	n := float64(o.Days)
	what := visible(m.Name) + ", " + string(t.Question)
	c, f := newChart(fmt.Sprintf("power-%s-%s", visible(m.Name), map[plan.Question]string{plan.Better: "better", plan.Within: "within"}[t.Question]), what, 200, 100, 0, n, 0, 1)
	f.axes(n)
	f.level("zero", .8, "")
	f.steps(o)
	f.line("accent", "every hour", false, curvePoints(t.Sequential.ByDay))
	f.line("open", "one look", true, curvePoints(t.Fixed.ByDay))
	f.today(o)
	c.spread()
	c.Desc = fmt.Sprintf("Power of the test by day: 80 %% after %s days looking every hour, %s at one look.", dayText(t.Sequential.Days80), dayText(t.Fixed.Days80))
	return *c
}

func (f frame) axes(n float64) {
	f.dayTicks(n)
	f.shareTicks()
	f.chart.XLabel = "days since the start"
}

// steps marks when the ramp's steps are reached.
func (f frame) steps(o plan.Outlook) {
	var marks []stepMark
	for _, s := range o.Steps {
		if s.Day.Known() {
			marks = append(marks, stepMark{float64(s.Day), share(analyze.Number(s.Share))})
		}
	}
	f.stepMarks(marks)
}

// today marks how far a release is. Its name stands below those of the steps.
func (f frame) today(o plan.Outlook) {
	if o.Today != nil && o.Today.Days <= float64(o.Days) {
		f.upright("today", o.Today.Days, "today")
		f.chart.Rules[len(f.chart.Rules)-1].LabelY = f.chart.Bottom - 6
	}
}

func curvePoints(byDay []float64) []point {
	out := []point{{0, 0}}
	for d, v := range byDay {
		out = append(out, point{float64(d + 1), v})
	}
	return out
}
