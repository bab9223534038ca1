package proxy

import (
	"bytes"
	"compress/gzip"
	"testing"
	"time"

	"weir/router/protocol"
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
