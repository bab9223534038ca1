package reports

import (
	"encoding/json"
	"fmt"
	"time"

	"weir/analyze"
	"weir/rollout"
)

// A how says how one metric was computed.
type how struct {
	metric
	Method  string
	Judge   string // what a judge's metric rests on; else empty
	Frozen  string // what was fixed before the units were seen, and from what; may be empty
	Sources []source
	Command string // weir stat ..., empty where there is no estimate
	// TooLong is set where the command's input is left to the record.
	TooLong bool
}

// maxInput bounds the input of a reproduction that is shown, in bytes.
const maxInput = 8192

func howsOf(rec rollout.Record, ms []metric, lib *library) []how {
	r := rec.Analysis.Result
	hows := make([]how, len(ms))
	for i, m := range r.Metrics {
		hows[i] = how{metric: ms[i], Method: sentence(visible(m.Method))}
		hows[i].Judge = judgeText(m.Judge)
		for _, text := range sourcesOf(r.Design, m) {
			hows[i].Sources = append(hows[i].Sources, lib.cite(text))
		}
		if d, ok := dataOf(rec, m.Name); ok {
			hows[i].Frozen = frozenText(d.Frozen)
		}
		hows[i].Command, hows[i].TooLong = command(m.Reproduce)
	}
	return hows
}

// A reproduction is a command that gives figures of the report again.
type reproduction struct {
	Says string // which
	Line string
}

// commands are the reproductions of the report's parts.
type commands struct{ Time, Spreads, Arms, Units, Judge, Splits []reproduction }

// maxSplits bounds how many strata's splits are shown.
const maxSplits = 20

func commandsOf(rec rollout.Record, o Options) commands {
	var c commands
	r := rec.Analysis.Result
	for i, s := range rec.Data.Strata {
		if len(c.Splits) == maxSplits {
			break
		}
		if line, long := command(rec.Data.ReproduceSplit(i)); line != "" && !long {
			c.Splits = append(c.Splits, reproduction{fmt.Sprintf("The split of stratum %d, intended %s.", i+1, share(analyze.Number(s.Share))), line})
		}
	}
	lake := o.Background.Lake
	if lake == "" {
		return c
	}
	at := " --lake " + quoted(lake)
	c.Spreads = []reproduction{{"The quantiles, by release and version:", "weir query duration-quantiles" + at}}
	c.Units = []reproduction{{"Units by hour of assignment:", "weir query units-by-hour" + at}}
	c.Judge = []reproduction{{"The judgments by criterion and version:", "weir query judgments-by-version" + at}}
	spec := fmt.Sprintf(" --app %s --release %s --control %s --treatment %s", quoted(r.App), quoted(r.Release), quoted(r.Control), quoted(r.Treatment))
	if o.SpecPath != "" {
		spec = " --spec " + quoted(o.SpecPath)
	}
	clock := " --as-of " + r.Period.AsOf.UTC().Format(time.RFC3339Nano)
	c.Arms = []reproduction{{"The figures in full:", "weir analyze" + at + spec + clock + " --format json"}}
	if r.Design.Method == analyze.Sequential {
		c.Time = []reproduction{{"The looks in full:", "weir backtest" + at + spec + clock + " --format json"}}
	}
	return c
}

// frozenText says what thresholds and tuning were taken from.
func frozenText(f analyze.Frozen) string {
	switch {
	case f.Source == "":
		return ""
	case f.Provisional:
		return "Thresholds and tuning are not fixed yet; they come from " + visible(f.Source) + "."
	}
	return "Thresholds and tuning were fixed from " + visible(f.Source) + "."
}

// dataOf finds a metric's data by name.
func dataOf(rec rollout.Record, name string) (analyze.MetricData, bool) {
	for _, d := range rec.Data.Metrics {
		if d.Metric.Name == name {
			return d, true
		}
	}
	return analyze.MetricData{}, false
}

// command is the shell command that gives the estimate again; none where the
// input has no JSON.
func command(r *analyze.Reproduction) (text string, tooLong bool) {
	if r == nil {
		return "", false
	}
	input, err := json.Marshal(r.Input)
	if err != nil {
		return "", false
	}
	if len(input) > maxInput {
		return "weir stat " + visible(r.Method), true
	}
	return "weir stat " + visible(r.Method) + " <<'JSON'\n" + visible(string(input)) + "\nJSON", false
}
