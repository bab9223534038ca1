package stickylog

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"weir/router"
	"weir/router/sticky"
	"weir/trace"
)

// layout is the first byte of each record. Fields are only ever added at the
// end; a record of a later layout is refused.
const layout = 1

// A mark says how a record meets an earlier one of its key.
type mark byte

const (
	fresh mark = iota + 1 // put where nothing was remembered: what was there before was forgotten
	again                 // what is remembered from then on
	end                   // no record: the log is complete, and all times in it are those of the last use
)

// appendRecord encodes r behind b.
func appendRecord(b []byte, m mark, r sticky.Record) []byte {
	e := r.Entry
	b = append(b, layout, byte(m), byte(r.Key.Kind), flag(e.Randomized))
	for _, s := range []string{r.Key.Within, r.Key.ID, e.Release, e.UnitID, e.AssignedVersion, e.Rule, e.PromiseHash, string(e.Moved), e.Owner} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(e.Propensity))
	b = binary.AppendVarint(b, e.Epoch)
	b = binary.LittleEndian.AppendUint64(b, nanoseconds(e.AssignedAt))
	return binary.LittleEndian.AppendUint64(b, nanoseconds(r.Used))
}

func flag(v bool) byte {
	if v {
		return 1
	}
	return 0
}

var (
	errShort = errors.New("it ends early")
	errLater = errors.New("a later Weir wrote it: use that one")
)

// A decoder reads records. It keeps one copy of the texts that many have in
// common.
type decoder struct {
	rest   []byte
	common map[string]string
	err    error
}

func (d *decoder) record(b []byte) (mark, sticky.Record, error) {
	var r sticky.Record
	if len(b) < 4 {
		return 0, r, errShort
	}
	if b[0] > layout {
		return 0, r, errLater
	}
	m := mark(b[1])
	r.Key.Kind, r.Entry.Randomized = router.Kind(b[2]), b[3] == 1
	d.rest, d.err = b[4:], nil
	e := &r.Entry
	r.Key.Within, r.Key.ID = d.shared(), string(d.text())
	e.Release = d.shared()
	if unit := d.text(); string(unit) == r.Key.ID {
		e.UnitID = r.Key.ID // one text
	} else {
		e.UnitID = string(unit)
	}
	e.AssignedVersion = d.shared()
	e.Rule, e.PromiseHash, e.Moved, e.Owner = d.shared(), d.shared(), trace.Reason(d.shared()), d.shared()
	e.Propensity = math.Float64frombits(d.word())
	e.Epoch = d.varint()
	e.AssignedAt, r.Used = d.time(), d.time()
	return m, r, d.err
}

func (d *decoder) text() []byte {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 || n > uint64(len(d.rest)-size) {
		d.rest, d.err = nil, errShort
		return nil
	}
	text := d.rest[size : size+int(n)]
	d.rest = d.rest[size+int(n):]
	return text
}

// maxCommon bounds the copies kept: users under unit user are many.
const maxCommon = 4096

func (d *decoder) shared() string {
	text := d.text()
	if len(text) == 0 {
		return ""
	}
	if s, ok := d.common[string(text)]; ok {
		return s
	}
	s := string(text)
	if len(d.common) < maxCommon {
		d.common[s] = s
	}
	return s
}

func (d *decoder) word() uint64 {
	if len(d.rest) < 8 {
		d.rest, d.err = nil, errShort
		return 0
	}
	v := binary.LittleEndian.Uint64(d.rest)
	d.rest = d.rest[8:]
	return v
}

func (d *decoder) varint() int64 {
	v, size := binary.Varint(d.rest)
	if size <= 0 {
		d.rest, d.err = nil, errShort
		return 0
	}
	d.rest = d.rest[size:]
	return v
}

// never stands for the zero time.
const never = 1 << 63

func nanoseconds(t time.Time) uint64 {
	if t.IsZero() {
		return never
	}
	return uint64(t.UnixNano())
}

func (d *decoder) time() time.Time {
	n := d.word()
	if n == never {
		return time.Time{}
	}
	return time.Unix(0, int64(n)).UTC()
}
