package judging

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"weir/judge"
)

// reportSchema names the layout of a run's report.
const reportSchema = "weir.judge/1"

// JSON writes the report. A number that cannot be had is null.
func (r Report) JSON(w io.Writer) error {
	rubrics := make([]any, len(r.Summaries))
	for i, s := range r.Summaries {
		rubrics[i] = summaryJSON(s)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{
		"schema": reportSchema, "app": r.App, "release": r.Release, "job": r.Job, "rubrics": rubrics,
	})
}

func summaryJSON(s judge.Summary) map[string]any {
	canaries := make([]any, len(s.Canaries))
	for i, c := range s.Canaries {
		canaries[i] = map[string]any{"canary": c.Canary, "model": c.Model, "score": number(c.Whole), "at_least": c.AtLeast, "at_most": c.AtMost, "ok": c.OK}
	}
	out := map[string]any{
		"rubric": s.Rubric, "judge_hash": s.Hash, "mode": s.Mode, "stopped": s.Stopped, "detail": s.Detail, "hours": s.Hours,
		"calls": s.Spent.Calls, "tokens": s.Spent.Tokens, "cost_usd": number(s.Spent.USD), "cached": s.Cached,
		"retried": s.Retried, "repaired": s.Repaired, "withdrawn": s.Withdrawn, "seconds": s.Took.Seconds(),
		"service_ms": timesJSON(s.Service), "own_ms": timesJSON(s.Own),
		"canaries": canaries, "anchors": s.Anchors, "warnings": slices.Concat([]string{}, s.Warnings),
	}
	if s.Mode == judge.Pairwise {
		out["pairs"] = tallyJSON(s.Pairs)
	} else {
		out["control"], out["treatment"] = tallyJSON(s.Arms[judge.Control]), tallyJSON(s.Arms[judge.Treatment])
	}
	return out
}

// timesJSON are milliseconds a call; null where no call could be timed.
func timesJSON(t judge.Times) any {
	if t.Count == 0 {
		return nil
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return map[string]any{"calls": t.Count, "mean": ms(t.Mean), "p50": ms(t.P50), "p99": ms(t.P99)}
}

func tallyJSON(t judge.Tally) map[string]any {
	missing, flags := map[string]int{}, map[judge.Flag]int{}
	maps.Copy(missing, t.Missing)
	maps.Copy(flags, t.Flags)
	return map[string]any{
		"drawn": t.Drawn, "judged": t.Judged, "missing": missing, "flags": flags,
		"mean": number(t.Mean), "if_missing_worst": number(t.Low), "if_missing_best": number(t.High),
	}
}

// number is nil for what is not known.
func number(x float64) any {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return x
}

// Text writes the report for a person.
func (r Report) Text(w io.Writer) error {
	var b strings.Builder
	for _, s := range r.Summaries {
		fmt.Fprintf(&b, "%s  %s\n", s.Rubric, stopped(s))
		if s.Mode == judge.Pairwise {
			tallyText(&b, "pairs", s.Pairs, "treatment wins")
		} else {
			tallyText(&b, "control", s.Arms[judge.Control], "mean score")
			tallyText(&b, "treatment", s.Arms[judge.Treatment], "mean score")
		}
		fmt.Fprintf(&b, "  %-10s %d, of which %d repeated and %d to repair; %d answers were known already; %d tokens, %s, in %s\n",
			"calls", s.Spent.Calls, s.Retried, s.Repaired, s.Cached, s.Spent.Tokens, Dollars(s.Spent.USD), s.Took.Round(100*time.Millisecond))
		if s.Service.Count > 0 {
			fmt.Fprintf(&b, "  %-10s the service took %s a call, 99 of 100 no more than %s; beside it %s and %s\n",
				"times", short(s.Service.P50), short(s.Service.P99), short(s.Own.P50), short(s.Own.P99))
		}
		if len(s.Canaries) > 0 {
			fmt.Fprintf(&b, "  %-10s %d of %d as they should be\n", "canaries", passed(s.Canaries), len(s.Canaries))
		}
		for _, c := range s.Canaries {
			if !c.OK {
				fmt.Fprintf(&b, "    ✕ %s by %s: %s, allowed %.2f to %.2f\n", c.Canary, c.Model, figure(c.Whole), c.AtLeast, c.AtMost)
			}
		}
		for _, warning := range s.Warnings {
			fmt.Fprintf(&b, "  warning: %s\n", warning)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// stopped says in words why a run ended.
func stopped(s judge.Summary) string {
	hours := fmt.Sprintf("%d hours of assignment judged", s.Hours)
	if s.Mode == judge.Pairwise {
		hours = fmt.Sprintf("%d pairs judged", s.Pairs.Drawn)
	}
	switch s.Stopped {
	case "done":
		if s.Hours == 0 && len(s.Canaries) == 0 {
			return "nothing new to judge"
		}
		return hours + "; nothing is left"
	case "enough":
		return hours + "; that is enough: " + s.Detail
	case "budget":
		return hours + "; " + s.Detail + ", the next run goes on"
	case "interrupted":
		return hours + "; interrupted, the next run goes on"
	}
	return hours + "; failed: " + s.Detail
}

func tallyText(b *strings.Builder, name string, t judge.Tally, what string) {
	if t.Drawn == 0 {
		return
	}
	fmt.Fprintf(b, "  %-10s %d drawn, %d judged", name, t.Drawn, t.Judged)
	for _, why := range slices.Sorted(maps.Keys(t.Missing)) {
		fmt.Fprintf(b, ", %d missing (%s)", t.Missing[why], why)
	}
	fmt.Fprintf(b, "; %s %s", what, figure(t.Mean))
	if t.Judged < t.Drawn {
		fmt.Fprintf(b, " (%s to %s, whatever is missing)", figure(t.Low), figure(t.High))
	}
	for _, flag := range slices.Sorted(maps.Keys(t.Flags)) {
		fmt.Fprintf(b, "; %d %s", t.Flags[flag], flag)
	}
	b.WriteString("\n")
}

// short rounds a duration to three digits.
func short(d time.Duration) string {
	unit := time.Duration(1)
	for unit*1000 < d {
		unit *= 10
	}
	return d.Round(unit).String()
}

func figure(x float64) string {
	if math.IsNaN(x) {
		return "unknown"
	}
	return fmt.Sprintf("%.3f", x)
}

// Dollars writes an amount; unknown is not nothing.
func Dollars(usd float64) string {
	if math.IsNaN(usd) {
		return "cost unknown"
	}
	return fmt.Sprintf("$%.4f", usd)
}

func passed(found []judge.Found) (n int) {
	for _, f := range found {
		if f.OK {
			n++
		}
	}
	return n
}
