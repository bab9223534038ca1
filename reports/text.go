package reports

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible makes text safe to show beside other text: characters that act on
// what surrounds them (controls, escape sequences, changes of direction,
// invisible tags) are replaced by their code point, ⟦U+202E⟧, and invalid
// UTF-8 by U+FFFD. Line feeds and tabs stay, as do the joiners that scripts
// and emoji need.
func visible(s string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		if acts(r) {
			fmt.Fprintf(&b, "⟦U+%04X⟧", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// acts reports whether a character changes its surroundings without being seen.
func acts(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	switch r {
	case '\n', '\t', zeroWidthNonJoiner, zeroWidthJoiner:
		return false
	case '\u2028', '\u2029':
		return true
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r)
}

// hyphenMinus is a hyphen that stands for a minus sign.
var hyphenMinus = regexp.MustCompile(`(^|[\s(])-(\.?[0-9])`)

// prose makes a sentence visible, with true minus signs.
func prose(s string) string { return hyphenMinus.ReplaceAllString(visible(s), "${1}"+minus+"${2}") }

func allProse(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = prose(t)
	}
	return out
}

// cut shortens text to at most n characters and returns how many were left out.
func cut(s string, n int) (string, int) {
	total := utf8.RuneCountInString(s)
	if total <= n {
		return s, 0
	}
	return string([]rune(s)[:n]), total - n
}

// shorten cuts text to at most n characters, the last of which is then an ellipsis.
func shorten(s string, n int) string {
	if short, left := cut(s, n); left > 0 {
		short, _ = cut(short, n-1)
		return strings.TrimRight(short, " ") + "…"
	}
	return s
}

// capital starts a sentence.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// sentence ends text with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return capital(s)
	}
	return capital(s) + "."
}

// series joins words as a list: a, b and c.
func series(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// plural counts a unit of assignment: 1 session, 38,112 sessions.
func plural(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return count(n) + " " + unit + "s"
}

// relabel writes metrics by their labels in text that names them.
func relabel(texts []string, ms []metric) []string {
	byLength := slices.Clone(ms) // so that a name within a longer one stays whole
	slices.SortStableFunc(byLength, func(a, b metric) int { return len(b.Name) - len(a.Name) })
	var names []string
	for _, m := range byLength {
		names = append(names, m.Name, m.Label, capital(m.Name), capital(m.Label))
	}
	replacer := strings.NewReplacer(names...)
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = replacer.Replace(prose(t))
	}
	return out
}

// wrapHan breaks a Chinese text into at most most lines of width characters; what does not fit
// ends in an ellipsis.
func wrapHan(s string, width, most int) []string {
	var lines []string
	line := ""
	parts := atoms(keep(s))
	for i, a := range parts {
		if line != "" && utf8.RuneCountInString(trimmed(line+a)) > width {
			if len(lines) == most-1 {
				return append(lines, shorten(line+strings.Join(parts[i:], ""), width))
			}
			lines, line = append(lines, trimmed(line)), ""
		}
		line += a
	}
	return append(lines, shorten(trimmed(line), width))
}

// wrap breaks text at spaces into at most most lines of width characters; what
// does not fit ends in an ellipsis.
func wrap(s string, width, most int) []string {
	var lines []string
	line := ""
	words := strings.Fields(s)
	for i, w := range words {
		joined := strings.TrimSpace(line + " " + w)
		if len([]rune(joined)) <= width {
			line = joined
			continue
		}
		if len(lines) == most-1 {
			return append(lines, shorten(line+" "+strings.Join(words[i:], " "), width))
		}
		if line != "" {
			lines = append(lines, line)
		}
		line = w
	}
	return append(lines, shorten(line, width))
}
