package parquet

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"weir/trace"
)

// A field moves one column between rows of type T and leaves. Its functions see the index of
// the column's first leaf.
type field[T any] struct {
	name     string
	kind     trace.Type
	required bool
	// length counts the bytes of text; nil where there is none.
	length func(row *T) int
	// check says why the value cannot be written; nil where every value can.
	check func(row *T) error
	write func(b *block, leaf int, row *T)
	// read takes the value from cursors that stand on the row's first level.
	read func(c []cursor, row *T)
}

// maxText bounds the text of one row: 512 MiB, a quarter of what a Parquet page can hold, since
// bytes that are not UTF-8 grow.
const maxText = 512 << 20

var (
	errEmpty    = errors.New("is empty; every row needs one")
	errLong     = errors.New("the row holds more than 512 MiB of text")
	errInfinite = errors.New("is infinite; unknown is null")
	errNaN      = errors.New("is not a number; every row needs one")
	errYear     = errors.New("lies outside the years 1 to 9999")
	errMoney    = errors.New("does not lie within one thousand million dollars")
	errKey      = errors.New("has a key that is not UTF-8")
)

// text is null where empty. What is not UTF-8 becomes U+FFFD: one bad byte in a Parquet file
// makes other engines refuse all of it.
func text[T any](name string, at func(*T) *string) field[T] {
	return field[T]{
		name: name, kind: trace.Text,
		length: func(row *T) int { return len(*at(row)) },
		write: func(b *block, leaf int, row *T) {
			if s := *at(row); s != "" {
				b.putText(leaf, valid(s))
			} else {
				b.leaves[leaf].null()
			}
		},
		read: func(c []cursor, row *T) {
			if c[0].present() {
				*at(row) = c[0].text()
			}
		},
	}
}

func requiredText[T any](name string, at func(*T) *string) field[T] {
	f := text(name, at)
	f.required = true
	f.check = func(row *T) error {
		if *at(row) == "" {
			return errEmpty
		}
		return nil
	}
	return f
}

func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func integer[T any](name string, at func(*T) **int64) field[T] {
	return field[T]{
		name: name, kind: trace.Integer,
		write: func(b *block, leaf int, row *T) {
			if p := *at(row); p != nil {
				b.leaves[leaf].putInt(*p)
			} else {
				b.leaves[leaf].null()
			}
		},
		read: func(c []cursor, row *T) {
			if c[0].present() {
				v := c[0].int()
				*at(row) = &v
			}
		},
	}
}

func requiredInteger[T any](name string, at func(*T) *int64) field[T] {
	return field[T]{
		name: name, kind: trace.Integer, required: true,
		write: func(b *block, leaf int, row *T) { b.leaves[leaf].putInt(*at(row)) },
		read: func(c []cursor, row *T) {
			if c[0].present() {
				*at(row) = c[0].int()
			}
		},
	}
}

// double is null where NaN.
func double[T any](name string, at func(*T) **float64) field[T] {
	return field[T]{
		name: name, kind: trace.Double,
		check: func(row *T) error {
			if p := *at(row); p != nil && math.IsInf(*p, 0) {
				return errInfinite
			}
			return nil
		},
		write: func(b *block, leaf int, row *T) {
			if p := *at(row); known(p) {
				b.leaves[leaf].putDouble(*p)
			} else {
				b.leaves[leaf].null()
			}
		},
		read: func(c []cursor, row *T) {
			if c[0].present() {
				v := c[0].double()
				*at(row) = &v
			}
		},
	}
}

func known(p *float64) bool { return p != nil && !math.IsNaN(*p) }

func requiredDouble[T any](name string, at func(*T) *float64) field[T] {
	return field[T]{
		name: name, kind: trace.Double, required: true,
		check: func(row *T) error {
			switch v := *at(row); {
			case math.IsNaN(v):
				return errNaN
			case math.IsInf(v, 0):
				return errInfinite
			}
			return nil
		},
		write: func(b *block, leaf int, row *T) { b.leaves[leaf].putDouble(*at(row)) },
		read: func(c []cursor, row *T) {
			if c[0].present() {
				*at(row) = c[0].double()
			}
		},
	}
}

func boolean[T any](name string, at func(*T) **bool) field[T] {
	return field[T]{
		name: name, kind: trace.Boolean,
		write: func(b *block, leaf int, row *T) {
			if p := *at(row); p != nil {
				b.leaves[leaf].putBool(*p)
			} else {
				b.leaves[leaf].null()
			}
		},
		read: func(c []cursor, row *T) {
			if c[0].present() {
				v := c[0].bool()
				*at(row) = &v
			}
		},
	}
}

