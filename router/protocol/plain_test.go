package protocol_test

import (
	"net/http"
	"strings"
	"testing"

	"weir/router/protocol"
	"weir/router/protocol/protocoltest"
)

func TestPlain(t *testing.T) {
	text := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	x := protocoltest.Exchange{
		Request: protocol.Request{Method: "POST", Path: "/ask", Header: text, Body: []byte("你好"), Whole: true},
		Status:  200, Header: text, Answer: []byte("grüß dich"),
	}
	protocoltest.SameAtAnyBorder(t, protocol.Plain{}, x)
	call, reply := protocoltest.Read(protocol.Plain{}, x)
	if call.Input != "你好" || reply.Output != "grüß dich" || reply.FirstToken.IsZero() {
		t.Errorf("got %+v, %+v", call, reply)
	}
	x.Header = http.Header{"Content-Type": {"image/png"}}
	if _, reply = protocoltest.Read(protocol.Plain{}, x); reply.Output != "" || reply.Truncated {
		t.Errorf("a picture is kept as text: %+v", reply)
	}
}

func TestPlainBounded(t *testing.T) {
	protocoltest.Bounded(t, protocol.Plain{}, protocol.Call{})
}

func TestFields(t *testing.T) {
	body := `{"user": "u-1", "a.b": {"c": 7}, "text": "long ` + strings.Repeat("x", 20)
	f := protocol.NewFields([]byte(body), false)
	for _, test := range []struct {
		want  string
		names []string
	}{
		{"u-1", []string{"user"}},
		{"7", []string{"a.b", "c"}},
		{"", []string{"a", "b", "c"}},
		{"", []string{"text"}}, // cut off: not known
		{"", []string{"absent"}},
	} {
		if got := f.Text(test.names...); got != test.want {
			t.Errorf("%v: got %q, want %q", test.names, got, test.want)
		}
	}
}

func TestRoom(t *testing.T) {
	pool := protocol.NewPool(10)
	a, b := protocol.NewRoom(6, pool), protocol.NewRoom(100, pool)
	if got := a.Text("äöü!"); got != "äöü" || !a.Short() {
		t.Errorf("got %q, short %v", got, a.Short())
	}
	if got := b.Text("12345"); got != "1234" || !b.Short() {
		t.Errorf("the pool has 4 bytes left: got %q, short %v", got, b.Short())
	}
	a.Release()
	a.Release()
	c := protocol.NewRoom(100, pool)
	if got := c.Take(100); got != 6 {
		t.Errorf("6 bytes were given back, got %d", got)
	}
	var none *protocol.Room
	if none.Text("x") != "" || none.Short() {
		t.Error("a nil room keeps something, or is short")
	}
	none.Release()
}

func TestSplice(t *testing.T) {
	body := []byte(`{"a":1,"b":2}`)
	if got := protocol.Splice(body, 5, "1", "null"); string(got) != `{"a":null,"b":2}` || string(body) != `{"a":1,"b":2}` {
		t.Errorf("got %s from %s", got, body)
	}
}
