package importer

import (
	"embed"
	"slices"
	"sync"
)

//go:embed presets/*.yaml
var presetFiles embed.FS

// presets are the ready-made mappings by format; a source without a mapping is
// read by the first.
var presets = map[string][]string{
	"otlp":      {"otlp"},
	"langfuse":  {"langfuse", "langfuse-scores", "langfuse-judgments"},
	"tau-bench": {"tau-bench"},
}

// Presets returns the names of the ready-made mappings.
func Presets() []string {
	var names []string
	for _, format := range formats {
		names = append(names, presets[format]...)
	}
	return names
}

// Preset returns the text of a ready-made mapping, to print and adapt.
func Preset(name string) ([]byte, bool) {
	if !slices.Contains(Presets(), name) {
		return nil, false
	}
	text, err := presetFiles.ReadFile("presets/" + name + ".yaml")
	if err != nil {
		panic("importer: a preset without its file: " + err.Error())
	}
	return text, true
}

// readyMade returns the ready-made mapping of a format for rows of that kind, of the
// format's own kind where rows is empty; nil where there is none.
func readyMade(format, rows string) *Mapping {
	for _, m := range parsedPresets()[format] {
		if rows == "" || m.rows == rows {
			return m
		}
	}
	return nil
}

var parsedPresets = sync.OnceValue(func() map[string][]*Mapping {
	parsed := map[string][]*Mapping{}
	for format, names := range presets {
		for _, name := range names {
			parsed[format] = append(parsed[format], parsePreset(format, name))
		}
	}
	return parsed
})

func parsePreset(format, name string) *Mapping {
	text, _ := Preset(name)
	l := &faultList{file: "ready-made " + name + ".yaml"}
	m, err := parseMapping(l, format, text)
	if err == nil {
		m.check(l)
		err = l.err()
	}
	if err != nil {
		panic("importer: a preset with faults: " + err.Error())
	}
	for _, columns := range [][]column{m.columns, m.outcomes, m.attributes} {
		for i := range columns {
			columns[i].optional = true
		}
	}
	return m
}
