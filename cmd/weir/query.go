package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"weir/analyze/lake"
	"weir/internal/app"
)

var queryFormats = []string{"table", "json", "jsonl", "csv", "md"}

func newQuery() *cobra.Command {
	var dir, format, output, name string
	var list bool
	cmd := &cobra.Command{
		Use:   `query --lake DIR ("SELECT ..." | NAME)`,
		Short: "SQL on the lake",
		Long: `Run SQL (DuckDB's) over the lake's tables traces, contents, outcomes, judgments,
labels and losses. The lake is only read, and nothing else can be reached. The
columns are in docs/schema.md. Ready queries are run by their names; --list shows
them with their SQL.`,
		Example: `  weir query --lake lake "select assigned_version, count(*) from traces group by 1"
  weir query latency-by-version --lake lake --format json`,
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, queryFormats...); err != nil {
				return err
			}
			if list {
				return listQueries(cmd, format)
			}
			if err := checkLake(dir); err != nil {
				return err
			}
			sql, err := statement(name, args)
			if err != nil {
				return err
			}
			return writeQuery(cmd, dir, sql, format, output)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&dir, "lake", "", "folder of the lake")
	flags.StringVar(&format, "format", "table", strings.Join(queryFormats, ", "))
	flags.StringVar(&output, "output", "", "write to this file instead of standard output")
	flags.StringVar(&name, "name", "", "run this ready query")
	flags.BoolVar(&list, "list", false, "list the ready queries with their SQL")
	return cmd
}

// statement is the SQL of the argument, or of the ready query of that name.
func statement(name string, args []string) (string, error) {
	given := strings.TrimSpace(strings.Join(args, "")) // at most one
	if (name == "") == (given == "") {
		return "", usage("give one SQL statement, or the name of a ready query (--list shows them)")
	}
	if name == "" {
		if !readyName.MatchString(given) {
			return given, nil
		}
		name = given
	}
	var names []string
	for _, q := range lake.ReadyQueries() {
		if q.Name == name {
			return q.SQL, nil
		}
		names = append(names, q.Name)
	}
	return "", usage("there is no ready query %q%s; weir query --list shows them", name, hint(name, names))
}

// readyName is what names of ready queries look like; no SQL statement is one word.
var readyName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

func listQueries(cmd *cobra.Command, format string) error {
	if format == "json" {
		return writeJSON(cmd.OutOrStdout(), lake.ReadyQueries())
	}
	for _, q := range lake.ReadyQueries() {
		fmt.Fprintf(cmd.OutOrStdout(), "%s\n  %s\n%s\n", q.Name, q.About, indent(strings.TrimSpace(q.SQL)))
	}
	return nil
}

func indent(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") + "\n" }

// writeQuery runs the statement and writes its rows.
func writeQuery(cmd *cobra.Command, dir, sql, format, output string) (err error) {
	l, err := app.OpenLake(cmd.Context(), dir, lake.Options{})
	if err != nil {
		return err
	}
	defer l.Close()
	t, err := l.Query(cmd.Context(), sql)
	if err != nil {
		return err
	}
	defer t.Close()
	return writeOutput(output, cmd.OutOrStdout(), rowWriters[format](t))
}
