package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// A yield takes a record, the error of a row, or one that ends the file, and
// says whether to go on. After an error that is no RowError nothing follows.
type yield func(*record, error) bool

// readCSV reads rows of comma-separated values below a header (RFC 4180).
func readCSV(name string, count func(int), limit int64, yield yield) {
	t, err := openText(name, count)
	if err != nil {
		yield(nil, err)
		return
	}
	defer t.file.Close()
	bounded := &boundedReader{r: t.r, max: limit}
	reader := csv.NewReader(bounded)
	reader.ReuseRecord = true
	h, err := readHeader(t, reader)
	if err != nil {
		yield(nil, err)
		return
	}
	r := &record{position: position{file: name}, header: h, cells: make([]value, len(h.names))}
	for goOn := true; goOn; {
		bounded.mark()
		fields, err := reader.Read()
		switch {
		case err == io.EOF:
			return
		case err != nil:
			goOn = t.yieldCSVError(err, fields, len(h.names), yield)
		default:
			goOn = r.fill(fields, reader, yield)
		}
	}
}

// yieldCSVError says whether the file can be read on.
func (t *textFile) yieldCSVError(err error, fields []string, columns int, yield yield) bool {
	bad, fatal := csvError(t, err, len(fields), columns)
	if fatal != nil {
		yield(nil, fatal)
		return false
	}
	return yield(position{file: t.name, line: bad.Line}.unreadable(strings.Join(fields, ",")), bad)
}

// fill puts the fields of a row into the record and yields it.
func (r *record) fill(fields []string, reader *csv.Reader, yield yield) bool {
	line, _ := reader.FieldPos(0)
	r.line = int64(line)
	for i, field := range fields {
		r.cells[i] = textValue(field)
		if !utf8.ValidString(field) {
			return yield(r.unreadable(strings.Join(fields, ",")), r.bad(r.header.names[i], "", errors.New("is not UTF-8")))
		}
	}
	return yield(r, nil)
}

func readHeader(t *textFile, reader *csv.Reader) (*header, error) {
	fields, err := reader.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%s: is empty: a CSV file begins with a header", t.name)
	}
	if err != nil {
		bad, fatal := csvError(t, err, len(fields), len(fields))
		if fatal == nil {
			fatal = fmt.Errorf("the header: %v", bad) // no row that could be skipped
		}
		return nil, fatal
	}
	seen := map[string]bool{}
	for _, name := range fields {
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("%s: the header is not UTF-8", t.name)
		}
		if name != "" && seen[name] {
			return nil, fmt.Errorf("%s: the header has the column %q twice", t.name, name)
		}
		seen[name] = true
	}
	return newHeader(slices.Clone(fields), true), nil
}

// csvError tells a row that is bad by itself from a file that cannot be read
// on: after a quote that stays open over lines nobody knows where rows begin.
func csvError(t *textFile, err error, fields, columns int) (*RowError, error) {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		if errors.Is(err, errTooLong) {
			return nil, fmt.Errorf("%s: a row %w: is a quote left open?", t.name, err)
		}
		return nil, t.broken(err)
	}
	if parse.StartLine != parse.Line {
		return nil, fmt.Errorf("%s:%d: a quote opens here and is not closed properly until line %d: the rows cannot be told apart", t.name, parse.StartLine, parse.Line)
	}
	bad := &RowError{File: t.name, Line: int64(parse.StartLine), Problem: fmt.Sprintf("a quote out of place at character %d", parse.Column)}
	if errors.Is(err, csv.ErrFieldCount) {
		bad.Problem = fmt.Sprintf("holds %d fields, the header %d", fields, columns)
	}
	return bad, nil
}
