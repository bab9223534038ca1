package privacy

import (
	"fmt"
	"unicode/utf8"
)

// What a Redactor can find, as the specification names it, and what it puts in its place.
const (
	Email = "email"
	Phone = "phone"

	EmailMark = "[email]"
	PhoneMark = "[phone]"
)

// A Redactor finds people in texts. The zero value finds nothing. It may be used
// by many goroutines at once.
type Redactor struct{ email, phone bool }

// NewRedactor returns what finds these kinds.
func NewRedactor(kinds ...string) (Redactor, error) {
	var r Redactor
	for _, k := range kinds {
		switch k {
		case Email:
			r.email = true
		case Phone:
			r.phone = true
		default:
			return Redactor{}, fmt.Errorf("privacy.redact: %q is not known; allowed are %s and %s", k, Email, Phone)
		}
	}
	return r, nil
}

// triggers are the bytes at which something may be found: the @ of an address,
// the first sign of a number, and the first byte of their full-width forms.
var triggers = func() (t [256]bool) {
	for _, c := range "@+0123456789\xEF" {
		t[byte(c)] = true
	}
	t[0xEF] = true
	return t
}()

// Text returns the text with a mark in the place of each find, and the text
// itself where there is none. Time grows with the length alone.
func (r Redactor) Text(s string) string {
	if !r.email && !r.phone {
		return s
	}
	var out []byte
	done := 0 // of s, in out
	for i := 0; i < len(s); {
		if !triggers[s[i]] {
			i++
			continue
		}
		f := r.find(s, done, i)
		if f.mark != "" {
			out = append(append(out, s[done:f.from]...), f.mark...)
			done = f.to
		}
		i = f.to
	}
	if out == nil {
		return s
	}
	return string(append(out, s[done:]...))
}

// A find is a part of a text, and its mark; without a mark, a part in which
// nothing begins.
type find struct {
	from, to int
	mark     string
}

// find looks at what the sign at i may belong to, not before done.
func (r Redactor) find(s string, done, i int) find {
	c, width := sign(s, i)
	nothing := find{from: i, to: i + width}
	switch {
	case c == '@' && r.email:
		if from, to := email(s, done, i, width); to > 0 {
			return find{from, to, EmailMark}
		}
	case (c == '+' || digit(c)) && r.phone:
		if c != '+' {
			end, promising := run(s, i)
			nothing.to = end
			if !promising {
				return nothing
			}
		}
		if from, to := phone(s, i); to > 0 {
			return find{from, to, PhoneMark}
		}
	}
	return nothing
}

// sign returns the sign at i as ASCII, where it is ASCII or the full-width form
// of it; else 0.
func sign(s string, i int) (c byte, width int) {
	if i >= len(s) {
		return 0, 0
	}
	if s[i] < utf8.RuneSelf {
		return s[i], 1
	}
	if s[i] == 0xEF && i+2 < len(s) && s[i+1] == 0xBC && s[i+2]&0xC0 == 0x80 { // U+FF00 to U+FF3F, the marks of Chinese among them
		return s[i+2] - 0x80 + ' ', 3
	}
	r, width := utf8.DecodeRuneInString(s[i:])
	if r >= 0xFF01 && r <= 0xFF5E {
		return byte(r - 0xFF01 + '!'), width
	}
	return 0, width
}

// before returns the sign that ends at i, likewise.
func before(s string, i int) (c byte, width int) {
	_, width = utf8.DecodeLastRuneInString(s[:i])
	c, _ = sign(s, i-width)
	if width == 0 {
		return 0, 0
	}
	return c, width
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func word(c byte) bool { return digit(c) || letter(c) || c == '_' }
