package label

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"weir/judge"
)

// The columns of a table beside those of the criteria.
const (
	columnItem     = "item"
	columnDialogue = "dialogue"
	columnA        = "dialogue_a" // of a pair
	columnB        = "dialogue_b"
	columnComment  = "comment"
	columnLabeler  = "labeler"
	columnAt       = "at" // read where it is there
)

// CSV writes a table, a row an item, with a column a criterion to be filled in: a
// level's number, of a pair A, B or tie; or skip. Spreadsheets are kept from taking text for formulas.
func (s Set) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	header := []string{columnItem, columnDialogue}
	if s.Mode == judge.Pairwise {
		header = []string{columnItem, columnA, columnB}
	}
	for _, c := range s.Rubric.Criteria {
		header = append(header, c.Name)
	}
	rows := [][]string{append(header, columnComment, columnLabeler)}
	for _, item := range s.Items {
		row := []string{item.ID}
		for _, d := range item.Shown {
			row = append(row, harmless(transcript(d, s.Rubric.Language)))
		}
		rows = append(rows, append(row, make([]string, len(s.Rubric.Criteria)+2)...))
	}
	return out.WriteAll(rows)
}

// harmless keeps a text from being a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// readCSV reads a filled-in table.
func (r *reading) readCSV(in io.Reader) {
	rows := csv.NewReader(in)
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if err != nil {
		r.fault(1, "there is no header: write %s and the criteria", columnItem)
		return
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	if !slices.Contains(header, columnItem) {
		r.fault(1, "there is no column %s", columnItem)
		return
	}
	for _, c := range r.rubric.Criteria {
		if !slices.Contains(header, c.Name) {
			r.fault(1, "there is no column %s, a criterion of %s", c.Name, r.rubric.Name)
		}
	}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return
		}
		if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
			r.fault(bad.StartLine, "the row cannot be read as CSV: check its quotes")
			return
		}
		if err != nil {
			r.faults = append(r.faults, fmt.Errorf("%s: %w", r.name, err))
			return
		}
		line, _ := rows.FieldPos(0)
		if len(row) != len(header) {
			r.fault(line, "the row has %d cells, the header %d", len(row), len(header))
			continue
		}
		cells := map[string]string{}
		for i, name := range header {
			cells[name] = strings.TrimSpace(row[i])
		}
		levels := map[string]string{}
		for _, c := range r.rubric.Criteria {
			levels[c.Name] = cells[c.Name]
		}
		r.take(line, cells[columnItem], levels, cells[columnComment], cells[columnLabeler], cells[columnAt])
	}
}
