package spec

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/yamltree"
)

// A key is a row of the table that states the file: one key of a T.
type key[T any] struct {
	name     string
	doc      string // what the value says
	absence  string // what its absence means, where that is not a default
	required bool

	kind   string // the name of the value's kind
	reset  func(into *T)
	read   func(d *decoder, n ast.Node, path string, into *T)
	write  func(from T) any
	schema func() map[string]any
	inner  func(path string) []Key
}

// field is the key that fills the field ref points at.
func field[T, V any](name string, of kind[V], ref func(*T) *V, doc string) key[T] {
	return key[T]{
		name: name, doc: doc, kind: of.name, schema: of.schema,
		reset: func(into *T) { *ref(into) = of.zero() },
		read: func(d *decoder, n ast.Node, path string, into *T) {
			readAt(d, of, n, path, ref(into))
		},
		write: func(from T) any { return of.write(*ref(&from)) },
		inner: func(path string) []Key { return innerKeys(of, path) },
	}
}

// must makes the key a required one.
func (k key[T]) must() key[T] {
	k.required = true
	return k
}

// absent states what it means that the key is absent.
func (k key[T]) absent(meaning string) key[T] {
	k.absence = meaning
	return k
}

// object is a mapping with the keys of a table.
func object[T any](keys ...key[T]) kind[T] {
	fresh := func() T {
		var t T
		for _, k := range keys {
			k.reset(&t)
		}
		return t
	}
	return kind[T]{
		name: "mapping", want: "a mapping of " + gist(keys), fresh: fresh,
		read:   func(d *decoder, path string, into *T) { readKeys(d, keys, path, into) },
		write:  func(v T) any { return writeKeys(keys, v) },
		schema: func() map[string]any { return objectSchema(keys, fresh()) },
		inner:  func(path string) []Key { return describe(keys, path, fresh()) },
	}
}

// readKeys reads the mapping at path; what is not written keeps its default.
func readKeys[T any](d *decoder, keys []key[T], path string, into *T) {
	entries, ok := d.mapping(path)
	if !ok {
		return
	}
	written := map[string]entry{}
	for _, e := range entries {
		written[e.name] = e
		d.known(e, path, names(keys))
	}
	for _, k := range keys {
		if e, ok := written[k.name]; ok {
			k.read(d, e.value, under(path, k.name), into)
		} else if k.required {
			d.fault(under(path, k.name), "missing", "it is required")
		}
	}
}

func names[T any](keys []key[T]) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.name
	}
	return out
}

// gist names the keys that matter most: the required ones, or all.
func gist[T any](keys []key[T]) string {
	required := slices.DeleteFunc(slices.Clone(keys), func(k key[T]) bool { return !k.required })
	if len(required) == 0 || len(required) == len(keys) {
		return strings.Join(names(keys), ", ")
	}
	return strings.Join(names(required), ", ") + " and more"
}

// known records a fault where the key is not one of names.
func (d *decoder) known(e entry, path string, names []string) {
	if slices.Contains(names, e.name) {
		return
	}
	hint := "known are " + strings.Join(names, ", ")
	if name, ok := fault.Nearest(e.name, names); ok {
		hint = "did you mean " + name + "?"
	}
	line, column := yamltree.Position(e.key)
	d.faultAt(line, column, under(path, e.name), "unknown key", hint)
}

// writeKeys gives the mapping as it would be written in JSON, without the
// keys that would be left out.
func writeKeys[T any](keys []key[T], v T) map[string]any {
	out := map[string]any{}
	for _, k := range keys {
		if written := k.write(v); written != nil {
			out[k.name] = written
		}
	}
	return out
}
