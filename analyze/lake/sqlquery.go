package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrQuery says that a query could not be carried out.
var ErrQuery = errors.New("query")

// A Table is the answer to a query.
type Table struct {
	Columns []string
	rows    *sql.Rows
}

// Query runs one SQL statement over the views of the lake's tables. From then
// on the session may read nothing but those files, change no setting and load no extension. Close the table.
func (l *Lake) Query(ctx context.Context, query string) (*Table, error) {
	if err := l.lockDown(ctx); err != nil {
		return nil, err
	}
	if err := l.onlySelects(ctx, query); err != nil {
		return nil, err
	}
	rows, err := l.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrQuery, err)
	}
	columns, err := rows.Columns()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrQuery, err), rows.Close())
	}
	return &Table{Columns: columns, rows: rows}, nil
}

// onlySelects refuses statements that could write.
func (l *Lake) onlySelects(ctx context.Context, query string) error {
	var refused bool
	var kind, why sql.NullString
	err := l.conn.QueryRowContext(ctx, "SELECT (s->>'error')::BOOLEAN, s->>'error_type', s->>'error_message' FROM (SELECT json_serialize_sql(?::VARCHAR) AS s)", query).Scan(&refused, &kind, &why)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrQuery, err)
	}
	if refused && kind.String == "parser" {
		return fmt.Errorf("%w: Parser Error: %s", ErrQuery, why.String)
	}
	if refused {
		return fmt.Errorf("%w: only SELECT is allowed: %s", ErrQuery, why.String)
	}
	return nil
}

// lockDown leaves a stranger's SQL nothing but the lake's files.
func (l *Lake) lockDown(ctx context.Context) error {
	var paths []string
	for _, files := range l.files {
		paths = append(paths, files...)
	}
	return errors.Join(
		l.exec(ctx, "SET allowed_paths = "+list(paths)),
		l.exec(ctx, "SET enable_external_access = false"),
		l.exec(ctx, "SET lock_configuration = true"),
	)
}

// list writes texts as an SQL list.
func list(texts []string) string {
	s := "["
	for i, t := range texts {
		if i > 0 {
			s += ", "
		}
		s += literal(t)
	}
	return s + "]"
}

// Each gives every row to f, as Go's own values; f may not keep its argument.
// It ends at f's first error.
func (t *Table) Each(f func(row []any) error) error {
	row := make([]any, len(t.Columns))
	into := make([]any, len(row))
	for i := range row {
		into[i] = &row[i]
	}
	for t.rows.Next() {
		if err := t.rows.Scan(into...); err != nil {
			return fmt.Errorf("%w: %w", ErrQuery, err)
		}
		for i := range row {
			row[i] = plain(row[i])
		}
		if err := f(row); err != nil {
			return err
		}
	}
	if err := t.rows.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrQuery, err)
	}
	return nil
}

// Close frees the table.
func (t *Table) Close() error { return t.rows.Close() }
