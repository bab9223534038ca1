package judge

import (
	"context"
	"strings"
	"testing"
)

// A pastList is a source that knows of earlier runs.
type pastList struct {
	*list
	earlier []Earlier
}

func (p *pastList) Scored(context.Context, string) ([]Earlier, error) { return p.earlier, nil }

// An arm that turns out to answer everything alike loses the scores that it got
// before that was seen, of this run and of earlier ones.
func TestWithdrawn(t *testing.T) {
	constant := func(l *list) {
		for id, d := range l.dialogues {
			if strings.HasSuffix(id, "-1") {
				d.Turns[0].Output = "GOOD, whatever you ask."
				l.dialogues[id] = d
			}
		}
	}
	l := hours(6, 4, [2]float64{.5, .5}) // 4 an arm and hour: seen in the fifth
	constant(l)
	c, _ := setup(l, honest)
	s, err := run(t, c)
	if err != nil {
		t.Fatal(err)
	}
	if s.Withdrawn != 16 || s.Arms[Treatment].Judged != 0 || s.Arms[Treatment].Missing[duplicateOutput] != 24 || s.Arms[Control].Judged != 24 {
		t.Errorf("%d withdrawn, treatment %+v", s.Withdrawn, s.Arms[Treatment])
	}
	last, ids := map[string]string{}, map[string]bool{}
	for _, row := range l.rows {
		if ids[row.JudgmentID] {
			t.Fatalf("two rows of one id: %+v", row)
		}
		ids[row.JudgmentID] = true
		last[row.SessionID+row.Criterion] = row.Error // later rows take the place of earlier
	}
	for key, why := range last {
		if treated := strings.Contains(key, "-1small"); treated != (why == duplicateOutput) {
			t.Errorf("%s ends as %q", key, why)
		}
	}

	// A run that has an hour alone sees what earlier ones scored.
	l = hours(1, 4, [2]float64{.5, .5})
	constant(l)
	earlier := hours(5, 4, [2]float64{.5, .5})
	constant(earlier)
	p := &pastList{list: l}
	for _, b := range earlier.batches {
		for _, item := range b.Items {
			said := earlier.dialogues[item.Subject.SessionID]
			item.Subject.SessionID = "before " + item.Subject.SessionID
			p.earlier = append(p.earlier, Earlier{Item: item, Dialogue: said, Withdrawn: len(p.earlier) == 1}) // the first of treatment
		}
	}
	c, _ = setup(l, honest)
	c.Source = p
	if s, err = run(t, c); err != nil || s.Withdrawn != 19 || s.Arms[Treatment].Missing[duplicateOutput] != 4 || s.Arms[Treatment].Judged != 0 {
		t.Errorf("%v, %d withdrawn, treatment %+v", err, s.Withdrawn, s.Arms[Treatment])
	}
}
