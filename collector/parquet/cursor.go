package parquet

import (
	"errors"
	"fmt"
	"math"

	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"weir/trace"
)

// cursorBatch is how many levels a cursor reads at once, at most.
const cursorBatch = 1024

// A cursor walks over one leaf of a row group, level by level. The zero cursor is that of a leaf
// which the file lacks: all null.
type cursor struct {
	load func() (levels, values int, err error) // nil where the file lacks the leaf
	err  *error                                 // where trouble goes

	max        int16 // definition level of a value
	nullBelow  int16 // definition level under which the map or list is null
	emptyBelow int16 // and under which it is empty
	defs, reps []int16
	at, levels int // next level, and how many are loaded
	def        int16
	value      int // index of the current value
	nextValue  int
	texts      []pq.ByteArray
	lastText   string
	ints       []int64
	doubles    []float64
	bools      []bool
}

// next moves to the next level.
func (c *cursor) next() {
	if c.load == nil {
		return
	}
	if c.at == c.levels && !c.fill() {
		c.fail(errors.New("a column ends before its row group does"))
		c.def = -1
		return
	}
	c.def = c.max
	if c.max > 0 {
		c.def = c.defs[c.at]
	}
	if c.def == c.max {
		c.value = c.nextValue
		c.nextValue++
	}
	c.at++
}

// more reports whether the next level belongs to the same row.
func (c *cursor) more() bool {
	return (c.at < c.levels || c.fill()) && c.reps[c.at] > 0
}

// fill loads the next batch; it returns false at the end and on an error.
func (c *cursor) fill() bool {
	c.at, c.levels, c.nextValue = 0, 0, 0
	err := guard(func() error {
		levels, values, err := c.load()
		if err == nil && values != c.valuesIn(levels) {
			err = errors.New("a column has not as many values as it says")
		}
		if err == nil {
			c.levels = levels
		}
		return err
	})
	c.fail(err)
	return c.levels > 0
}

func (c *cursor) valuesIn(levels int) int {
	if c.max == 0 {
		return levels
	}
	n := 0
	for _, d := range c.defs[:levels] {
		if d == c.max {
			n++
		}
	}
	return n
}

func (c *cursor) fail(err error) {
	if *c.err == nil {
		*c.err = err
	}
}

func (c *cursor) present() bool { return c.load != nil && c.def == c.max }

func (c *cursor) int() int64      { return c.ints[c.value] }
func (c *cursor) double() float64 { return c.doubles[c.value] }
func (c *cursor) bool() bool      { return c.bools[c.value] }

func (c *cursor) text() string {
	if b := c.texts[c.value]; string(b) != c.lastText {
		c.lastText = string(b)
	}
	return c.lastText
}

// entries walks over a map or a list that has these leaves: begin is called where it is not
// null, each with the cursors on each of its entries.
func entries(c []cursor, begin, each func()) {
	var lead *cursor
	for i := range c {
		if c[i].load != nil {
			lead = &c[i]
			break
		}
	}
	if lead == nil || lead.def < lead.nullBelow {
		return
	}
	begin()
	if lead.def < lead.emptyBelow {
		return
	}
	for each(); lead.more(); each() {
		for i := range c {
			c[i].next()
		}
	}
}

// open puts the cursor before the first level of a leaf of a row group. Where the file was
// written by something else, its type may be a neighbour of want: a narrower number, another unit
// of time, another form of decimal.
func (c *cursor) open(r *reader, group, leaf int, want trace.Type, err *error) error {
	batch := max(1, min(cursorBatch, r.MetaData().RowGroup(group).NumRows()))
	*c = cursor{err: err, defs: make([]int16, batch), reps: make([]int16, batch)}
	return guard(func() error {
		column := r.MetaData().Schema.Column(leaf)
		c.max = column.MaxDefinitionLevel()
		if column.MaxRepetitionLevel() > 1 {
			return fmt.Errorf("its column %s is a list within a list", column.Path())
		}
		c.nullBelow, c.emptyBelow = thresholds(column)
		chunk, err := r.RowGroup(group).Column(leaf)
		if err != nil {
			return err
		}
		if c.bind(chunk, want); c.load == nil {
			return fmt.Errorf("its column %s is %s (%s), not of type %s", column.Path(), column.PhysicalType(), column.LogicalType(), want)
		}
		return nil
	})
}

