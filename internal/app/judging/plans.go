package judging

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/analyze/lake"
	"weir/internal/app"
	"weir/internal/atomicfile"
	"weir/judge"
)

// plans are what was drawn of hours, written before the first call: a later run
// goes on with the same items in the same order, whatever the spec's rates or
// the outcomes have become.
type plans struct {
	dir, rubric string
}

// A plan of one hour.
type plan struct {
	Hour  time.Time    `json:"hour"`
	Items []judge.Item `json:"items"`
}

func (p plans) path(hour time.Time) string {
	name := "all"
	if !hour.IsZero() {
		name = hour.UTC().Format("2006-01-02T15")
	}
	return filepath.Join(p.dir, "plans", p.rubric, name+".json")
}

// draw gives what is drawn of an hour's conversations: what an earlier run drew,
// else those whose number is below their probability, in the order of the numbers.
func (p plans) draw(hour time.Time, of []lake.Conversation, item func(lake.Conversation) (judge.Item, error)) ([]judge.Item, error) {
	path := p.path(hour)
	raw, err := os.ReadFile(path)
	var kept plan
	switch {
	case err == nil && json.Unmarshal(raw, &kept) == nil:
		return kept.Items, nil
	case err == nil:
		return nil, fmt.Errorf("the plan %s is damaged: remove it, to draw the hour anew", path)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	items := []judge.Item{}
	for _, c := range of {
		i, err := item(c)
		if err != nil {
			return nil, err
		}
		if judge.Drawn(i.U, i.Probability) {
			items = append(items, i)
		}
	}
	slices.SortFunc(items, func(a, b judge.Item) int {
		return cmp.Or(cmp.Compare(a.U, b.U), cmp.Compare(a.Arm, b.Arm), cmp.Compare(a.Subject.SessionID+a.Subject.TraceID, b.Subject.SessionID+b.Subject.TraceID))
	})
	if raw, err = json.Marshal(plan{hour, items}); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return items, atomicfile.Write(path, raw, 0o644)
}

// settle removes the plan of an hour that is published.
func (p plans) settle(hour time.Time) { os.Remove(p.path(hour)) }

// probability is that of the spec's sample.
func (s *source) probability(c lake.Conversation) (float64, error) {
	sample := s.job.Spec.Judge.Sample
	stratum, err := app.StratumOf(sample.Strata, c)
	if stratum < 0 || err != nil {
		return float64(sample.Rate), err
	}
	return float64(sample.Strata[stratum].Rate), nil
}
