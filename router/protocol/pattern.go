package protocol

import (
	"bytes"
	"unsafe"

	"github.com/tidwall/gjson"

	"weir/router/protocol/sse"
)

// A Pattern is an event of which the next may differ in one text alone, as the
// pieces of an answer do. Such a one says nothing else that is new, and need not
// be parsed. The zero value is a pattern that no event follows.
type Pattern struct {
	name string // of the event
	head []byte // of its data, up to the text's opening quote
	tail []byte // from the closing quote
}

// maxPattern bounds what is kept of an event beside its text, in bytes.
const maxPattern = 4 << 10

// Set makes an event the pattern. The text is of its data, in its memory; where
// it is no string, or what is beside it is long, the pattern is cleared.
func (p *Pattern) Set(e sse.Event, text gjson.Result) {
	p.Clear()
	at := uintptr(unsafe.Pointer(unsafe.StringData(text.Raw))) - uintptr(unsafe.Pointer(unsafe.SliceData(e.Data)))
	if text.Type != gjson.String || e.Cut || at >= uintptr(len(e.Data)) || len(e.Data)-len(text.Raw) > maxPattern {
		return
	}
	p.name = e.Name
	p.head = append(p.head, e.Data[:at+1]...)
	p.tail = append(p.tail, e.Data[int(at)+len(text.Raw)-1:]...)
}

// Clear makes the pattern one that no event follows.
func (p *Pattern) Clear() { p.head, p.tail = p.head[:0], p.tail[:0] }

// Text is the text, in UTF-8, of an event that follows the pattern. It may be in
// the event's memory. Texts that are empty or written with escapes are left to
// the parser.
func (p *Pattern) Text(e sse.Event) (text string, ok bool) {
	if len(p.head) == 0 || e.Cut || e.Name != p.name || len(e.Data) <= len(p.head)+len(p.tail) || !bytes.HasPrefix(e.Data, p.head) {
		return "", false
	}
	// The text ends with the first quote: what is behind it must be the tail.
	rest := e.Data[len(p.head):]
	n := bytes.IndexByte(rest, '"')
	if n <= 0 || !bytes.Equal(rest[n:], p.tail) || bytes.IndexByte(rest[:n], '\\') >= 0 {
		return "", false
	}
	return valid(view(rest[:n])), true
}
