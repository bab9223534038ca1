package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"weir/trace"
)

// An Entry is one record of the log. Exactly one field of it is set.
type Entry struct {
	trace.Record
	Loss *trace.Loss // rows that could not be written when they were due
	Void string      // the trace whose start is in the log, and whose end is counted in a loss
}

const version = 1

// Kinds of entries. Their numbers are in logs on disk.
const (
	kindBegun   = 1
	kindEnded   = 2
	kindOutcome = 3
	kindEvent   = 4
	kindLoss    = 5
	kindVoid    = 6
)

var (
	// ErrNewer is wrapped by the error of an entry that a newer Weir wrote.
	ErrNewer = errors.New("written by a newer Weir")
	// ErrDamaged is wrapped by the error of bytes that are no entry.
	ErrDamaged = errors.New("not an entry of the journal")
)

// Append appends the entry's bytes. It panics for an entry without a field set.
func Append(dst []byte, e *Entry) []byte {
	switch {
	case e.Begun != nil:
		return exchangeFields.put(append(dst, version, kindBegun), e.Begun)
	case e.Ended != nil:
		return endedFields.put(exchangeFields.put(append(dst, version, kindEnded), &e.Ended.Exchange), e.Ended)
	case e.Outcome != nil:
		return outcomeFields.put(append(dst, version, kindOutcome), e.Outcome)
	case e.Event != nil:
		return eventFields.put(append(dst, version, kindEvent), e.Event)
	case e.Loss != nil:
		return lossFields.put(append(dst, version, kindLoss), e.Loss)
	case e.Void != "":
		return append(append(dst, version, kindVoid), e.Void...)
	}
	panic("journal: an entry without a field set")
}

// A Decoder decodes entries. It is used by one goroutine at a time.
type Decoder struct {
	// Shares has the texts of an entry share the memory of what it is decoded
	// of, for whoever is done with the entry before that changes.
	Shares bool

	arena arena
}

// Decode decodes an entry, which keeps no reference to b unless the decoder
// shares. The error wraps ErrNewer or ErrDamaged.
func (d *Decoder) Decode(b []byte) (Entry, error) {
	if len(b) < 2 {
		return Entry{}, fmt.Errorf("%w: %d bytes", ErrDamaged, len(b))
	}
	if b[0] != version {
		return Entry{}, fmt.Errorf("%w: version %d, this one knows %d", ErrNewer, b[0], version)
	}
	var e Entry
	r := &reader{arena: &d.arena}
	if d.Shares {
		r.rest = unsafe.String(unsafe.SliceData(b[2:]), len(b)-2)
	} else {
		r.rest = string(b[2:])
	}
	switch b[1] {
	case kindBegun:
		e.Begun = &trace.Exchange{}
		exchangeFields.get(r, e.Begun)
	case kindEnded:
		e.Ended = &trace.Ended{}
		getEnded(r, e.Ended)
	case kindOutcome:
		e.Outcome = &trace.Outcome{}
		outcomeFields.get(r, e.Outcome)
	case kindEvent:
		e.Event = &trace.Event{}
		eventFields.get(r, e.Event)
	case kindLoss:
		e.Loss = &trace.Loss{}
		lossFields.get(r, e.Loss)
	case kindVoid:
		e.Void = r.rest
		if e.Void == "" {
			r.damaged = true
		}
	default:
		return Entry{}, fmt.Errorf("%w: kind %d", ErrNewer, b[1])
	}
	if r.damaged {
		return Entry{}, fmt.Errorf("%w: kind %d, %d bytes", ErrDamaged, b[1], len(b))
	}
	return e, nil
}

// Start returns the trace that the bytes are the start of; not ok where they are
// something else. It looks at no more than it must.
func Start(b []byte) (id string, ok bool) { return traceOf(b, kindBegun) }

// End returns the trace that the bytes are the end of, likewise.
func End(b []byte) (id string, ok bool) { return traceOf(b, kindEnded) }

// traceOf reads the first field, which is the trace's id.
func traceOf(b []byte, kind byte) (string, bool) {
	if len(b) < 4 || b[0] != version || b[1] != kind || b[2] != 1<<2|wireBytes {
		return "", false
	}
	n, width := binary.Uvarint(b[3:])
	if width <= 0 || n > uint64(len(b)-3-width) {
		return "", false
	}
	return string(b[3+width:][:n]), true
}

// An ended exchange is the fields of its exchange, and its content in one more.
const contentField = 100

var endedFields = fields[trace.Ended]{nested(contentField, &contentFields, func(e *trace.Ended) **trace.Content { return &e.Content })}

func getEnded(r *reader, e *trace.Ended) {
	for r.more() {
		number, wire := r.tag()
		if number == contentField {
			endedFields.field(number).get(r, wire, e)
		} else if f := exchangeFields.field(number); f != nil {
			f.get(r, wire, &e.Exchange)
		} else {
			r.skip(wire)
		}
	}
}
