package spec

import "github.com/goccy/go-yaml/ast"

// A kind is a type of value of the file: how it is read, written and
// described.
type kind[T any] struct {
	name  string   // in the documentation: share, list of text
	want  string   // in faults, after "write": a share such as 5%
	fresh func() T // the value where nothing is written; nil: the zero value
	// read decodes the value at path into one that holds its default. What
	// cannot be read is a fault and leaves the default.
	read func(d *decoder, path string, into *T)
	// write gives the value as it would be written in JSON; nil where a key
	// would be left out.
	write  func(T) any
	schema func() map[string]any
	inner  func(path string) []Key // the keys inside; nil: none
}

func (k kind[T]) zero() T {
	if k.fresh == nil {
		var zero T
		return zero
	}
	return k.fresh()
}

// or is the kind with a default.
func or[T any](k kind[T], value T) kind[T] {
	k.fresh = func() T { return value }
	return k
}

// starting is the kind whose values begin with what set does to them.
func starting[T any](of kind[T], set func(*T)) kind[T] {
	before := of.zero
	of.fresh = func() T {
		v := before()
		set(&v)
		return v
	}
	return of
}

// blank is the kind for which the zero value says that nothing is written.
func blank[T comparable](of kind[T]) kind[T] {
	write := of.write
	of.write = func(v T) any {
		var zero T
		if v == zero {
			return nil
		}
		return write(v)
	}
	return of
}

// readAt reads the value at path and remembers where it stands.
func readAt[T any](d *decoder, k kind[T], n ast.Node, path string, into *T) {
	d.values[path] = value{n, k.want}
	k.read(d, path, into)
}

func innerKeys[T any](k kind[T], path string) []Key {
	if k.inner == nil {
		return nil
	}
	return k.inner(path)
}
