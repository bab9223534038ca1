// Package protocoltest says, as tests, what any protocol must do.
package protocoltest

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"reflect"
	"testing"
	"time"

	"weir/router/protocol"
)

// An Exchange is a call and the answer to it, as they went over the wire.
type Exchange struct {
	Request protocol.Request
	Status  int
	Header  http.Header
	Answer  []byte
	Cut     bool // the answer ended before its time, as HTTP sees it
}

// room is what the reader of a test may keep.
const room = 1 << 20

// at is when all of an answer comes: what is read does not depend on how long it
// took.
var at = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// Read reads a call and its answer, the answer in one piece.
func Read(p protocol.Protocol, x Exchange) (protocol.Call, protocol.Reply) {
	return read(p, x, func(left int) int { return left })
}

func read(p protocol.Protocol, x Exchange, cut func(left int) int) (protocol.Call, protocol.Reply) {
	call := p.Call(x.Request)
	r := p.Reader(call, protocol.Response{
		Status: x.Status, Header: x.Header,
		Scan: protocol.NewRoom(room, nil), Keep: protocol.NewRoom(room, nil),
	})
	if r == nil {
		return call, protocol.Reply{}
	}
	now := at
	for rest := x.Answer; len(rest) > 0; {
		n := cut(len(rest))
		chunk := bytes.Clone(rest[:n])
		r.Write(chunk, now)
		clear(chunk) // whoever keeps it is found out
		rest = rest[n:]
	}
	return call, r.End(!x.Cut, now)
}

// SameAtAnyBorder reads the answer at every kind of chunk border and wants the
// same reply of each.
func SameAtAnyBorder(t *testing.T, p protocol.Protocol, x Exchange) {
	t.Helper()
	_, want := Read(p, x)
	random := rand.New(rand.NewPCG(1, uint64(len(x.Answer))))
	for name, cut := range map[string]func(int) int{
		"a byte a chunk": func(int) int { return 1 },
		"short chunks":   func(left int) int { return 1 + random.IntN(min(left, 7)) },
		"random chunks":  func(left int) int { return 1 + random.IntN(left) },
	} {
		if _, got := read(p, x, cut); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
}
