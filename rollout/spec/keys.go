package spec

import (
	"fmt"
	"strings"
)

// A Key is one key of the file, as the documentation shows it.
type Key struct {
	Path     string // metrics[].margin, versions.NAME.upstream
	Type     string
	Default  string // as it would be written; empty where there is none
	Absent   string // what its absence means, where Default does not say it
	Doc      string
	Required bool // inside its parent
}

// Keys lists every key, parents before what they hold.
func Keys() []Key { return releaseKind.inner("") }

// describe lists the keys of a mapping; from holds the defaults.
func describe[T any](keys []key[T], path string, from T) []Key {
	var out []Key
	for _, k := range keys {
		at := strings.TrimPrefix(path+"."+k.name, ".")
		described := Key{Path: at, Type: k.kind, Absent: k.absence, Doc: k.doc, Required: k.required}
		described.Default = plain(k.defaultIn(from))
		inside := k.inner(at)
		if inside != nil && !k.required && described.Default+described.Absent == "" {
			described.Absent = "the defaults of the keys inside"
		}
		out = append(append(out, described), inside...)
	}
	return out
}

// Doc is the table of every key in Markdown.
func Doc() []byte {
	var out strings.Builder
	out.WriteString("| key | type | absent | meaning |\n| --- | --- | --- | --- |\n")
	for _, k := range Keys() {
		absent := k.Absent
		switch {
		case k.Required:
			absent = "required"
		case k.Default != "":
			absent = "`" + k.Default + "`"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", k.Path, escape(k.Type), escape(absent), escape(k.Doc))
	}
	return []byte(out.String())
}

func escape(cell string) string { return strings.ReplaceAll(cell, "|", `\|`) }

// plain shows a value as it would be written: text as it is, nothing for
// nothing, else JSON in a line.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return strings.TrimSpace(string(encode(v, "")))
}
