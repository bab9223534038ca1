package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"weir/analyze/lake"
)

// rowWriters write the answer to a query, by format.
var rowWriters = map[string]func(*lake.Table) func(io.Writer) error{
	"table": func(t *lake.Table) func(io.Writer) error { return prettyRows(t, table.Writer.Render) },
	"md":    func(t *lake.Table) func(io.Writer) error { return prettyRows(t, table.Writer.RenderMarkdown) },
	"csv":   csvRows,
	"json":  func(t *lake.Table) func(io.Writer) error { return jsonRows(t, "[\n  ", ",\n  ", "\n]\n", "[]\n") },
	"jsonl": func(t *lake.Table) func(io.Writer) error { return jsonRows(t, "", "\n", "\n", "") },
}

// prettyRows draws a table.
func prettyRows(t *lake.Table, render func(table.Writer) string) func(io.Writer) error {
	return func(w io.Writer) error {
		p := table.NewWriter()
		style := table.StyleDefault
		style.Options = table.OptionsNoBordersAndSeparators
		style.Format.Header = 0
		p.SetStyle(style)
		header := table.Row{}
		for _, c := range t.Columns {
			header = append(header, c)
		}
		p.AppendHeader(header)
		err := t.Each(func(row []any) error {
			out := make(table.Row, len(row))
			for i, v := range row {
				out[i] = word(v, "–")
			}
			p.AppendRow(out)
			return nil
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(w, render(p))
		return err
	}
}

// csvRows writes CSV; null is empty.
func csvRows(t *lake.Table) func(io.Writer) error {
	return func(w io.Writer) error {
		c := csv.NewWriter(w)
		if err := c.Write(t.Columns); err != nil {
			return err
		}
		err := t.Each(func(row []any) error {
			out := make([]string, len(row))
			for i, v := range row {
				out[i] = word(v, "")
			}
			return c.Write(out)
		})
		c.Flush()
		if err != nil {
			return err
		}
		return c.Error()
	}
}

// jsonRows writes an object a row, with keys in the order of the columns.
func jsonRows(t *lake.Table, open, between, end, none string) func(io.Writer) error {
	return func(w io.Writer) error {
		first := true
		err := t.Each(func(row []any) error {
			before := between
			if first {
				before, first = open, false
			}
			var b strings.Builder
			b.WriteString(before + "{")
			for i, v := range row {
				if i > 0 {
					b.WriteString(", ")
				}
				key, value, err := jsonPair(t.Columns[i], v)
				if err != nil {
					return err
				}
				b.WriteString(key + ": " + value)
			}
			b.WriteString("}")
			_, err := io.WriteString(w, b.String())
			return err
		})
		if err != nil {
			return err
		}
		if first {
			end = none
		}
		_, err = io.WriteString(w, end)
		return err
	}
}

func jsonPair(key string, v any) (string, string, error) {
	k, err := json.Marshal(key)
	if err != nil {
		return "", "", err
	}
	value, err := json.Marshal(encodable(v))
	return string(k), string(value), err
}

// encodable gives values the form they have in JSON: times are RFC 3339,
// numbers that JSON lacks are null.
func encodable(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = encodable(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = encodable(x)
		}
		return out
	}
	return v
}

// word writes a value as text; null as given.
func word(v any, null string) string {
	switch v := v.(type) {
	case nil:
		return null
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case []any, map[string]any:
		b, err := json.Marshal(encodable(v))
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(b)
	default:
		return fmt.Sprint(v)
	}
}

// writeJSON writes a value as indented JSON.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
