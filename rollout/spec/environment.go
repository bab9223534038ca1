package spec

import (
	"cmp"
	"regexp"
	"slices"
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
		value, ok := lookup(nameOf(ref))
		if !ok {
			faults = append(faults, r.unset(s, ref))
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

// Unset are the references of the release to names that lookup does not give, in
// the order of the file, each text at the first place where it stands. They are
// faults only where the values are used.
func (r *Release) Unset(lookup func(name string) (string, bool)) Faults {
	var all Faults
	for text := range r.references {
		for _, ref := range reference.FindAllString(text, -1) {
			if _, ok := lookup(nameOf(ref)); !ok {
				all = append(all, r.unset(text, ref))
			}
		}
	}
	slices.SortFunc(all, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Problem, b.Problem))
	})
	return all
}

// nameOf is the name that a reference stands for.
func nameOf(ref string) string { return ref[2 : len(ref)-1] }

// unset is the fault of a reference in a text.
func (r *Release) unset(text, ref string) Fault {
	f := r.references[text]
	f.Problem, f.Hint = ref+" is not set", "set it in the environment"
	return f
}
