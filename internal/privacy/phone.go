package privacy

import "strings"

const (
	shortest = 9  // digits of an international number, of the country's code too
	longest  = 15 // as E.164 says
)

// A candidate is groups of digits as a number may be written in, and more that
// stands beside it.
type candidate struct {
	from, to int  // to is the end of what was taken for the number
	plus     bool // begins with +
	n        int  // groups
	groups   [8]group
}

type group struct {
	digits [longest + 5]byte // as ASCII
	n      int               // of them
	end    int
	dot    bool // before it
}

func (g *group) is(s string) bool { return string(g.digits[:g.n]) == s }

// read reads digits; what it keeps of a very long run is cut, its end is not.
func (g *group) read(s string, i int) {
	for {
		c, width := sign(s, i)
		if !digit(c) {
			g.end = i
			return
		}
		if g.n < len(g.digits) {
			g.digits[g.n] = c
			g.n++
		}
		i += width
	}
}

// run returns the end of the digits that begin at i, and whether a number
// without a + may begin with them.
func run(s string, i int) (end int, promising bool) {
	first, width := sign(s, i)
	second, _ := sign(s, i+width)
	n := 0
	for end = i; end < len(s); n++ {
		c, width := sign(s, end)
		if !digit(c) {
			break
		}
		end += width
	}
	switch first {
	case '0':
		promising = second == '0'
	case '1':
		promising = n == 3 || n == 11
	case '8':
		promising = second == '6' && (n == 2 || n == 13)
	}
	return end, promising
}

// number reads the groups of digits from i on.
func number(s string, i int) candidate {
	n := candidate{from: i, to: i}
	at, dot := i, false
	if c, width := sign(s, at); c == '+' {
		n.plus = true
		at += width
	}
	for n.n < len(n.groups) {
		g := &n.groups[n.n]
		g.read(s, at)
		if g.n == 0 {
			break
		}
		g.dot = dot
		n.n++
		if at, dot = separator(s, g.end); at == g.end {
			break
		}
	}
	return n
}

// digits returns the digits of groups j to k-1.
func (n *candidate) digits(j, k int) string {
	b := make([]byte, 0, 2*longest)
	for i := j; i < k; i++ {
		b = append(b, n.groups[i].digits[:n.groups[i].n]...)
	}
	return string(b)
}

// separator returns the end of what may stand between two groups: a space, a
// hyphen or a dot, with a bracket before or after it or alone.
func separator(s string, i int) (end int, dot bool) {
	end = i
	for signs := 0; signs < 3; signs++ {
		c, width := sign(s, end)
		if strings.HasPrefix(s[end:], "\u00a0") {
			c, width = ' ', 2
		}
		if c == 0 || !strings.ContainsRune(" -.()", rune(c)) {
			break
		}
		dot = dot || c == '.'
		end += width
	}
	if c, _ := sign(s, end); !digit(c) {
		return i, false
	}
	return end, dot
}

// phone returns the number that begins at i, or that its first groups are, if
// somebody can be called at it and it stands alone. It prefers more groups; to is
// 0 where there is none.
func phone(s string, i int) (from, to int) {
	n := number(s, i)
	for k := n.n; k > 0; k-- {
		n.to = n.groups[k-1].end
		if n.valid(s, k) && n.alone(s) {
			n.bracket(s)
			return n.from, n.to
		}
	}
	return 0, 0
}

func (n *candidate) valid(s string, k int) bool {
	if n.plus {
		return n.international(n.digits(0, k), k)
	}
	digits := n.digits(0, k)
	if k >= 3 && strings.HasPrefix(digits, "00") && n.international(digits[2:], k) {
		return !follows(s, n.from)
	}
	return n.chinese(k)
}

// follows reports whether a group of digits stands before i, as in a number that
// began earlier.
func follows(s string, i int) bool {
	c, width := before(s, i)
	b, _ := before(s, i-width)
	return c == ' ' && digit(b)
}

// bracket takes in the bracket that the country's code may stand in.
func (n *candidate) bracket(s string) {
	within := s[n.from:n.to]
	if n.from > 0 && s[n.from-1] == '(' && strings.Contains(within, ")") && !strings.Contains(within, "(") {
		n.from--
	}
}

// international reports whether these digits, of k groups, are an international number.
func (n *candidate) international(digits string, k int) bool {
	return len(digits) >= shortest && len(digits) <= longest && countryCode(digits) && !n.thousands(k)
}

// countryCode reports whether the digits begin with a code of E.164 that is in
// use, and are as many as North America has, where it is that.
func countryCode(digits string) bool {
	switch digits[0] {
	case '0':
		return false
	case '1':
		return len(digits) == 11 && digits[1] >= '2'
	}
	return digits[:2] != "28" && digits[:2] != "83" && digits[:2] != "89"
}

// thousands is true of 1.500.000.000.
func (n *candidate) thousands(k int) bool {
	for i := 1; i < k; i++ {
		if !n.groups[i].dot || n.groups[i].n != 3 {
			return false
		}
	}
	return k > 1
}

// chinese reports whether the first k groups are a mobile number of China, alone
// or after 86 or 0086, in one group or as 3-4-4.
func (n *candidate) chinese(k int) bool {
	j := 0
	if first := &n.groups[0]; (first.is("86") || first.is("0086")) && k > 1 {
		j = 1
	}
	digits := n.digits(j, k)
	switch k - j {
	case 1:
		if j == 0 && len(digits) > 11 {
			digits = strings.TrimPrefix(strings.TrimPrefix(digits, "00"), "86")
		}
		return mobile(digits)
	case 3:
		g := n.groups[j:k]
		return g[0].n == 3 && g[1].n == 4 && !g[1].dot && !g[2].dot && mobile(digits)
	}
	return false
}

func mobile(digits string) bool {
	return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3'
}

// alone reports whether the number is no part of something longer: a word, a
// version, a decimal, an article number, an address.
func (n *candidate) alone(s string) bool {
	c, width := before(s, n.from)
	if word(c) || c == '+' || c == '@' || c == '#' {
		return false
	}
	if strings.ContainsRune("-.,", rune(c)) && c != 0 {
		if b, _ := before(s, n.from-width); word(b) {
			return false
		}
	}
	c, width = sign(s, n.to)
	if word(c) || c == '@' || c == '%' {
		return false
	}
	if strings.ContainsRune("-.,", rune(c)) && c != 0 {
		if b, _ := sign(s, n.to+width); word(b) {
			return false
		}
	}
	return true
}
