package proxy

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"
	"time"

	"weir/router/protocol"
	"weir/router/protocol/openai"
)

// FuzzDecode decodes any bytes, in any coding, within its bounds.
func FuzzDecode(f *testing.F) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 1<<20))
	_ = z.Close()
	f.Add("gzip", bomb.Bytes())
	f.Add("deflate", []byte{0x78, 0x9c, 1, 2})
	f.Add("br", []byte("\x0b\x02\x80hello\x03"))
	f.Add("zstd", []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 0, 1, 0, 0})
	f.Fuzz(func(t *testing.T, coding string, encoded []byte) {
		const bound = 64 << 10
		if plain, _ := decodeAll(coding, encoded, protocol.NewRoom(bound, nil)); len(plain) > bound {
			t.Fatalf("%d bytes", len(plain))
		}
		keep := protocol.NewRoom(bound, nil)
		d := newDecoded(coding, protocol.Plain{}.Reader(protocol.Call{}, protocol.Response{Keep: keep}))
		for len(encoded) > 0 {
			n := min(len(encoded), 7)
			d.Write(encoded[:n], time.Time{})
			encoded = encoded[n:]
		}
		d.End(true, time.Time{})
	})
}

func FuzzTraceparent(f *testing.F) {
	f.Add("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	f.Add("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what")
	f.Add("00-00000000000000000000000000000000-b7ad6b7169203331-01")
	f.Fuzz(func(t *testing.T, s string) {
		sent := continued(s, "0af7651916cd43dd8448eb211c80319d", "b7ad6b7169203332")
		if v, ok := parseTraceparent(sent); !ok || len(sent) != 55 || zeros(v.trace) {
			t.Fatalf("%q is continued as %q", s, sent)
		}
	})
}

// TestUndecodable streams are not blamed on the version: what cannot be read
// says nothing of its end. One that is too short is.
func TestUndecodable(t *testing.T) {
	const said = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"}}]}\n\ndata: [DONE]\n\n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, said)
	_ = z.Close()
	header := http.Header{"Content-Type": {"text/event-stream"}}
	for _, c := range []struct {
		coding, body string
		incomplete   bool
	}{
		{"gzip", packed.String(), false},
		{"dcz", said, false},
		{"gzip, gzip", packed.String(), false},
		{"gzip", said, false},
		{"zstd", said, false},
		{"gzip", packed.String()[:packed.Len()/2], true},
		{"gzip", "", true},
	} {
		r := openai.Protocol{}.Reader(protocol.Call{Operation: openai.Chat, Streaming: true},
			protocol.Response{Status: 200, Header: header, Scan: protocol.NewRoom(1<<20, nil), Keep: protocol.NewRoom(1<<20, nil)})
		d := newDecoded(c.coding, r)
		d.Write([]byte(c.body), time.Time{})
		reply := d.End(true, time.Time{})
		if reply.Incomplete != c.incomplete {
			t.Errorf("%d bytes said to be %s: incomplete %v, want %v", len(c.body), c.coding, reply.Incomplete, c.incomplete)
		}
	}
}
