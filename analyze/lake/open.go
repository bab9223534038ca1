package lake

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"weir/trace"
)

// Files names the Parquet files of a lake, by table, as paths that can be
// opened. A table without files is absent.
type Files map[string][]string

// Options bound what a Lake may use. The zero value is the default.
type Options struct {
	MemoryMB int // of DuckDB; 0 is 2,400
	Threads  int // 0 is all cores
	// TempDir is where larger intermediate results are spilled; empty is the
	// system's temporary folder. What processes that were killed left there of theirs
	// is removed by the next session.
	TempDir string
}

const defaultMemoryMB = 2400

// A Lake is an open DuckDB session over the files of one lake. It is not safe
// for concurrent use.
type Lake struct {
	db    *sql.DB
	conn  *sql.Conn
	files Files
	temp  *spill
}

// ErrFile says that a file of the lake cannot be read.
var ErrFile = errors.New("unreadable lake file")

// Open starts a session. Close it to free its memory and its temporary files.
func Open(ctx context.Context, files Files, o Options) (*Lake, error) {
	temp, err := newSpill(o.TempDir)
	if err != nil {
		return nil, err
	}
	connector, err := duckdb.NewConnector("", func(driver.ExecerContext) error { return nil })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lake: starting DuckDB: %w", err), temp.remove())
	}
	l := &Lake{db: sql.OpenDB(connector), files: files, temp: temp}
	if err := l.configure(ctx, o); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// configure bounds the session and makes the lake's tables visible as views.
func (l *Lake) configure(ctx context.Context, o Options) error {
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("lake: starting DuckDB: %w", err)
	}
	l.conn = conn
	memory := o.MemoryMB
	if memory == 0 {
		memory = defaultMemoryMB
	}
	settings := []string{
		"SET TimeZone = 'UTC'",
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET preserve_insertion_order = false",
		fmt.Sprintf("SET memory_limit = '%dMB'", memory),
		"SET temp_directory = " + literal(l.temp.dir),
	}
	if o.Threads > 0 {
		settings = append(settings, fmt.Sprintf("SET threads = %d", o.Threads))
	}
	for _, s := range settings {
		if err := l.exec(ctx, s); err != nil {
			return err
		}
	}
	for _, t := range trace.Tables() {
		if err := l.view(ctx, t, l.files[t.Name]); err != nil {
			return err
		}
	}
	return nil
}

// Show makes the tables that files names visible with these files alone; the others
// stay as they are.
func (l *Lake) Show(ctx context.Context, files Files) error {
	for _, t := range trace.Tables() {
		if paths, named := files[t.Name]; named {
			if err := l.view(ctx, t, paths); err != nil {
				return err
			}
		}
	}
	return nil
}

// view makes a table of the lake visible under its own name, with every column
// of today's schema: columns that the files lack are null, and a table without
// files is empty.
func (l *Lake) view(ctx context.Context, t trace.Table, files []string) error {
	columns := append(slices.Clone(t.Columns), trace.Column{Name: "date", Type: trace.Text})
	source, present := "(SELECT 1 WHERE false)", map[string]bool{}
	if len(files) > 0 {
		paths := make([]string, len(files))
		for i, f := range files {
			paths[i] = literal(noGlob.Replace(filepath.ToSlash(f)))
		}
		source = fmt.Sprintf("read_parquet([%s], union_by_name = true, hive_partitioning = false)", strings.Join(paths, ", "))
		var err error
		if present, err = l.columns(ctx, source); err != nil {
			return err
		}
	}
	var list []string
	for _, c := range columns {
		if present[c.Name] {
			list = append(list, quote(c.Name)+"::"+sqlTypes[c.Type]+" AS "+quote(c.Name))
		} else {
			list = append(list, "NULL::"+sqlTypes[c.Type]+" AS "+quote(c.Name))
		}
	}
	return l.exec(ctx, fmt.Sprintf("CREATE OR REPLACE VIEW %s AS SELECT %s FROM %s", t.Name, strings.Join(list, ", "), source))
}

// noGlob takes a path by its letters, not as a pattern.
var noGlob = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

// columns names the columns of a source.
func (l *Lake) columns(ctx context.Context, source string) (map[string]bool, error) {
	rows, err := l.conn.QueryContext(ctx, "SELECT column_name FROM (DESCRIBE FROM "+source+")")
	if err != nil {
		return nil, l.explain(err)
	}
	defer rows.Close()
	names := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, l.explain(err)
		}
		names[name] = true
	}
	return names, rows.Err()
}

// sqlTypes are DuckDB's names of the column types.
var sqlTypes = map[trace.Type]string{
	trace.Text: "VARCHAR", trace.Integer: "BIGINT", trace.Double: "DOUBLE", trace.Boolean: "BOOLEAN",
	trace.Timestamp: "TIMESTAMPTZ", trace.Money: "DECIMAL(18,9)", trace.TextMap: "MAP(VARCHAR, VARCHAR)",
	trace.PassageList: "STRUCT(rank BIGINT, doc_id VARCHAR, score DOUBLE, text VARCHAR)[]",
	trace.SpanList:    "STRUCT(name VARCHAR, start_ms DOUBLE, duration_ms DOUBLE)[]",
}

// Close ends the session and removes its temporary files. It is idempotent.
func (l *Lake) Close() error {
	var errs []error
	if l.conn != nil {
		errs = append(errs, l.conn.Close())
		l.conn = nil
	}
	errs = append(errs, l.db.Close(), l.temp.remove())
	return errors.Join(errs...)
}

// exec runs a statement without result.
func (l *Lake) exec(ctx context.Context, query string, args ...any) error {
	if _, err := l.conn.ExecContext(ctx, query, args...); err != nil {
		return l.explain(err)
	}
	return nil
}

// explain gives a DuckDB error the shape of Weir's: which file, what to do.
func (l *Lake) explain(err error) error {
	text := err.Error()
	for _, files := range l.files {
		for _, f := range files {
			if strings.Contains(text, filepath.ToSlash(f)) {
				return fmt.Errorf("%w: %s: it is truncated, not Parquet, or not of Weir's schema; restore it or remove it from the lake (%s)", ErrFile, f, firstLine(text))
			}
		}
	}
	return fmt.Errorf("lake: %w", err)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// OutOfMemory tells whether an error is that of a query that would need more than
// it may have.
func OutOfMemory(err error) bool {
	var d *duckdb.Error
	return errors.As(err, &d) && d.Type == duckdb.ErrorTypeOutOfMemory
}

// literal writes a string as an SQL literal.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// quote writes an identifier.
func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
