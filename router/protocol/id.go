package protocol

import (
	"strings"
	"unicode/utf8"
)

// ID is an id in UTF-8. One that is UTF-8 is itself. In one that is not, each
// byte that belongs to no character, and each %, is written as % and two
// hexadecimal digits, as in a URL (RFC 3986, section 2.1): different bytes are
// different ids, and such an id can be equal only to one that was sent spelt so.
func ID(raw string) string {
	if utf8.ValidString(raw) {
		return raw
	}
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRuneInString(raw[i:])
		if r == '%' || r == utf8.RuneError && n == 1 {
			out.Write([]byte{'%', digits[raw[i]>>4], digits[raw[i]&15]})
		} else {
			out.WriteString(raw[i : i+n])
		}
		i += n
	}
	return out.String()
}
