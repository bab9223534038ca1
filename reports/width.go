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

// wrapColumns breaks text into lines of at most width columns, where a line may break; what
// is longer without such a place is broken anywhere.
func wrapColumns(s string, width int) []string {
	width = max(width, 20)
	var lines []string
	line := ""
	end := func(l string) { lines = append(lines, strings.ReplaceAll(trimmed(l), noBreak, " ")) }
	words := strings.FieldsFunc(keep(s), func(r rune) bool { return r == ' ' || r == '\n' })
	for _, a := range atoms(strings.Join(words, " ")) {
		if line != "" && columns(trimmed(line+a)) > width {
			end(line)
			line = ""
		}
		for columns(trimmed(a)) > width {
			head, tail := split(a, width)
			end(head)
			a = tail
		}
		line += a
	}
	end(line)
	return lines
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

// trimmed takes off the spaces at which a line ends.
func trimmed(s string) string { return strings.TrimRight(s, " "+thinSpace) }

// Signs at which no line begins, and at which none ends.
const (
	closing = "，。、；：！？）］｝」』】》〉”’…·%％,.;:!?)]}"
	opening = "（［｛「『【《〈“‘([{"
)

// atoms cuts text at all places where a line may break: after a space, and beside a character of
// double width unless a closing sign would begin a line or an opening one end it. Words and
// figures stay whole. Each atom keeps the spaces that follow it.
func atoms(s string) []string {
	var out []string
	begin := 0
	before := rune(0)
	for i, r := range s {
		if i > 0 && breaks(before, r) {
			out, begin = append(out, s[begin:i]), i
		}
		before = r
	}
	return append(out, s[begin:])
}

// breaks reports whether a line may break between two characters.
func breaks(a, b rune) bool {
	space := func(r rune) bool { return strings.ContainsRune(" "+thinSpace+noBreak, r) }
	switch {
	case space(b), a == []rune(noBreak)[0]:
		return false
	case a == ' ':
		return true
	case strings.ContainsRune(closing, b), strings.ContainsRune(opening, a):
		return false
	}
	return space(a) || wideRune(a) || wideRune(b)
}
