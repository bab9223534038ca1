package reports

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A Language is that of a page. The zero value is English.
type Language string

// The languages. Every page is composed in English, as records are; another language is a
// rewording of it, sentence by sentence, by a catalogue of messages.
const (
	English Language = "en"
	Chinese Language = "zh"
)

// Tag is the language's BCP 47 tag.
func (l Language) Tag() string {
	if l == Chinese {
		return "zh-Hans"
	}
	return "en"
}

// known is the language, or English.
func (l Language) known() Language {
	if l == Chinese {
		return Chinese
	}
	return English
}

// Say gives an English text in the language. A text that no message fits is given sentence by
// sentence, and what is left stays as it is: names, figures, and what people wrote.
func (l Language) Say(text string) string {
	if l != Chinese || text == "" {
		return text
	}
	return spaced(chinese().say(text))
}

// all says each of some texts.
func (l Language) all(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = l.Say(t)
	}
	return out
}

//go:embed zh.txt
var zhMessages string

// chinese is the catalogue, read once.
var chinese = sync.OnceValue(func() *catalogue {
	c, err := parseCatalogue(zhMessages)
	if err != nil {
		panic("reports: zh.txt: " + err.Error())
	}
	return c
})

// A catalogue holds messages: those without a place by their text, the others by pattern, the
// most telling first.
type catalogue struct {
	whole    map[string]string
	patterns []message
}

// A message is an English pattern with places, {1}, and its rendering.
type message struct {
	pattern *regexp.Regexp
	order   []int        // the place of each group
	as      map[int]bool // places that stay as they are
	listed  map[int]bool // places that hold a list of names
	literal int          // how many letters are fixed
	first   bool         // tried before others
	foreign string
}

// parseCatalogue reads messages, two lines each, English first, separated by empty lines; # begins
// a comment. {1} stands for any words, which are rendered too, {1:v} for words that stay, {1:n}
// for a figure or anything without a space, {1:w} for such a word that stays, {1:l} for a list of names,
// a, b and c, which stay, {1:p} for words without brackets. Messages after a star are tried before others.
func parseCatalogue(text string) (*catalogue, error) {
	c := &catalogue{whole: map[string]string{}}
	var pending string
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			if pending != "" {
				return nil, fmt.Errorf("line %d: %q has no rendering", i+1, pending)
			}
		case pending == "":
			pending = line
		default:
			if err := c.add(pending, line); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			pending = ""
		}
	}
	slices.SortStableFunc(c.patterns, func(a, b message) int {
		if a.first != b.first {
			return map[bool]int{true: -1, false: 1}[a.first]
		}
		return b.literal - a.literal
	})
	return c, nil
}

var place = regexp.MustCompile(`\{([1-9])(:[nvwlp])?\}`)

func (c *catalogue) add(english, foreign string) error {
	if !place.MatchString(english) {
		if _, twice := c.whole[english]; twice {
			return fmt.Errorf("%q is there twice", english)
		}
		c.whole[english] = foreign
		return nil
	}
	m := message{foreign: foreign, as: map[int]bool{}, listed: map[int]bool{}}
	english, m.first = strings.CutPrefix(english, "* ")
	expression, last := "^", 0
	for _, at := range place.FindAllStringSubmatchIndex(english, -1) {
		expression += regexp.QuoteMeta(english[last:at[0]])
		m.literal += at[0] - last
		group := "(.+?)"
		kind := ""
		if at[4] >= 0 {
			kind = english[at[4]:at[5]]
		}
		switch kind {
		case ":n", ":w":
			group = `(\S+)`
			m.literal++
		case ":p":
			group = `([^();]+)`
		}
		expression += group
		number, err := strconv.Atoi(english[at[2]:at[3]])
		if err != nil {
			return err
		}
		m.order = append(m.order, number)
		m.as[number] = kind == ":v" || kind == ":w"
		m.listed[number] = kind == ":l"
		last = at[1]
	}
	m.literal += len(english) - last
	var err error
	m.pattern, err = regexp.Compile("(?s)" + expression + regexp.QuoteMeta(english[last:]) + "$")
	for _, used := range place.FindAllStringSubmatch(foreign, -1) {
		if n, _ := strconv.Atoi(used[1]); !slices.Contains(m.order, n) {
			return fmt.Errorf("%q uses a place that %q lacks", foreign, english)
		}
	}
	c.patterns = append(c.patterns, m)
	return err
}

