package journal

import (
	"maps"
	"slices"
	"time"
)

// A field is one column of a T in the journal.
type field[T any] struct {
	number int // in logs on disk: never changed, never used again
	put    func(b []byte, row *T) []byte
	get    func(r *reader, wire int, row *T)
}

// fields are the columns of a T, by rising number.
type fields[T any] []field[T]

func (fs fields[T]) put(b []byte, row *T) []byte {
	for i := range fs {
		b = fs[i].put(b, row)
	}
	return b
}

func (fs fields[T]) get(r *reader, row *T) {
	for r.more() {
		number, wire := r.tag()
		if f := fs.field(number); f != nil {
			f.get(r, wire, row)
		} else {
			r.skip(wire)
		}
	}
}

// field returns the field of that number; nil where there is none. Numbers are
// dense at the start, so most are found at their place.
func (fs fields[T]) field(number int) *field[T] {
	if i := number - 1; i >= 0 && i < len(fs) && fs[i].number == number {
		return &fs[i]
	}
	i, found := slices.BinarySearchFunc(fs, number, func(f field[T], n int) int { return f.number - n })
	if !found {
		return nil
	}
	return &fs[i]
}

func text[T any, S ~string](number int, at func(*T) *S) field[T] {
	return field[T]{
		number,
		func(b []byte, row *T) []byte {
			if s := *at(row); s != "" {
				b = putText(b, number, string(s))
			}
			return b
		},
		func(r *reader, wire int, row *T) { *at(row) = S(r.text(wire)) },
	}
}

func integer[T any](number int, at func(*T) **int64) field[T] {
	return field[T]{
		number,
		func(b []byte, row *T) []byte {
			if v := *at(row); v != nil {
				b = putInt(b, number, *v)
			}
			return b
		},
		func(r *reader, wire int, row *T) { *at(row) = place(&r.arena.ints, r.int(wire)) },
	}
}

func double[T any](number int, at func(*T) **float64) field[T] {
	return field[T]{
		number,
		func(b []byte, row *T) []byte {
			if v := *at(row); v != nil {
				b = putDouble(b, number, *v)
			}
			return b
		},
		func(r *reader, wire int, row *T) { *at(row) = place(&r.arena.doubles, r.double(wire)) },
	}
}

func boolean[T any](number int, at func(*T) **bool) field[T] {
	return field[T]{
		number,
		func(b []byte, row *T) []byte {
			v := *at(row)
			switch {
			case v == nil:
				return b
			case *v:
				return putInt(b, number, 1)
			}
			return putInt(b, number, 0)
		},
		func(r *reader, wire int, row *T) { *at(row) = place(&r.arena.bools, r.int(wire) != 0) },
	}
}

// timestamp keeps microseconds.
func timestamp[T any](number int, at func(*T) *time.Time) field[T] {
	return field[T]{
		number,
		func(b []byte, row *T) []byte {
			if v := *at(row); !v.IsZero() {
				b = putInt(b, number, v.UnixMicro())
			}
			return b
		},
		func(r *reader, wire int, row *T) { *at(row) = time.UnixMicro(r.int(wire)).UTC() },
	}
}

// requiredInteger and requiredDouble are of columns without a null.
func requiredInteger[T any](number int, at func(*T) *int64) field[T] {
	return field[T]{
		number,
		func(b []byte, row *T) []byte { return putInt(b, number, *at(row)) },
		func(r *reader, wire int, row *T) { *at(row) = r.int(wire) },
	}
}

func requiredDouble[T any](number int, at func(*T) *float64) field[T] {
	return field[T]{
		number,
		func(b []byte, row *T) []byte { return putDouble(b, number, *at(row)) },
		func(r *reader, wire int, row *T) { *at(row) = r.double(wire) },
	}
}

// textMap is a field an entry, sorted so that equal rows have equal bytes.
func textMap[T any](number int, at func(*T) *map[string]string) field[T] {
	return field[T]{
		number,
		func(b []byte, row *T) []byte {
			m := *at(row)
			if len(m) == 0 {
				return b
			}
			for _, k := range slices.Sorted(maps.Keys(m)) {
				b = putNested(b, number, func(b []byte) []byte { return putText(putText(b, 1, k), 2, m[k]) })
			}
			return b
		},
		func(r *reader, wire int, row *T) {
			var e struct{ key, value string }
			r.nested(wire, func(r *reader) {
				for r.more() {
					switch number, wire := r.tag(); number {
					case 1:
						e.key = r.text(wire)
					case 2:
						e.value = r.text(wire)
					default:
						r.skip(wire)
					}
				}
			})
			if *at(row) == nil {
				*at(row) = map[string]string{}
			}
			(*at(row))[e.key] = e.value
		},
	}
}

// list is a field an element.
func list[T, E any](number int, elements *fields[E], at func(*T) *[]E) field[T] {
	return field[T]{
		number,
		func(b []byte, row *T) []byte {
			for i := range *at(row) {
				b = putNested(b, number, func(b []byte) []byte { return elements.put(b, &(*at(row))[i]) })
			}
			return b
		},
		func(r *reader, wire int, row *T) {
			var e E
			r.nested(wire, func(r *reader) { elements.get(r, &e) })
			*at(row) = append(*at(row), e)
		},
	}
}

// nested is a struct that may be absent.
func nested[T, E any](number int, inner *fields[E], at func(*T) **E) field[T] {
	return field[T]{
		number,
		func(b []byte, row *T) []byte {
			if v := *at(row); v != nil {
				b = putNested(b, number, func(b []byte) []byte { return inner.put(b, v) })
			}
			return b
		},
		func(r *reader, wire int, row *T) {
			v := new(E)
			r.nested(wire, func(r *reader) { inner.get(r, v) })
			*at(row) = v
		},
	}
}
