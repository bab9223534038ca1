package reports

import (
	"fmt"
	"strings"
	"time"

	"weir/analyze"
	"weir/rollout"
)

// Options are what a report shows beside the record, and where. The zero
// value is a report without dialogues, for a terminal of 100 columns, without
// colour.
type Options struct {
	// Background is shown beside the record.
	Background Background
	// Language is that of the HTML page.
	Language Language
	// Width is the terminal's, in columns; 0 is 100.
	Width int
	// Color allows escape sequences in the terminal table. The caller decides:
	// no colour in a pipe or under NO_COLOR.
	Color bool
	// RecordPath and HTMLPath are where the caller stores the record and the
	// HTML report; the text names them. Empty: the record is called
	// record.json, the HTML report is not named.
	RecordPath string
	HTMLPath   string
	// SpecPath is where the release's specification lies; commands name it.
	SpecPath string
	// SpecLines are the lines of metrics in it, by name; annotations point there.
	SpecLines map[string]int
}

// A Report is the view of one record that all renderers read.
type Report struct {
	record  rollout.Record
	options Options
	page    page
}

// page holds everything that is shown, written out.
type page struct {
	App, Release string
	Contents     []link
	Time         string // 23 Nov 2026 14:05 UTC
	Facts        []string
	Verdict      verdict
	Comparison   string // what was compared and how
	Level        string // 95 %, of intervals
	Metrics      []metric
	Checks       []check
	Warnings     []string
	Arms         arms
	Plots        []plot
	OverTime     *overTime
	Spreads      []spreadView
	Judging      *judging
	Margined     bool   // some metric has a margin
	Pairs        []pair // as many as fit
	PairsLeft    int
	Promise      promise
	Files        files
	HealthHow    []source
	Commands     commands
	Hows         []how
	Breakdowns   []breakdown
	Views        []view
	Sources      []source
	Replay       string
	Schema       string
	WeirVersion  string
}

// New makes the view of a record. The record is not modified.
func New(rec rollout.Record, o Options) Report {
	if o.Width == 0 {
		o.Width = 100
	}
	if o.RecordPath == "" {
		o.RecordPath = "record.json"
	}
	r := rec.Analysis.Result
	ms, checks := metricsOf(rec), checksOf(r)
	margined, _ := grouped(ms)
	var lib library
	health := []source{lib.cite(ratioTestSource), lib.cite(mismatchSource)}
	hows := howsOf(rec, ms, &lib)
	title := "Effects of " + visible(r.Treatment) + " against " + visible(r.Control)
	p := page{
		App:         visible(r.App),
		Release:     visible(r.Release),
		Time:        utc(r.Period.AsOf),
		Facts:       factsOf(rec),
		Verdict:     verdictOf(rec, ms, checks),
		Comparison:  comparison(r.Design),
		Level:       share(analyze.Number(1 - r.Design.Alpha)),
		Metrics:     ms,
		Checks:      checks,
		Warnings:    relabel(append(append([]string{}, r.Health.Warnings...), r.Warnings...), ms),
		Arms:        armsOf(rec),
		OverTime:    overTimeOf(o.Background.History, r.Amendments),
		Judging:     judgingOf(o.Background.Judge, r),
		Plots:       []plot{plotOf(title, ms, wide, o.Language), plotOf(title, ms, narrow, o.Language)},
		Margined:    len(margined) > 0,
		Promise:     promiseOf(rec, ms),
		Files:       filesOf(rec.Files),
		Hows:        hows,
		Breakdowns:  breakdownsOf(r),
		Views:       viewsOf(r),
		HealthHow:   health,
		Sources:     lib.sources,
		Replay:      "weir gate --replay " + quoted(o.RecordPath),
		Commands:    commandsOf(rec, o),
		Schema:      visible(rec.Schema),
		WeirVersion: visible(rec.WeirVersion),
	}
	p.Spreads = spreadsOf(o.Background.Spreads, p.Arms)
	return Report{record: rec, options: o, page: p}
}

// utc writes a moment with its zone; the zero time is a dash.
func utc(t time.Time) string {
	if t.IsZero() {
		return dash
	}
	return t.UTC().Format("2 Jan 2006 15:04 UTC")
}

// factsOf says where the release stands: day 6, v2 at 20 %, look 2.
func factsOf(rec rollout.Record) []string {
	r := rec.Analysis.Result
	var facts []string
	if r.Period.First != nil && !r.Design.Offline {
		facts = append(facts, dayOf(r.Period))
	}
	if r.Period.TreatmentShare.Known() {
		facts = append(facts, visible(r.Treatment)+" at "+share(r.Period.TreatmentShare))
	}
	if r.Design.Offline {
		facts = append(facts, "offline, "+map[bool]string{true: "paired by case", false: "cases not paired"}[r.Design.Kind == analyze.Paired])
	}
	if rec.Policy.Look > 0 {
		facts = append(facts, "look "+count(int64(rec.Policy.Look)))
	}
	return facts
}

// dayOf counts the days from the first unit, to now or, where the release no longer goes on,
// to its last unit.
func dayOf(p analyze.Period) string {
	day := func(t time.Time) string { return count(int64(t.Sub(*p.First)/(24*time.Hour)) + 1) }
	if rollout.Ended(p) {
		return "units to " + utc(*p.Last) + ", day " + day(*p.Last)
	}
	return "day " + day(p.AsOf)
}

// comparison says what was compared and how.
func comparison(d analyze.Design) string {
	text := fmt.Sprintf("Unit: %s. Design: %s", visible(d.Unit), d.Kind)
	if d.Strata > 1 {
		text += fmt.Sprintf(", %s strata", count(int64(d.Strata)))
	}
	text += fmt.Sprintf(". Method: %s, alpha %s.", methodWords[d.Method], scale{factor: 1}.declared(analyze.Number(d.Alpha)))
	if why := strings.TrimSpace(visible(d.Why)); why != "" {
		text += " " + sentence(why)
	}
	if !d.Randomized {
		text += " The assignment is not known to have been drawn at random."
	}
	return text
}

var methodWords = map[analyze.Method]string{
	analyze.Sequential: "sequential, valid at every look",
	analyze.Fixed:      "fixed, valid at one look",
}

// quoted makes a path one word of a shell command.
func quoted(path string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/=:@%+,"
	if strings.Trim(path, plain) == "" {
		return path
	}
	return "'" + strings.ReplaceAll(visible(path), "'", `'\''`) + "'"
}
