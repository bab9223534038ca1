package protocol_test

import (
	"net/url"
	"testing"
	"unicode/utf8"

	"weir/router/protocol"
)

func TestID(t *testing.T) {
	for raw, want := range map[string]string{
		"":                 "",
		"s-1":              "s-1",
		"100%":             "100%",
		"张三":               "张三",
		"\uFFFD":           "\uFFFD",
		"\xd5\xc5\xc8\xfd": "%D5%C5%C8%FD", // 张三 in GBK
		"\xc0\xee\xcb\xc4": "%C0%EE%CB%C4", // 李四 in GBK
		"caf\xe9":          "caf%E9",
		"caf\xe8":          "caf%E8",
		"%D5\xc5":          "%25D5%C5",
		"张\xff三":           "张%FF三",
		"\xed\xa0\x80":     "%ED%A0%80", // half of a pair of UTF-16
		"cut off \xe5\xbc": "cut off %E5%BC",
		"\uFFFD\xff":       "\uFFFD%FF",
	} {
		if got := protocol.ID(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

// FuzzID holds that an id is UTF-8, and that its bytes can be had from it.
func FuzzID(f *testing.F) {
	f.Add("caf\xe9%")
	f.Add("\xd5\xc5\xc8\xfd")
	f.Fuzz(func(t *testing.T, raw string) {
		id := protocol.ID(raw)
		if utf8.ValidString(raw) {
			if id != raw {
				t.Errorf("%q became %q", raw, id)
			}
			return
		}
		if back, err := url.PathUnescape(id); !utf8.ValidString(id) || err != nil || back != raw {
			t.Errorf("%q became %q, which is %q, %v", raw, id, back, err)
		}
	})
}
