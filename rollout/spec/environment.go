package spec

import (
	"regexp"
	"strings"

	"weir/internal/yamltree"
)

var reference = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// wellFormed tells whether every ${ in the text begins a reference.
func wellFormed(text string) bool {
	return !strings.Contains(reference.ReplaceAllString(text, ""), "${")
}

// refer remembers where a text that refers to the environment stands.
func (d *decoder) refer(path, text string) {
	if _, seen := d.references[text]; seen || !strings.Contains(text, "${") {
		return
	}
	line, column := yamltree.Position(d.values[path].node)
	d.references[text] = Fault{File: d.file, Line: line, Column: column, Path: path}
}

// ExpandEnv replaces every ${NAME} in s, a text of the release, with what
// lookup gives; os.LookupEnv is one. A name that is not set is a [Fault] at the
// place where s was written; several are [Faults]. A value that is set but
// empty is used.
func (r *Release) ExpandEnv(s string, lookup func(name string) (string, bool)) (string, error) {
	var faults Faults
	expanded := reference.ReplaceAllStringFunc(s, func(ref string) string {
		value, ok := lookup(ref[2 : len(ref)-1])
		if !ok {
			f := r.references[s]
			f.Problem, f.Hint = ref+" is not set", "set it in the environment"
			faults = append(faults, f)
		}
		return value
	})
	switch len(faults) {
	case 0:
		return expanded, nil
	case 1:
		return "", faults[0]
	}
	return "", faults
}

// Variables are the names that a text of the release refers to, as ${NAME}, with
// commas between; empty where it refers to none.
func Variables(text string) string {
	return strings.Join(reference.FindAllString(text, -1), ", ")
}