// thresholds returns the definition levels from which on a map or list is not null, and from
// which on it has an entry.
func thresholds(c *schema.Column) (present, entry int16) {
	def := c.MaxDefinitionLevel()
	for n := c.SchemaNode(); n.Parent() != nil; n = n.Parent() {
		switch n.RepetitionType() {
		case pq.Repetitions.Repeated:
			entry = def
			def--
		case pq.Repetitions.Optional:
			def--
		}
		present = def
		if n.RepetitionType() == pq.Repetitions.Optional {
			present++
		}
	}
	return present, entry
}

// bind sets load, unless the chunk's type cannot stand for want.
func (c *cursor) bind(chunk file.ColumnChunkReader, want trace.Type) {
	logical := chunk.Descriptor().LogicalType()
	switch r := chunk.(type) {
	case *file.ByteArrayColumnChunkReader:
		if _, decimal := logical.(schema.DecimalLogicalType); want == trace.Text && !decimal {
			// Text stays valid until the next page, and is copied before.
			c.load = loader(c, r.ReadBatchInPage, func(v []pq.ByteArray) { c.texts = v })
		}
	case *file.BooleanColumnChunkReader:
		if want == trace.Boolean {
			c.load = loader(c, r.ReadBatch, func(v []bool) { c.bools = v })
		}
	case *file.Float64ColumnChunkReader:
		if want == trace.Double {
			c.load = loader(c, r.ReadBatch, func(v []float64) { c.doubles = v })
		}
	case *file.Float32ColumnChunkReader:
		if want == trace.Double {
			c.load = loader(c, r.ReadBatch, func(v []float32) {
				c.doubles = converted(c.doubles, v, func(x float32) float64 { return float64(x) })
			})
		}
	case *file.Int64ColumnChunkReader:
		if scale := scaling(logical, want); scale != nil {
			c.load = loader(c, r.ReadBatch, func(v []int64) { c.ints = converted(c.ints, v, scale) })
		}
	case *file.Int32ColumnChunkReader:
		if scale := scaling(logical, want); scale != nil {
			c.load = loader(c, r.ReadBatch, func(v []int32) {
				c.ints = converted(c.ints, v, func(x int32) int64 { return scale(int64(x)) })
			})
		}
	case *file.Int96ColumnChunkReader:
		if want == trace.Timestamp {
			c.load = loader(c, r.ReadBatch, func(v []pq.Int96) {
				c.ints = converted(c.ints, v, func(x pq.Int96) int64 { return x.ToTime().UnixMicro() })
			})
		}
	case *file.FixedLenByteArrayColumnChunkReader:
		if scale := scaling(logical, want); scale != nil && want == trace.Money && chunk.Descriptor().TypeLength() <= 8 {
			c.load = loader(c, r.ReadBatchInPage, func(v []pq.FixedLenByteArray) {
				c.ints = converted(c.ints, v, func(x pq.FixedLenByteArray) int64 { return scale(bigEndian(x)) })
			})
		}
	}
}

func loader[V any](c *cursor, read func(int64, []V, []int16, []int16) (int64, int, error), put func([]V)) func() (int, int, error) {
	raw := make([]V, len(c.defs))
	return func() (int, int, error) {
		levels, values, err := read(int64(len(raw)), raw, c.defs, c.reps)
		put(raw[:values])
		return int(levels), values, err
	}
}

func converted[V, W any](to []W, from []V, f func(V) W) []W {
	to = to[:0]
	for _, v := range from {
		to = append(to, f(v))
	}
	return to
}

// scaling returns how an integer of that logical type becomes what want holds; nil where it
// cannot.
func scaling(logical schema.LogicalType, want trace.Type) func(int64) int64 {
	same := func(v int64) int64 { return v }
	switch t := logical.(type) {
	case schema.TimestampLogicalType:
		if want != trace.Timestamp {
			return nil
		}
		switch t.TimeUnit() {
		case schema.TimeUnitMillis:
			return func(v int64) int64 { return v * 1000 }
		case schema.TimeUnitNanos:
			return func(v int64) int64 { return (v - (v%1000+1000)%1000) / 1000 }
		}
		return same
	case schema.DecimalLogicalType:
		if want != trace.Money || t.Scale() > moneyScale {
			return nil
		}
		factor := int64(math.Pow10(moneyScale - int(t.Scale())))
		return func(v int64) int64 { return v * factor }
	}
	if want == trace.Integer {
		return same
	}
	return nil
}

// bigEndian reads a signed integer of at most eight bytes.
func bigEndian(b []byte) int64 {
	v := int64(0)
	if len(b) > 0 {
		v = int64(int8(b[0])) >> 7
	}
	for _, x := range b {
		v = v<<8 | int64(x)
	}
	return v
}
