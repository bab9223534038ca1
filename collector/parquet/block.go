package parquet

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	blockRows = 512       // most rows of a block
	blockText = 128 << 10 // bytes of text at which a block is full all the same
	pageBytes = 256 << 10 // at which a page ends with its block, before compression
	leafBytes = 10        // rough size of a value that is not text, with its levels
	// keptBlocks is how many blocks a layout keeps between two row groups: some
	// 20 MiB of typical texts. What takes more is memory that is new each time.
	keptBlocks = 128
)

// A rowGroup is a row group being gathered, block by block. Blocks are small and used again, so
// memory grows with the rows alone, also where hundreds of dates are gathered at once.
type rowGroup struct {
	layout *layout
	blocks []*block
	rows   int
	size   int // about how many bytes the rows take

	// The earliest and latest time of the rows, in microseconds; earliest > latest where none has one.
	earliest, latest int64
}

func newRowGroup(l *layout) *rowGroup {
	return &rowGroup{layout: l, earliest: math.MaxInt64, latest: math.MinInt64}
}

// block returns the block to write the next row to.
func (g *rowGroup) block() *block {
	if n := len(g.blocks); n > 0 && !g.blocks[n-1].full() {
		return g.blocks[n-1]
	}
	b := g.layout.blocks.get()
	if b == nil {
		b = newBlock(g.layout)
	}
	g.blocks = append(g.blocks, b)
	return b
}

func (g *rowGroup) seen(micros int64) {
	g.earliest = min(g.earliest, micros)
	g.latest = max(g.latest, micros)
}

// release gives the memory back.
func (g *rowGroup) release() {
	for _, b := range g.blocks {
		if b.text < 2*blockText {
			b.reset()
			g.layout.blocks.put(b)
		}
	}
	g.blocks = nil
}

// A block holds some rows, column by column.
type block struct {
	rows   int
	text   int // bytes of all text
	leaves []leaf
	keys   []string       // scratch, for the names of one map
	usual  []atomic.Int64 // of the layout
}

// A leaf holds the values of one primitive column as Parquet wants them: those that are not
// null, beside a definition level a value (max: present; max-1: null; less: no such entry) and,
// inside maps and lists, a repetition level (0: first of its row).
type leaf struct {
	max     int16
	defs    []int16
	reps    []int16
	bytes   []byte
	ends    []int32 // text i is bytes[ends[i]:ends[i+1]]
	ints    []int64
	doubles []float64
	bools   []bool
}

func newBlock(l *layout) *block {
	b := &block{leaves: make([]leaf, l.schema.NumColumns()), usual: l.usual}
	for i := range b.leaves {
		b.leaves[i].max = l.schema.Column(i).MaxDefinitionLevel()
	}
	b.reset()
	return b
}

func (b *block) reset() {
	b.rows, b.text = 0, 0
	for i := range b.leaves {
		l := &b.leaves[i]
		if len(l.bytes) > 0 {
			b.usual[i].Store(int64(len(l.bytes) + len(l.bytes)/8)) // the next may be a little larger
		}
		l.defs, l.reps, l.bytes, l.ends = l.defs[:0], l.reps[:0], l.bytes[:0], append(l.ends[:0], 0)
		l.ints, l.doubles, l.bools = l.ints[:0], l.doubles[:0], l.bools[:0]
	}
}

// size returns about how many bytes the block holds.
func (b *block) size() int { return b.text + b.rows*len(b.leaves)*leafBytes }

func (b *block) full() bool { return b.rows >= blockRows || b.text >= blockText }

func (b *block) putText(leaf int, s string) {
	l := &b.leaves[leaf]
	l.present()
	if len(l.bytes)+len(s) > cap(l.bytes) {
		// Blocks grow large: as large as those before, and then by doubling.
		l.bytes = slices.Grow(l.bytes, max(len(s), cap(l.bytes), int(b.usual[leaf].Load())-len(l.bytes)))
	}
	l.bytes = append(l.bytes, s...)
	l.ends = append(l.ends, int32(len(l.bytes)))
	b.text += len(s)
}

func (l *leaf) present() {
	if l.max > 0 {
		l.defs = append(l.defs, l.max)
	}
}

func (l *leaf) null() { l.defs = append(l.defs, l.max-1) }

func (l *leaf) putInt(v int64) {
	l.present()
	l.ints = append(l.ints, v)
}

func (l *leaf) putDouble(v float64) {
	l.present()
	l.doubles = append(l.doubles, v)
}

func (l *leaf) putBool(v bool) {
	l.present()
	l.bools = append(l.bools, v)
}

// size returns how many bytes the leaf's values and levels take, roughly.
func (l *leaf) size() int {
	return len(l.bytes) + leafBytes*(len(l.ends)-1+len(l.ints)+len(l.doubles)+len(l.bools)) + len(l.defs)
}

// A reserve keeps unused blocks. It is no sync.Pool: rows come in bursts, some
// collections of garbage apart, and would never find a block in one.
type reserve struct {
	mu     sync.Mutex
	blocks []*block
}

// get returns a block that was put; nil where there is none.
func (r *reserve) get() *block {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.blocks)
	if n == 0 {
		return nil
	}
	b := r.blocks[n-1]
	r.blocks[n-1] = nil
	r.blocks = r.blocks[:n-1]
	return b
}

func (r *reserve) put(b *block) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.blocks) < keptBlocks {
		r.blocks = append(r.blocks, b)
	}
}
