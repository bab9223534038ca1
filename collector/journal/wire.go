package journal

import (
	"encoding/binary"
	"math"
)

// How long a field's value is. Their numbers are in logs on disk.
const (
	wireVarint = 0
	wireEight  = 1
	wireBytes  = 2
)

func putTag(b []byte, number, wire int) []byte {
	return binary.AppendUvarint(b, uint64(number)<<2|uint64(wire))
}

func putText(b []byte, number int, s string) []byte {
	b = binary.AppendUvarint(putTag(b, number, wireBytes), uint64(len(s)))
	return append(b, s...)
}

func putInt(b []byte, number int, v int64) []byte {
	return binary.AppendVarint(putTag(b, number, wireVarint), v)
}

func putDouble(b []byte, number int, v float64) []byte {
	return binary.LittleEndian.AppendUint64(putTag(b, number, wireEight), math.Float64bits(v))
}

// putNested puts what put appends as the value of a field. Its length comes
// first and is not known before, so it is given the bytes that lengths below
// 2^28 take.
func putNested(b []byte, number int, put func([]byte) []byte) []byte {
	b = putTag(b, number, wireBytes)
	at := len(b)
	b = put(append(b, 0, 0, 0, 0))
	n := len(b) - at - 4
	b[at], b[at+1], b[at+2], b[at+3] = byte(n)|0x80, byte(n>>7)|0x80, byte(n>>14)|0x80, byte(n>>21)
	return b
}

// A reader reads fields. Its strings are parts of one.
type reader struct {
	rest    string
	arena   *arena
	damaged bool // for good; everything read afterwards is zero
}

func (r *reader) fail() {
	r.damaged = true
	r.rest = ""
}

func (r *reader) more() bool { return r.rest != "" }

func (r *reader) uvarint() uint64 {
	var v uint64
	for i := range len(r.rest) {
		c := r.rest[i]
		if i == 9 && c > 1 {
			break
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return v
		}
	}
	r.fail()
	return 0
}

func (r *reader) tag() (number, wire int) {
	v := r.uvarint()
	if v>>2 == 0 || v>>2 > math.MaxInt32 {
		r.fail()
		return 0, 0
	}
	return int(v >> 2), int(v & 3)
}

func (r *reader) int(wire int) int64 {
	if wire != wireVarint {
		r.fail()
	}
	v := r.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (r *reader) double(wire int) float64 {
	if wire != wireEight || len(r.rest) < 8 {
		r.fail()
		return 0
	}
	var bits uint64
	for i := range 8 {
		bits |= uint64(r.rest[i]) << (8 * i)
	}
	r.rest = r.rest[8:]
	return math.Float64frombits(bits)
}

func (r *reader) text(wire int) string {
	if wire != wireBytes {
		r.fail()
	}
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// nested reads a value that is fields itself.
func (r *reader) nested(wire int, get func(*reader)) {
	inner := reader{rest: r.text(wire), arena: r.arena}
	get(&inner)
	if inner.damaged {
		r.fail()
	}
}

func (r *reader) skip(wire int) {
	switch wire {
	case wireVarint:
		r.uvarint()
	case wireEight:
		r.double(wire)
	case wireBytes:
		r.text(wire)
	default:
		r.fail()
	}
}

// An arena gives room for many values at a time.
type arena struct {
	ints    []int64
	doubles []float64
	bools   []bool
}

const arenaChunk = 512

func place[T any](room *[]T, v T) *T {
	if len(*room) == cap(*room) {
		*room = make([]T, 0, arenaChunk)
	}
	*room = append(*room, v)
	return &(*room)[len(*room)-1]
}
