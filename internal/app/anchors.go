package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"weir/reports"
)

// AnchorsFile is where runs of the judge remember how they scored the anchors, beside
// the state of the release: an [AnchorMemory] a rubric.
const AnchorsFile = "anchors.json"

// AnchorTolerance is how far the mean score of the anchors may move before the judge
// counts as another one.
const AnchorTolerance = 0.05

// An AnchorMemory is what is known of one rubric's judge.
type AnchorMemory struct {
	Generation int                `json:"generation"`
	Hash       string             `json:"hash"`
	Reference  map[string]float64 `json:"reference"` // scores of the first run
	// Runs are the differences to it of later runs, the last ones of all: Earlier ones are
	// not kept any more. Found is what the sequence said after each, since it is kept.
	Runs    [][]float64   `json:"runs"`
	Found   []*AnchorSpan `json:"found,omitempty"`
	Earlier int           `json:"earlier,omitempty"`
	Changed bool          `json:"changed"`
}

// An AnchorSpan is where the mean difference to the first run lies.
type AnchorSpan struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// ReadAnchors reads a file of memories by rubric; none is no error.
func ReadAnchors(path string) (map[string]*AnchorMemory, error) {
	all := map[string]*AnchorMemory{}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("what is remembered of the anchors, %s: %w; restore it, or remove it to begin anew", path, err)
	}
	return all, nil
}

// shownDrifts are the memories as a report shows them, by rubric.
func shownDrifts(dir string) (map[string]reports.JudgeDrift, error) {
	all, err := ReadAnchors(filepath.Join(dir, AnchorsFile))
	if err != nil {
		return nil, err
	}
	out := map[string]reports.JudgeDrift{}
	for rubric, m := range all {
		d := reports.JudgeDrift{Anchors: len(m.Reference), Earlier: m.Earlier, Tolerance: AnchorTolerance, Changed: m.Changed}
		for i, differences := range m.Runs {
			r := reports.DriftRun{Mean: optional(mean(differences)), Low: optional(nil), High: optional(nil)}
			if i < len(m.Found) && m.Found[i] != nil {
				r.Low, r.High = m.Found[i].Low, m.Found[i].High
			}
			d.Runs = append(d.Runs, r)
		}
		if d.Reference = optional(nil); len(m.Reference) > 0 {
			sum := 0.0
			for _, x := range m.Reference {
				sum += x
			}
			d.Reference = sum / float64(len(m.Reference))
		}
		out[rubric] = d
	}
	return out, nil
}

// mean is that of some numbers; nil of none.
func mean(xs []float64) *float64 {
	if len(xs) == 0 {
		return nil
	}
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return new(sum / float64(len(xs)))
}
