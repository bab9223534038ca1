package parquet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"weir/trace"
)

// Read returns the rows of one file of the lake, in file order, a batch at a time. A column that
// the file lacks, because it is older than the column, is null. An error ends the sequence; it
// names the file and says what to do.
func Read[T Row](path string) iter.Seq2[T, error] { return readColumns[T](path, nil) }

// ReadAll returns the rows of a table and an app, or of all apps where app is empty, file by
// file: [Lake.Files], and [Read] of each. It ends with the context's error where that is over.
func ReadAll[T Row](ctx context.Context, l *Lake, app string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		files, err := l.Files(tableOf[T]().table.Name, app)
		if err != nil {
			yield(none, err)
			return
		}
		for _, f := range files {
			for row, err := range Read[T](l.Path(f)) {
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					yield(none, err)
					return
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// readColumns reads only these columns, so that a search does not decode all text; nil means all.
// The others are null.
func readColumns[T Row](path string, only []string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		r, err := open(path)
		if err != nil {
			yield(none, err)
			return
		}
		defer r.Close()
		for g := range r.NumRowGroups() {
			rows, err := newRows[T](r, g, only)
			if err != nil {
				yield(none, unreadable(path, err))
				return
			}
			for range r.MetaData().RowGroup(g).NumRows() {
				row, err := rows.next()
				if err != nil {
					yield(none, unreadable(path, err))
					return
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// A reader is an open file of the lake.
type reader struct {
	*file.Reader
	path   string
	leaves map[string]int // by column, or column.member inside maps and lists
	tops   map[string]bool
}

func open(path string) (*reader, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: it was removed, or compacted since the lake's files were listed; list them again, and if it is still listed restore it from a backup", err)
	}
	if err != nil {
		return nil, err
	}
	r := &reader{path: path, leaves: map[string]int{}, tops: map[string]bool{}}
	err = guard(func() error {
		props := pq.NewReaderProperties(nil)
		props.BufferedStreamEnabled = true
		var err error
		r.Reader, err = file.NewParquetReader(f, file.WithReadProps(props))
		return err
	})
	if err != nil {
		return nil, errors.Join(unreadable(path, err), f.Close())
	}
	for i := range r.MetaData().Schema.NumColumns() {
		p := r.MetaData().Schema.Column(i).ColumnPath()
		key := p[0]
		if len(p) > 1 {
			key += "." + p[len(p)-1]
		}
		r.leaves[key] = i
		r.tops[p[0]] = true
	}
	return r, nil
}

func unreadable(path string, err error) error {
	return fmt.Errorf("%s cannot be read as a file of the lake: %w; it was cut short, damaged, or written by something else: restore it from a backup, or remove it and publish its rows again", path, err)
}

// guard turns a panic of the Parquet library, which damaged files can cause, into an error.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged: %v", p)
		}
	}()
	return f()
}

// rows reads one row group.
type rows[T Row] struct {
	table   *table[T]
	cursors []cursor
	err     error  // of any cursor
	app     string // of the folder, where the file has no such column
}

func newRows[T Row](r *reader, group int, only []string) (*rows[T], error) {
	t := tableOf[T]()
	rs := &rows[T]{table: t, cursors: make([]cursor, t.schema.NumColumns())}
	for i, c := range t.table.Columns {
		if only != nil && !slices.Contains(only, c.Name) {
			continue
		}
		if c.Name == "app" && !r.tops["app"] {
			rs.app = folderValue(r.path, "app")
			c.Required = rs.app == ""
		}
		if err := rs.bind(r, group, c, rs.cursors[t.first[i]:]); err != nil {
			return nil, err
		}
	}
	return rs, nil
}

// bind opens the column's cursors, one a leaf.
func (rs *rows[T]) bind(r *reader, group int, c trace.Column, cursors []cursor) error {
	if !r.tops[c.Name] {
		if c.Required {
			return fmt.Errorf("it has no column %s", c.Name)
		}
		return nil
	}
	parts := members(c.Type)
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = c.Name + "." + p.Name
	}
	if parts == nil {
		parts, names = []trace.Column{{Type: c.Type, Required: true}}, []string{c.Name}
	}
	for i, p := range parts {
		leaf, ok := r.leaves[names[i]]
		if !ok && p.Required {
			return fmt.Errorf("its column %s is not of type %s", c.Name, c.Type)
		}
		if !ok {
			continue
		}
		if err := cursors[i].open(r, group, leaf, p.Type, &rs.err); err != nil {
			return err
		}
	}
	return nil
}

func (rs *rows[T]) next() (T, error) {
	var row T
	for i := range rs.cursors {
		rs.cursors[i].next()
	}
	for i := range rs.table.fields {
		rs.table.fields[i].read(rs.cursors[rs.table.first[i]:], &row)
	}
	if rs.app != "" {
		*rs.table.app(&row) = rs.app
	}
	return row, rs.err
}

// folderValue returns the value of the innermost key=value folder of the path; empty where there
// is none.
func folderValue(path, key string) string {
	value := ""
	for part := range strings.SplitSeq(filepath.ToSlash(path), "/") {
		if v, ok := strings.CutPrefix(part, key+"="); ok {
			value = v
		}
	}
	return value
}

// fits reports whether this version can rewrite the file without losing anything: it has no
// column that this version does not know, and each in the type that this version writes.
func (r *reader) fits(l *layout) bool {
	have := r.MetaData().Schema
	for i := range have.NumColumns() {
		c := have.Column(i)
		known := l.schema.ColumnIndexByName(c.Path())
		if known < 0 || !sameLeaf(c, l.schema.Column(known)) {
			return false
		}
	}
	return true
}

func sameLeaf(a, b *schema.Column) bool {
	return a.PhysicalType() == b.PhysicalType() && a.LogicalType().Equals(b.LogicalType()) &&
		a.MaxDefinitionLevel() == b.MaxDefinitionLevel() && a.MaxRepetitionLevel() == b.MaxRepetitionLevel()
}
