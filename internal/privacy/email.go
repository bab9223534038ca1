package privacy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	longestLocal  = 64
	longestDomain = 253
)

// email returns the address around the @ at i, which does not begin before
// done; to is 0 where there is none. An address has a domain that ends in two
// letters at least: user@host and name@1.2.3 are none.
func email(s string, done, i, width int) (from, to int) {
	from = i
	for from > done && i-from < longestLocal {
		r, n := utf8.DecodeLastRuneInString(s[:from])
		if !local(r) || from-n < done {
			break
		}
		from -= n
	}
	for from < i && s[from] == '.' {
		from++
	}
	if from == i || s[i-1] == '.' {
		return 0, 0
	}
	if to = domain(s, i+width); to == 0 {
		return 0, 0
	}
	return from, to
}

func local(r rune) bool {
	return r < utf8.RuneSelf && (word(byte(r)) || strings.ContainsRune(".%+-'", r)) || latin(r)
}

// latin is true of letters beyond ASCII that Europeans write names with.
func latin(r rune) bool {
	return r >= utf8.RuneSelf && r != utf8.RuneError && unicode.Is(unicode.Latin, r) && r < 0xFF00
}

// domain returns the end of the domain that begins at i; 0 where there is none.
func domain(s string, i int) int {
	end, labels := 0, 0
	for at := i; at < len(s) && at-i < longestDomain; {
		stop, name := label(s, at)
		if stop == at {
			break
		}
		labels++
		if labels > 1 && name {
			end = stop
		}
		if stop >= len(s) || s[stop] != '.' {
			break
		}
		at = stop + 1
	}
	return end
}

// label returns the end of the label at i, and whether it may be the last of a
// domain.
func label(s string, i int) (end int, name bool) {
	letters := 0
	for end = i; end < len(s); {
		r, n := utf8.DecodeRuneInString(s[end:])
		switch {
		case r < utf8.RuneSelf && letter(byte(r)), latin(r):
			letters++
		case r == '-' && end > i, r < utf8.RuneSelf && digit(byte(r)):
			letters = -1 << 30
		default:
			return end, letters >= 2
		}
		end += n
	}
	return end, letters >= 2
}
