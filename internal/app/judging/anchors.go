package judging

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"weir/analyze/betting"
	"weir/internal/app"
	"weir/internal/atomicfile"
	"weir/judge"
)

// What the anchors say of a judge.
const (
	driftTolerance = app.AnchorTolerance // of the mean score, either way
	driftAlpha     = 0.01
	driftRuns      = 12 // that are looked back at
)

// anchors reads the spec's file of frozen dialogues, a JSON object a line.
func (j Job) anchors() ([]judge.Anchor, error) {
	path := j.Spec.Judge.Anchors
	if path == "" {
		return nil, nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(j.SpecDir, path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, setup("judge.anchors: %w", err)
	}
	var out []judge.Anchor
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 8<<20)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		a, err := anchor(lines.Bytes())
		if err != nil {
			return nil, setup("%s:%d: %w; write {\"id\": ..., \"turns\": [{\"user\": ..., \"assistant\": ...}]}", path, n, err)
		}
		out = append(out, a)
	}
	return out, lines.Err()
}

func anchor(line []byte) (judge.Anchor, error) {
	var a struct {
		ID    string
		Turns []struct {
			User, Assistant, Tools string
			Passages               []string
		}
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if d.Decode(&a) != nil || a.ID == "" || len(a.Turns) == 0 {
		return judge.Anchor{}, errors.New("not an anchor")
	}
	out := judge.Anchor{ID: a.ID}
	for _, t := range a.Turns {
		out.Dialogue.Turns = append(out.Dialogue.Turns, judge.Turn{Input: t.User, Output: t.Assistant, ToolCalls: t.Tools, Passages: t.Passages})
	}
	return out, nil
}

// An anchorMemory remembers in a file how anchors were scored.
type anchorMemory struct {
	path, rubric string
	accept       bool
}

// remembered is what is known of one rubric's judge.
type remembered = app.AnchorMemory

func (m *anchorMemory) read() (map[string]*remembered, error) { return app.ReadAnchors(m.path) }

func (m *anchorMemory) write(all map[string]*remembered) error {
	raw, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	return atomicfile.Write(m.path, raw, 0o644)
}

// generation is which judge of the rubric this is. A judge that was found to have
// changed, and is accepted, is the next.
func (m *anchorMemory) generation(rubric string) (int, error) {
	all, err := m.read()
	if err != nil || all[rubric] == nil {
		return 0, err
	}
	if r := all[rubric]; m.accept && r.Changed {
		all[rubric] = &remembered{Generation: r.Generation + 1}
		if err := m.write(all); err != nil {
			return 0, err
		}
	}
	return all[rubric].Generation, nil
}

// Compare keeps confidence sequences for the mean difference to the first run. The
// judge has changed when one leaves the tolerance.
func (m *anchorMemory) Compare(_ context.Context, hash string, scores map[string]float64) (bool, string, error) {
	all, err := m.read()
	if err != nil {
		return false, "", err
	}
	r := all[m.rubric]
	if r == nil {
		r = &remembered{}
		all[m.rubric] = r
	}
	if r.Hash != hash {
		*r = remembered{Generation: r.Generation, Hash: hash, Reference: scores}
		return false, "", m.write(all)
	}
	var run []float64
	for _, id := range slices.Sorted(maps.Keys(scores)) {
		if before, ok := r.Reference[id]; ok {
			run = append(run, scores[id]-before)
		}
	}
	for len(r.Found) < len(r.Runs) { // runs from before it was kept
		r.Found = append(r.Found, nil)
	}
	r.Runs = append(r.Runs, run)
	gone := max(len(r.Runs)-driftRuns, 0)
	low, high := drift(r.Runs[gone:])
	r.Found = append(r.Found, &app.AnchorSpan{Low: low, High: high})
	r.Runs, r.Found, r.Earlier = r.Runs[gone:], r.Found[gone:], r.Earlier+gone
	r.Changed = low > driftTolerance || high < -driftTolerance
	detail := fmt.Sprintf("by %+.2f to %+.2f on average; look at the model, then accept the change with --accept-change, or name another judge", low, high)
	return r.Changed, detail, m.write(all)
}

// drift is the interval for the mean difference since some run: of all beginnings
// the one that says most. The judge may have changed at any run, so for each that
// it may have begun with there is a confidence sequence of its own, and the
// k-th has the share 1/(k(k+1)) of the error.
func drift(runs [][]float64) (low, high float64) {
	low, high = -1, 1
	for k := range runs {
		var x []float64
		for _, d := range slices.Concat(runs[len(runs)-1-k:]...) {
			x = append(x, (d+1)/2)
		}
		if len(x) == 0 {
			continue
		}
		s := betting.Hedged(x, driftAlpha/float64((k+1)*(k+2))).Running()
		l, h := 2*s.Low[len(x)-1]-1, 2*s.High[len(x)-1]-1
		if max(l, -h) > max(low, -high) {
			low, high = l, h
		}
	}
	return low, high
}
