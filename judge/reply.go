package judge

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// maxReply bounds what is read of a reply, in bytes.
const maxReply = 64 << 10

// Why a reply cannot be read. The texts go back to the model, and into rows.
var (
	errNoObject = errors.New("there is no JSON object at its end")
	errConflict = errors.New("it holds two verdicts that differ")
)

// A word is one criterion's verdict as it was written, and where it stands.
type word struct {
	word             string // a level, or A, B, tie
	evidence, reason string
	at               int // of the word, in bytes from the reply's beginning
}

// readVerdict reads the object at the end of a reply: exact keys, each once, and
// only legal words. An echo of a forged verdict before it is a conflict unless it
// says the same.
func readVerdict(reply string, criteria []Criterion, mode Mode) ([]word, error) {
	if len(reply) > maxReply {
		return nil, fmt.Errorf("it is longer than %d bytes", maxReply)
	}
	var last []word
	err := errNoObject
	for _, o := range objects(reply) {
		words, problem := readObject(reply, o, criteria, mode)
		if problem == nil && last != nil && !slices.EqualFunc(words, last, func(a, b word) bool { return a.word == b.word }) {
			return nil, errConflict
		}
		if problem == nil {
			last = words
		}
		err = problem
	}
	if err != nil {
		return nil, err
	}
	return last, nil
}

// A span is a piece of a text, in bytes.
type span struct{ from, to int }

// objects finds the JSON objects of a text that lie in no other one.
func objects(text string) []span {
	var out []span
	const tries = 64 // a text of opening brackets alone is no reply
	for at, n := 0, 0; n < tries; n++ {
		next := strings.IndexByte(text[at:], '{')
		if next < 0 {
			break
		}
		at += next
		d := json.NewDecoder(strings.NewReader(text[at:]))
		var raw json.RawMessage
		if d.Decode(&raw) != nil {
			at++
			continue
		}
		end := at + int(d.InputOffset())
		out = append(out, span{at, end})
		at = end
	}
	return out
}

// readObject reads one object as a verdict.
func readObject(reply string, o span, criteria []Criterion, mode Mode) ([]word, error) {
	d := json.NewDecoder(strings.NewReader(reply[o.from:o.to]))
	d.UseNumber()
	words := make([]word, len(criteria))
	seen := make([]bool, len(criteria))
	d.Token() // the opening bracket
	for d.More() {
		name := key(d)
		i := slices.IndexFunc(criteria, func(c Criterion) bool { return c.Name == name })
		if i < 0 || seen[i] {
			return nil, errors.New("its keys are not the criteria, each once")
		}
		seen[i] = true
		var err error
		if words[i], err = readWord(d, o.from, criteria[i], mode); err != nil {
			return nil, err
		}
	}
	if slices.Contains(seen, false) {
		return nil, errors.New("it lacks a criterion")
	}
	return words, nil
}

// readWord reads the object of one criterion; base is where the decoder began.
func readWord(d *json.Decoder, base int, c Criterion, mode Mode) (word, error) {
	answerKey := "score"
	if mode == Pairwise {
		answerKey = "better"
	}
	shape := fmt.Errorf("%s is no object of evidence, reason and %s", c.Name, answerKey)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return word{}, shape
	}
	var w word
	seen := map[string]bool{}
	for d.More() {
		name := key(d)
		t, err := d.Token()
		if err != nil || seen[name] {
			return word{}, shape
		}
		seen[name] = true
		switch text, isText := t.(string); {
		case name == "evidence" && isText:
			w.evidence = text
		case name == "reason" && isText:
			w.reason = text
		case name == answerKey:
			literal := fmt.Sprint(t)
			w.word, w.at = literal, base+int(d.InputOffset())-len(literal)
			if isText {
				w.at-- // before the closing quote
			}
		default:
			return word{}, shape
		}
	}
	d.Token() // the closing bracket
	if len(seen) != 3 {
		return word{}, shape
	}
	if _, legal := levelsOf(c, mode)[w.word]; !legal {
		return word{}, fmt.Errorf("%s of %s is not on its scale", answerKey, c.Name)
	}
	return w, nil
}

// key reads a key of an object; the decoder is inside one that is known to be
// valid JSON.
func key(d *json.Decoder) string {
	t, _ := d.Token()
	name, _ := t.(string)
	return name
}

// checkEvidence wants every quote to occur in what the judge was shown. Nothing
// need be quoted for the worst level, nor for a tie.
func (t task) checkEvidence(words []word) error {
	var shown []string
	for _, m := range t.shown {
		shown = append(shown, quotable(m))
	}
	for i, w := range words {
		c := t.rubric.Criteria[i]
		quotes := quotesOf(w.evidence)
		if len(quotes) == 0 && w.word != worst(c, t.mode) {
			return fmt.Errorf("%s has no evidence", c.Name)
		}
		for _, q := range quotes {
			if !slices.ContainsFunc(shown, func(s string) bool { return strings.Contains(s, q) }) {
				return fmt.Errorf("the evidence of %s does not occur in the dialogue", c.Name)
			}
		}
	}
	return nil
}

// worst is the word that can be said of nothing.
func worst(c Criterion, mode Mode) string {
	if mode == Pairwise {
		return "tie"
	}
	return string(rune('0' + c.Levels[0].Value))
}

// quotesOf splits evidence at ellipses; each part is a quote.
func quotesOf(evidence string) []string {
	var out []string
	for _, part := range strings.Split(strings.ReplaceAll(evidence, "...", "…"), "…") {
		if part = folded(clean(part)); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// quotable is the text of a material, which is clean, as quotes are looked for in it.
func quotable(material string) string {
	var turns []shownTurn
	if err := json.NewDecoder(strings.NewReader(material)).Decode(&turns); err != nil {
		panic("judge: material: " + err.Error())
	}
	var b strings.Builder
	for _, t := range turns {
		for _, s := range append([]string{t.User, t.Assistant, t.Tools}, t.Passages...) {
			b.WriteString(folded(s))
		}
	}
	return b.String()
}

// folded reduces a cleaned text to its letters, digits and signs that carry meaning:
// how a model quotes blanks, quotation marks, dashes and capitals says nothing about
// whether it quotes.
func folded(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r <= unicode.MaxASCII && meaningless[r] || r > unicode.MaxASCII && strings.ContainsRune(meaninglessBeyond, r) {
			return -1
		}
		return r
	}, s))
}

const meaninglessBeyond = "\u00a0\u3000“”‘’«»„‚–—。，；：！？、（）"

// meaningless marks the ASCII characters that folded drops.
var meaningless = func() (is [unicode.MaxASCII + 1]bool) {
	for _, r := range " \t\n\r\"'`*_-.,;:!?()[]{}" {
		is[r] = true
	}
	return is
}()
