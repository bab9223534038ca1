package label

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"weir/judge"
)

// A reading is one file's way back.
type reading struct {
	name    string
	rubric  *judge.Rubric
	labeler string
	drawn   func(item string) (Drawn, bool)
	now     time.Time
	seen    map[string]int
	marks   []Mark
	faults  []error
}

// Faults are those of what people wrote.
type Faults struct{ error }

// Unwrap gives the faults joined.
func (f Faults) Unwrap() error { return f.error }

// Read reads labels from a file: CSV where its name ends so, else JSON lines.
// Rows that name no labeler are of the given one; drawn tells whether an item was drawn
// for labels, and how. Nothing can have been said after now, nor before its item was
// drawn. Items that nothing was said of are left out. All faults are reported, and then
// nothing is read; none shows what was said in a dialogue or a comment.
func Read(name string, in io.Reader, rubric *judge.Rubric, labeler string, drawn func(item string) (Drawn, bool), now time.Time) ([]Mark, error) {
	r := &reading{name: name, rubric: rubric, labeler: labeler, drawn: drawn, now: now, seen: map[string]int{}}
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		r.readCSV(in)
	} else {
		r.readJSONL(in)
	}
	if len(r.faults) > 0 {
		return nil, Faults{errors.Join(r.faults...)}
	}
	return r.marks, nil
}

func (r *reading) fault(line int, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: %s", r.name, line, fmt.Sprintf(format, args...)))
}

// take checks what was said of one item.
func (r *reading) take(line int, item string, levels map[string]string, comment, labeler, at string) {
	m := Mark{Item: item, Comment: comment, Labeler: labeler, Where: fmt.Sprintf("%s:%d", r.name, line)}
	if m.Labeler == "" {
		m.Labeler = r.labeler
	}
	drawn, known := r.drawn(item)
	m.Mode = drawn.Mode
	ok := true
	for _, c := range r.rubric.Criteria {
		l, why := levelOf(c, drawn.Mode, levels[c.Name])
		if !known && why != "" { // what may be answered depends on the item
			l, why = Level{State: Given}, ""
		}
		if why != "" {
			r.fault(line, "%s: %s", c.Name, why)
			ok = false
		}
		m.Levels = append(m.Levels, l)
		delete(levels, c.Name)
	}
	for name := range levels {
		r.fault(line, "%s is no criterion of %s", shown(name), r.rubric.Name)
		ok = false
	}
	if !m.Empty() { // a time without an answer says nothing
		var why string
		if m.At, why = r.timeOf(at, drawn.At); why != "" {
			r.fault(line, "at: %s", why)
			ok = false
		}
	}
	switch {
	case !ok || m.Empty():
		return
	case item == "":
		r.fault(line, "the item is missing")
	case !known:
		r.fault(line, "item %s was not exported from this lake for rubric %s", shown(item), r.rubric.Name)
	case m.Labeler == "":
		r.fault(line, "nobody is named: give --labeler, or fill in the column labeler")
	case r.seen[m.Labeler+"\x00"+item] > 0:
		r.fault(line, "item %s is labelled by %s on line %d already", shown(item), shown(m.Labeler), r.seen[m.Labeler+"\x00"+item])
	default:
		r.seen[m.Labeler+"\x00"+item] = line
		r.marks = append(r.marks, m)
	}
}

// clocks is how far the clocks of people's machines may be ahead.
const clocks = 10 * time.Minute

// timeOf reads when something was said of what was drawn then: a time, or a day, which
// stands for its beginning.
func (r *reading) timeOf(text string, drawn time.Time) (at time.Time, why string) {
	if text == "" {
		return time.Time{}, ""
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			at = at.UTC()
			switch {
			case at.After(r.now.Add(clocks)):
				return time.Time{}, fmt.Sprintf("%s is later than now, %s: correct the time, or leave it out", shown(text), r.now.UTC().Format(time.RFC3339))
			case at.After(r.now):
				return r.now, ""
			case at.Before(r.earliest(drawn)):
				return time.Time{}, fmt.Sprintf("%s is before the item was drawn, %s: correct the time, or leave it out", shown(text), drawn.UTC().Format(time.RFC3339))
			}
			return at, ""
		}
	}
	return time.Time{}, fmt.Sprintf("%s is no time: write 2026-11-23T14:00:00Z, or a day, or leave it out", shown(text))
}

// earliest is the first moment at which something can have been said of what was drawn
// then: the day before, in some zone the day of the draw. A draw as of a later time than
// now tells nothing.
func (r *reading) earliest(drawn time.Time) time.Time {
	const day = 24 * time.Hour
	if drawn.IsZero() || drawn.After(r.now) {
		return time.Time{}
	}
	return drawn.Truncate(day).Add(-day)
}

// shown quotes a short word of a file, cut where it is long.
func shown(s string) string {
	const most = 32
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
