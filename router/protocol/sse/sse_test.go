package sse

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// events reads a stream in the chunks that cut says.
func events(stream []byte, limit int, cut func(left int) int) (out []Event) {
	s := New(limit, func(e Event) {
		e.Data = bytes.Clone(e.Data)
		out = append(out, e)
	})
	for len(stream) > 0 {
		n := cut(len(stream))
		_, _ = s.Write(stream[:n])
		stream = stream[n:]
	}
	s.Flush()
	return out
}

func whole(left int) int { return left }

func TestEvents(t *testing.T) {
	for _, test := range []struct {
		name, stream string
		want         []Event
	}{
		{"data", "data: a\n\n", []Event{{Data: []byte("a")}}},
		{"any line end", "data: a\r\n\r\ndata: b\r\rdata: c\n\n", []Event{{Data: []byte("a")}, {Data: []byte("b")}, {Data: []byte("c")}}},
		{"lines are joined", "data: a\ndata:b\ndata\n\n", []Event{{Data: []byte("a\nb\n")}}},
		{"one space alone is taken", "data:  a \n\n", []Event{{Data: []byte(" a ")}}},
		{"name and id", "event: e\nid: 7\ndata: a\n\ndata: b\n\n", []Event{{Name: "e", ID: "7", Data: []byte("a")}, {Data: []byte("b")}}},
		{"byte order mark", "\xef\xbb\xbfdata: a\n\n", []Event{{Data: []byte("a")}}},
		{"comments and unknown fields", ": hello\nretry: 5\nfoo: bar\n\ndata: a\n\n", []Event{{Data: []byte("a")}}},
		{"ping without data", "event: ping\n\ndata: a\n\n", []Event{{Name: "ping"}, {Data: []byte("a")}}},
		{"ends without blank line", "data: a\n\ndata: b\n", []Event{{Data: []byte("a")}, {Data: []byte("b")}}},
		{"ends in a line", "data: a\n\ndata: b", []Event{{Data: []byte("a")}, {Data: []byte("b"), Cut: true}}},
		{"nothing", "\n\n\r\n", nil},
		{"empty data", "data:\n\n", []Event{{Data: []byte("")}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := events([]byte(test.stream), 1<<10, whole)
			if !same(got, test.want) {
				t.Errorf("%q\n got %+v\nwant %+v", test.stream, got, test.want)
			}
		})
	}
}

// TestBounded holds memory to the limit on a line and an event without end.
func TestBounded(t *testing.T) {
	s := New(100, func(Event) {})
	chunk := []byte("data: " + strings.Repeat("x", 8<<10))
	for range 1000 {
		_, _ = s.Write(chunk)
		if s.Pending() > 200 || cap(s.line)+cap(s.data) > 1000 {
			t.Fatalf("%d bytes pending", s.Pending())
		}
	}
	for range 1000 {
		_, _ = s.Write([]byte("\ndata: yyyyyyyy"))
		if s.Pending() > 200 || cap(s.line)+cap(s.data) > 1000 {
			t.Fatalf("%d bytes pending", s.Pending())
		}
	}
}

// TestCut says of an event that it is not whole, and reads the next.
func TestCut(t *testing.T) {
	got := events([]byte("data: 0123456789abcdef\n\ndata: ok\n\n"), 10, whole)
	want := []Event{{Data: []byte("0123"), Cut: true}, {Data: []byte("ok")}}
	if !same(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// FuzzChunks reads the same events wherever the stream is cut into chunks.
func FuzzChunks(f *testing.F) {
	f.Add([]byte("data: a\r\n\r\nevent: b\ndata: c\n\n"), uint64(1))
	f.Add([]byte("\xef\xbb\xbfdata: {\"a\":\"b\"}\r\rid: 1\rdata: d\r\r"), uint64(2))
	f.Add([]byte(":\n\nevent: ping\n\ndata\ndata:\n\n"), uint64(3))
	f.Add([]byte("data: "+strings.Repeat("long", 50)+"\n\ndata: [DONE]\n\n"), uint64(4))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		want := events(stream, 64, whole)
		for name, cut := range map[string]func(int) int{
			"bytes":  func(int) int { return 1 },
			"random": func(left int) int { return 1 + random.IntN(min(left, 9)) },
		} {
			if got := events(stream, 64, cut); !same(got, want) {
				t.Fatalf("%s: %q\n got %+v\nwant %+v", name, stream, got, want)
			}
		}
	})
}

func same(a, b []Event) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if !bytes.Equal(x.Data, y.Data) {
			return false
		}
		x.Data, y.Data = nil, nil
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}
