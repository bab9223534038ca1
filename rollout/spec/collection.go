package spec

import (
	"github.com/goccy/go-yaml/ast"

	"weir/internal/yamltree"
)

// list is a list of a kind; absent, it is empty.
func list[E any](of kind[E]) kind[[]E] {
	return kind[[]E]{
		name: "list of " + of.name, want: "a list: each element " + of.want,
		fresh:  func() []E { return []E{} },
		schema: func() map[string]any { return map[string]any{"type": "array", "items": of.schema()} },
		read: func(d *decoder, path string, into *[]E) {
			nodes, ok := d.sequence(path)
			if !ok {
				return
			}
			*into = make([]E, len(nodes))
			for i, n := range nodes {
				(*into)[i] = of.zero()
				readAt(d, of, n, item(path, i), &(*into)[i])
			}
		},
		write: func(values []E) any {
			if values == nil {
				return nil
			}
			out := make([]any, len(values))
			for i, v := range values {
				out[i] = of.write(v)
			}
			return out
		},
		inner: func(path string) []Key { return innerKeys(of, path+"[]") },
	}
}

// oneOrMore is a list that may be written as its only element.
func oneOrMore[E any](of kind[E]) kind[[]E] {
	one := list(of)
	one.name, one.schema = of.name, of.schema
	one.read = func(d *decoder, path string, into *[]E) {
		element := of.zero()
		of.read(d, path, &element)
		*into = []E{element}
	}
	k := either(one, list(of))
	k.want = of.want + ", or a list of these"
	return k
}

// wantSome records a fault where a list was written without elements.
func wantSome[E any](d *decoder, path string, values []E) {
	if d.has(path) && len(values) == 0 {
		d.fault(path, "the list is empty", "write at least one element")
	}
}

// dict is a mapping from names of the writer's choice; allow refuses one that
// cannot be.
func dict[V any](placeholder string, of kind[V], allow func(name string) error) kind[map[string]V] {
	return kind[map[string]V]{
		name: "map of " + placeholder + " to " + of.name, want: "a mapping: each value " + of.want,
		schema: func() map[string]any {
			return map[string]any{"type": "object", "additionalProperties": of.schema()}
		},
		read: func(d *decoder, path string, into *map[string]V) {
			entries, ok := d.mapping(path)
			if !ok {
				return
			}
			*into = make(map[string]V, len(entries))
			for _, e := range entries {
				if err := allow(e.name); err != nil {
					line, column := yamltree.Position(e.key)
					d.faultAt(line, column, path, err.Error(), "")
					continue
				}
				v := of.zero()
				readAt(d, of, e.value, under(path, e.name), &v)
				(*into)[e.name] = v
			}
		},
		write: func(values map[string]V) any {
			if values == nil {
				return nil
			}
			out := make(map[string]any, len(values))
			for name, v := range values {
				out[name] = of.write(v)
			}
			return out
		},
		inner: func(path string) []Key { return innerKeys(of, path+"."+placeholder) },
	}
}

// optional is a kind whose absence is nil.
func optional[T any](of kind[T]) kind[*T] {
	return kind[*T]{
		name: of.name, want: of.want, schema: of.schema, inner: of.inner,
		read: func(d *decoder, path string, into **T) {
			v := of.zero()
			of.read(d, path, &v)
			*into = &v
		},
		write: func(v *T) any {
			if v == nil {
				return nil
			}
			return of.write(*v)
		},
	}
}

// either is a kind written as a scalar or as a composite, a mapping or a list.
// What the scalar cannot write the composite writes.
func either[T any](simple, composite kind[T]) kind[T] {
	isComposite := func(n ast.Node) bool {
		switch n.(type) {
		case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
			return true
		}
		return false
	}
	return kind[T]{
		name: simple.name + " | " + composite.name, want: simple.want + ", or " + composite.want, fresh: simple.fresh, inner: composite.inner,
		schema: func() map[string]any {
			return map[string]any{"anyOf": []any{simple.schema(), composite.schema()}}
		},
		read: func(d *decoder, path string, into *T) {
			if isComposite(d.values[path].node) {
				*into = composite.zero()
				composite.read(d, path, into)
				return
			}
			simple.read(d, path, into)
		},
		write: func(v T) any {
			if out := simple.write(v); out != nil {
				return out
			}
			return composite.write(v)
		},
	}
}
