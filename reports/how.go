package reports

import (
	"encoding/json"

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
	Command string // weir stat ..., empty where no single calculator gives the estimate
	// TooLong is set where the command's input is left to the record.
	TooLong bool
}

// maxInput bounds the input of a reproduction that is shown, in bytes.
const maxInput = 4096

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
	input, err := json.MarshalIndent(r.Input, "", "  ")
	if err != nil {
		return "", false
	}
	if len(input) > maxInput {
		return "weir stat " + visible(r.Method), true
	}
	return "weir stat " + visible(r.Method) + " <<'JSON'\n" + visible(string(input)) + "\nJSON", false
}