// say renders a text: whole where it is a message, else sentence by sentence, else by patterns,
// and at last what stands between semicolons and commas.
func (c *catalogue) say(text string) string {
	if out, ok := c.exactly(text); ok {
		return out
	}
	if parts := sentences(text); len(parts) > 1 {
		return c.join(parts, "")
	}
	if out, ok := c.fit(text); ok {
		return out
	}
	for _, by := range []struct{ english, foreign string }{{"; ", "；"}, {", ", "，"}} {
		if parts := strings.Split(text, by.english); len(parts) > 1 {
			return c.join(parts, by.foreign)
		}
	}
	return text
}

func (c *catalogue) join(parts []string, by string) string {
	var b strings.Builder
	for i, p := range parts {
		said := c.say(p)
		b.WriteString(said)
		if i == len(parts)-1 {
			break
		}
		if by == "" && !strings.HasSuffix(said, "。") {
			b.WriteString(" ")
		}
		b.WriteString(by)
	}
	return b.String()
}

// exactly renders a text that is a message without places, or only figures and signs.
func (c *catalogue) exactly(text string) (string, bool) {
	if strings.IndexFunc(text, latin) < 0 {
		return text, true
	}
	plain := strings.ReplaceAll(text, noBreak, " ")
	if out, ok := c.whole[plain]; ok {
		return out, true
	}
	lower, changed := lowered1(plain)
	out, ok := c.whole[lower]
	return out, ok && changed
}

// fit renders a text that is one message with places.
func (c *catalogue) fit(text string) (string, bool) {
	plain := strings.ReplaceAll(text, noBreak, " ")
	lower, changed := lowered1(plain)
	for _, m := range c.patterns {
		for _, s := range []string{plain, lower} {
			if found := m.pattern.FindStringSubmatch(s); found != nil {
				return m.render(c, found), true
			}
			if !changed {
				break
			}
		}
	}
	return "", false
}

// lowered1 begins a sentence with a small letter.
func lowered1(s string) (string, bool) {
	r, size := utf8.DecodeRuneInString(s)
	if !unicode.IsUpper(r) || len(s) == size {
		return s, false
	}
	return string(unicode.ToLower(r)) + s[size:], true
}

func latin(r rune) bool { return r < unicode.MaxLatin1 && unicode.IsLetter(r) }

// render puts what the places held, rendered too, into the message.
func (m message) render(c *catalogue, found []string) string {
	return place.ReplaceAllStringFunc(m.foreign, func(p string) string {
		n := int(p[1] - '0')
		held := found[slices.Index(m.order, n)+1]
		switch {
		case m.as[n]:
			return held
		case m.listed[n]:
			return listing.Replace(held)
		}
		return c.say(held)
	})
}

// listing writes a series of names in Chinese.
var listing = strings.NewReplacer(", ", "、", " and ", " 和 ")

// sentences splits text after full stops; nil where there is only one.
func sentences(text string) []string {
	var out []string
	begin := 0
	for i := 0; i+2 < len(text); i++ {
		if text[i] == '.' && text[i+1] == ' ' && text[i+2] != '.' {
			out = append(out, text[begin:i+1])
			begin = i + 2
		}
	}
	if begin > 0 {
		return append(out, text[begin:])
	}
	return nil
}

// thinSpace stands between Han characters and Latin letters or figures.
const thinSpace = "\u2009"

// spaced puts a thin space between Han and Latin, in place of a plain one where there is one.
func spaced(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		if r == ' ' && i > 0 && i+1 < len(runes) && (han(runes[i-1]) || han(runes[i+1])) {
			if !han(runes[i-1]) || !han(runes[i+1]) {
				b.WriteString(thinSpace)
			}
			continue
		}
		if i > 0 && (han(runes[i-1]) && word(r) || word(runes[i-1]) && han(r)) {
			b.WriteString(thinSpace)
		}
		b.WriteRune(r)
	}
	return b.String()
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

func word(r rune) bool {
	return r != '（' && r != '）' && !han(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("%+−±$€.", r))
}
