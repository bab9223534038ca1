package reports

import (
	"strings"
	"unicode"
)

// columns counts the columns text takes on a terminal: two for East Asian
// wide characters, none for combining ones and escape sequences.
func columns(s string) int {
	n, escaped := 0, false
	for _, r := range s {
		switch {
		case escaped:
			escaped = r != 'm'
		case r == '\x1b':
			escaped = true
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wideRune(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wideRune(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) ||
		r >= 0x3000 && r <= 0x303f || r >= 0xff01 && r <= 0xff60 || r >= 0x1f300 && r <= 0x1faff
}

// wrapColumns breaks text at spaces into lines of at most width columns;
// a longer word is broken anywhere.
func wrapColumns(s string, width int) []string {
	width = max(width, 20)
	lines, line := []string{}, ""
	for _, w := range strings.FieldsFunc(keep(s), func(r rune) bool { return r == ' ' || r == '\n' }) {
		w = strings.ReplaceAll(w, noBreak, " ")
		if line != "" && columns(line)+1+columns(w) > width {
			lines = append(lines, line)
			line = ""
		}
		for columns(w) > width {
			head, tail := split(w, width)
			lines = append(lines, head)
			w = tail
		}
		line = strings.TrimSpace(line + " " + w)
	}
	return append(lines, line)
}

// split cuts a word after width columns.
func split(w string, width int) (head, tail string) {
	for i, r := range w {
		if columns(w[:i]+string(r)) > width {
			return w[:i], w[i:]
		}
	}
	return w, ""
}
