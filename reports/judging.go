package reports

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"weir/analyze"
)

// A judging is the part of the report about judges.
type judging struct {
	Rows     []judgedRow
	Run      []string // what the last run left, a sentence each
	Failures []canary // canaries that were not scored as they should be
	Warnings []string
	Metrics  []judgedMetric
	Totals   string
	Drifts   []chart  // how the anchors were scored, run by run
	Drifting []string // the same in words
}

// A judgedRow is one criterion of one judge.
type judgedRow struct {
	Criterion, Judge, Hash string
	Control, Treatment     judgedArm
	Cost                   string
}

// A judgedArm is one arm of it.
type judgedArm struct {
	Mean, Judged, Missing, Labelled string
	Known                           bool
}

// A canary is an answer whose score is known to be bad, or good.
type canary struct{ Name, Model, Score, Allowed string }

// A judgedMetric says how far people agree with the judge of a metric.
type judgedMetric struct {
	Label string
	Text  string
	Table *agreementTable
}

// An agreementTable counts labelled dialogues by what judge and people said.
type agreementTable struct{ BothBad, JudgeBad, PeopleBad, BothGood string }

// judgingOf makes the part; nil where nothing was judged.
func judgingOf(j *Judge, r analyze.Result) *judging {
	out := &judging{}
	for _, m := range r.Metrics {
		if m.Judge != nil {
			jm := judgedMetric{Label: label(m.Name), Text: judgeText(m.Judge)}
			if a := m.Judge.Agreement; a != nil {
				jm.Table = &agreementTable{count(a.Table[0][0]), count(a.Table[0][1]), count(a.Table[1][0]), count(a.Table[1][1])}
			}
			out.Metrics = append(out.Metrics, jm)
		}
	}
	if j != nil {
		out.rows(j.Figures)
		out.lastRun(j.LastRun)
		out.Drifts, out.Drifting = drifts(j.Drifts)
	}
	if len(out.Rows)+len(out.Metrics) == 0 {
		return nil
	}
	return out
}

// rows joins both arms' figures of each criterion and judge.
func (out *judging) rows(figures []JudgeFigure) {
	type key struct{ criterion, model, hash string }
	at := map[key]int{}
	var tokens int64
	cost, priced := 0.0, false
	spent := map[key]float64{}
	for _, f := range figures {
		k := key{f.Criterion, f.Model, f.Hash}
		i, there := at[k]
		if !there {
			i = len(out.Rows)
			at[k] = i
			out.Rows = append(out.Rows, judgedRow{Criterion: visible(f.Criterion), Judge: visible(f.Model), Hash: shortHash(visible(f.Hash)), Cost: dash})
		}
		arm := judgedArm{Mean: dash, Judged: count(f.Judged), Missing: causes(f.Missing), Labelled: count(f.Labelled), Known: true}
		if finite(f.Mean) {
			arm.Mean = strconv.FormatFloat(f.Mean, 'f', 3, 64)
		}
		if f.Treated {
			out.Rows[i].Treatment = arm
		} else {
			out.Rows[i].Control = arm
		}
		tokens += f.Tokens
		if finite(f.CostUSD) {
			cost, priced = cost+f.CostUSD, true
			spent[k] += f.CostUSD
			out.Rows[i].Cost = dollars(spent[k])
		}
	}
	if tokens > 0 {
		out.Totals = fmt.Sprintf("All judgments of this release took %s tokens", count(tokens))
		if priced {
			out.Totals += " and " + dollars(cost)
		}
		out.Totals += "."
	}
}

func shortHash(h string) string { short, _ := cut(h, 8); return short }

func dollars(usd float64) string {
	return scale{factor: 1, prefix: "$", decimals: decimalsFor(usd)}.level(analyze.Number(usd))
}

// causes writes what is missing: 3 (2 timeout, 1 refusal).
func causes(missing map[string]int64) string {
	total := int64(0)
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(missing)) {
		total += missing[why]
		parts = append(parts, count(missing[why])+" "+visible(why))
	}
	if total == 0 {
		return "0"
	}
	return count(total) + " (" + strings.Join(parts, ", ") + ")"
}

// lastRun says what the last run left.
func (out *judging) lastRun(run JudgeRun) {
	for _, r := range run.Rubrics {
		passed := 0
		for _, c := range r.Canaries {
			if c.OK {
				passed++
				continue
			}
			score := dash
			if c.Score != nil {
				score = strconv.FormatFloat(*c.Score, 'f', 2, 64)
			}
			out.Failures = append(out.Failures, canary{visible(c.Canary), visible(c.Model), score, fmt.Sprintf("%.2f to %.2f", c.AtLeast, c.AtMost)})
		}
		text := fmt.Sprintf("The last run by %s made %s calls, of which %s were repeated and %s repaired an answer; %s answers were known already.",
			visible(r.Rubric), count(r.Calls), count(r.Retried), count(r.Repaired), count(r.Cached))
		out.Run = append(out.Run, text)
		if n := len(r.Canaries); n > 0 {
			out.Run = append(out.Run, fmt.Sprintf("Of %d canaries, answers whose score is known beforehand, %d were scored as they should be.", n, passed))
		}
		if r.Anchors > 0 {
			out.Run = append(out.Run, fmt.Sprintf("%s frozen dialogues were scored again to see whether the judge drifts.", count(r.Anchors)))
		} else {
			out.Run = append(out.Run, "No frozen dialogues are kept, so a drift of the judge would not be noticed; judge.anchors names a file of them.")
		}
		for _, w := range r.Warnings {
			out.Warnings = append(out.Warnings, sentence(prose(w)))
		}
	}
}
