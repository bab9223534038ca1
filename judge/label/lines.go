package label

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"weir/judge"
)

// A line is an item as JSON: to be labelled, and labelled. A label is a level's
// number, or "A", "B" or "tie" of a pair; "skip"; or null.
type line struct {
	Item    string         `json:"item"`
	Turns   []lineTurn     `json:"turns,omitempty"` // of a dialogue
	A       []lineTurn     `json:"a,omitempty"`     // of the two of a pair
	B       []lineTurn     `json:"b,omitempty"`
	Labels  map[string]any `json:"labels"`
	Comment string         `json:"comment"`
	Labeler string         `json:"labeler"`
	Set     string         `json:"set,omitempty"`
	At      string         `json:"at,omitempty"`
}

type lineTurn struct {
	User      string   `json:"user"`
	Assistant string   `json:"assistant"`
	Passages  []string `json:"passages,omitempty"`
}

// line writes an item without answers.
func (s Set) line(item Item) line {
	l := line{Item: item.ID}
	if s.Mode == judge.Pairwise {
		l.A, l.B = turns(item.Shown[0]), turns(item.Shown[1])
	} else {
		l.Turns = turns(item.Shown[0])
	}
	return l
}

func turns(d judge.Dialogue) []lineTurn {
	out := []lineTurn{}
	for _, t := range d.Turns {
		out = append(out, lineTurn{t.Input, t.Output, t.Passages})
	}
	return out
}

// JSONL writes a line of JSON an item.
func (s Set) JSONL(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for _, item := range s.Items {
		l := s.line(item)
		l.Set, l.Labels = s.ID, map[string]any{}
		for _, c := range s.Rubric.Criteria {
			l.Labels[c.Name] = nil
		}
		if err := out.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

// maxLine bounds a line that is read.
const maxLine = 16 << 20

// readJSONL reads labelled lines; those that the page saves have the same form.
func (r *reading) readJSONL(in io.Reader) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		var l line
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		d.DisallowUnknownFields()
		if err := d.Decode(&l); err != nil {
			r.fault(n, "%s", lineFault(err))
			continue
		}
		levels := map[string]string{}
		for name, v := range l.Labels {
			switch v := v.(type) {
			case nil:
				levels[name] = ""
			case string:
				levels[name] = v
			case json.Number:
				levels[name] = v.String()
			default:
				levels[name] = fmt.Sprint(v)
			}
		}
		r.take(n, l.Item, levels, l.Comment, l.Labeler, l.At)
	}
	if lines.Err() != nil {
		r.fault(n+1, "the line is longer than %d MiB", maxLine>>20)
	}
}

// lineFault says what is wrong with a line, without a word of what it says.
func lineFault(err error) string {
	key, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	if name, bad := strconv.Unquote(key); unknown && bad == nil {
		return shown(name) + " is no key of an item: allowed are item, turns, a, b, labels, comment, labeler, set, at"
	}
	return "this is no JSON object of an item"
}
