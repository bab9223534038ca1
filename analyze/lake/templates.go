package lake

import (
	"context"
	"embed"
	"strings"
	"text/template"
)

//go:embed sql/*.sql
var queryFiles embed.FS

var queries = template.Must(template.ParseFS(queryFiles, "sql/*.sql"))

// text writes a query with its parameters, which must be SQL already.
func text(name string, parameters any) string {
	var b strings.Builder
	if err := queries.ExecuteTemplate(&b, name+".sql", parameters); err != nil {
		panic("lake: query " + name + ": " + err.Error())
	}
	return b.String()
}

// run executes a query that returns nothing.
func (l *Lake) run(ctx context.Context, name string, parameters any) error {
	return l.exec(ctx, text(name, parameters))
}
