package lake

import (
	"embed"
	"path"
	"strings"
)

//go:embed ready/*.sql
var readyFiles embed.FS

// A Ready query is one that people ask often.
type Ready struct {
	Name  string
	About string // a sentence
	SQL   string
}

// ReadyQueries lists them by name.
func ReadyQueries() []Ready {
	entries, err := readyFiles.ReadDir("ready")
	if err != nil {
		panic("lake: " + err.Error())
	}
	var out []Ready
	for _, e := range entries {
		text, err := readyFiles.ReadFile(path.Join("ready", e.Name()))
		if err != nil {
			panic("lake: " + err.Error())
		}
		about, sql, _ := strings.Cut(string(text), "\n")
		out = append(out, Ready{strings.TrimSuffix(e.Name(), ".sql"), strings.TrimPrefix(about, "-- "), sql})
	}
	return out
}