// timestamp is null where zero, and cut to the microsecond.
func timestamp[T any](name string, at func(*T) *time.Time) field[T] {
	return field[T]{
		name: name, kind: trace.Timestamp,
		check: func(row *T) error {
			if t := *at(row); !t.IsZero() && (t.UTC().Year() < 1 || t.UTC().Year() > 9999) {
				return errYear
			}
			return nil
		},
		write: func(b *block, leaf int, row *T) {
			if t := *at(row); !t.IsZero() {
				b.leaves[leaf].putInt(t.UnixMicro())
			} else {
				b.leaves[leaf].null()
			}
		},
		read: func(c []cursor, row *T) {
			if c[0].present() {
				*at(row) = time.UnixMicro(c[0].int()).UTC()
			}
		},
	}
}

// money is null where NaN, and rounded to the nano-dollar. A value of at most nine decimals and
// below two million dollars comes back as the same float64.
func money[T any](name string, at func(*T) **float64) field[T] {
	const unit = 1e9 // nano-dollars in a dollar: 10 to the moneyScale
	return field[T]{
		name: name, kind: trace.Money,
		check: func(row *T) error {
			if p := *at(row); known(p) && math.Abs(*p) >= 1e9 {
				return errMoney
			}
			return nil
		},
		write: func(b *block, leaf int, row *T) {
			if p := *at(row); known(p) {
				b.leaves[leaf].putInt(int64(math.Round(*p * unit)))
			} else {
				b.leaves[leaf].null()
			}
		},
		read: func(c []cursor, row *T) {
			if c[0].present() {
				v := float64(c[0].int()) / unit
				*at(row) = &v
			}
		},
	}
}

// textMap is null where nil, and written in the order of its keys so that equal rows make equal
// files.
func textMap[T any](name string, at func(*T) *map[string]string) field[T] {
	return field[T]{
		name: name, kind: trace.TextMap,
		length: func(row *T) int {
			n := 0
			for k, v := range *at(row) {
				n += len(k) + len(v)
			}
			return n
		},
		check: func(row *T) error {
			for k := range *at(row) {
				if !utf8.ValidString(k) {
					return errKey
				}
			}
			return nil
		},
		write: func(b *block, leaf int, row *T) {
			m := *at(row)
			if len(m) == 0 {
				b.noEntries(leaf, 2, m != nil)
				return
			}
			b.keys = b.keys[:0]
			for k := range m {
				b.keys = append(b.keys, k)
			}
			slices.Sort(b.keys)
			for i, k := range b.keys {
				b.entry(leaf, 2, i)
				b.putText(leaf, k)
				b.putText(leaf+1, valid(m[k]))
			}
		},
		read: func(c []cursor, row *T) {
			entries(c[:2], func() { *at(row) = map[string]string{} }, func() {
				k := c[0].text()
				if c[1].present() {
					(*at(row))[k] = c[1].text()
				}
			})
		},
	}
}

// list is null where nil. Its members are the fields of one element.
func list[T, E any](name string, kind trace.Type, at func(*T) *[]E, members ...field[E]) field[T] {
	return field[T]{
		name: name, kind: kind,
		length: func(row *T) int {
			n := 0
			for i := range *at(row) {
				n += lengthOf(members, &(*at(row))[i])
			}
			return n
		},
		check: func(row *T) error {
			for i := range *at(row) {
				if err := checkAll(members, &(*at(row))[i]); err != nil {
					return fmt.Errorf("element %d: %w", i+1, err)
				}
			}
			return nil
		},
		write: func(b *block, leaf int, row *T) {
			elements := *at(row)
			if len(elements) == 0 {
				b.noEntries(leaf, len(members), elements != nil)
			}
			for i := range elements {
				b.entry(leaf, len(members), i)
				for m := range members {
					members[m].write(b, leaf+m, &elements[i])
				}
			}
		},
		read: func(c []cursor, row *T) {
			entries(c[:len(members)], func() { *at(row) = []E{} }, func() {
				var e E
				for m := range members {
					members[m].read(c[m:], &e)
				}
				*at(row) = append(*at(row), e)
			})
		},
	}
}

// noEntries writes an empty or, unless present, a null map or list.
func (b *block) noEntries(leaf, leaves int, present bool) {
	def := int16(0)
	if present {
		def = 1
	}
	for i := leaf; i < leaf+leaves; i++ {
		b.leaves[i].defs = append(b.leaves[i].defs, def)
		b.leaves[i].reps = append(b.leaves[i].reps, 0)
	}
}

// entry begins entry i of a map or list.
func (b *block) entry(leaf, leaves, i int) {
	rep := int16(min(i, 1))
	for i := leaf; i < leaf+leaves; i++ {
		b.leaves[i].reps = append(b.leaves[i].reps, rep)
	}
}

// checkAll says which field of the row cannot be written, and why.
func checkAll[T any](fields []field[T], row *T) error {
	for i := range fields {
		if fields[i].check == nil {
			continue
		}
		if err := fields[i].check(row); err != nil {
			return fmt.Errorf("%s %w", fields[i].name, err)
		}
	}
	return nil
}

// lengthOf returns the bytes of text in the row.
func lengthOf[T any](fields []field[T], row *T) int {
	n := 0
	for i := range fields {
		if fields[i].length != nil {
			n += fields[i].length(row)
		}
	}
	return n
}
