package spec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// scalar is a kind written as one text or number. The errors of parse complete
// a sentence that begins with the text.
func scalar[T any](name, want string, parse func(literal) (T, error), write func(T) any, schema map[string]any) kind[T] {
	return kind[T]{
		name: name, want: want, write: write,
		schema: func() map[string]any { return maps.Clone(schema) },
		read: func(d *decoder, path string, into *T) {
			l, ok := d.literal(path)
			if !ok {
				return
			}
			v, err := parse(l)
			if err != nil {
				d.refuse(path, quote(l.text)+" "+err.Error())
				return
			}
			*into = v
		},
	}
}

// quote shows a text of the file, shortened.
func quote(text string) string {
	const limit = 60
	if r := []rune(text); len(r) > limit {
		text = string(r[:limit]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// A word is one of the values of a choice.
type word[T any] struct {
	text  string
	value T
}

// choice is a kind with a closed list of values.
func choice[T comparable](words ...word[T]) kind[T] {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.text
	}
	parse := func(l literal) (T, error) {
		i := slices.Index(texts, l.text)
		if i < 0 {
			var none T
			return none, errors.New("is unknown")
		}
		return words[i].value, nil
	}
	write := func(v T) any {
		i := slices.IndexFunc(words, func(w word[T]) bool { return w.value == v })
		if i < 0 {
			return nil
		}
		return texts[i]
	}
	return scalar(strings.Join(texts, " | "), alternatives(texts), parse, write, map[string]any{"type": "string", "enum": texts})
}

// enum is the choice among the names of an enumeration; the empty name is
// none of them.
func enum[E ~int](names []string) kind[E] {
	var words []word[E]
	for i, n := range names {
		if n != "" {
			words = append(words, word[E]{n, E(i)})
		}
	}
	return choice(words...)
}

// alternatives gives "a, b or c".
func alternatives(texts []string) string {
	last := len(texts) - 1
	if last < 1 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:last], ", ") + " or " + texts[last]
}
