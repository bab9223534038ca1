package judge

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// A reader reads one rubric and collects mistakes.
type reader struct {
	file     string
	mistakes Mistakes
}

// An entry is a key of a mapping and its value.
type entry struct {
	key   string
	at    ast.Node
	value ast.Node
}

func (r *reader) fault(n ast.Node, format string, args ...any) {
	line, column := place(n)
	r.mistakes = append(r.mistakes, Mistake{r.file, line, column, fmt.Sprintf(format, args...)})
}

// place is where a node begins, a mapping at its first key.
func place(n ast.Node) (line, column int) {
	switch m := n.(type) {
	case nil:
		return 1, 1
	case *ast.MappingNode:
		if !m.IsFlowStyle && len(m.Values) > 0 {
			n = m.Values[0].Key
		}
	case *ast.MappingValueNode:
		n = m.Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, t.Position.Column
	}
	return 1, 1
}

// document is the root of the file's one document; nil where there is none,
// which is a mistake.
func (r *reader) document(src []byte) (root ast.Node) {
	defer func() {
		if recover() != nil { // the parser gives up on some malformed input
			r.fault(nil, "not valid YAML")
			root = nil
		}
	}()
	parsed, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	var located yaml.Error
	switch {
	case errors.As(err, &located) && located.GetToken() != nil && located.GetToken().Position != nil:
		at := located.GetToken().Position
		r.mistakes = append(r.mistakes, Mistake{r.file, at.Line, at.Column, "not valid YAML: " + located.GetMessage()})
	case err != nil:
		r.fault(nil, "not valid YAML")
	case len(parsed.Docs) != 1 || parsed.Docs[0].Body == nil:
		r.fault(nil, "a rubric is one YAML document, found %d", len(parsed.Docs))
	default:
		return parsed.Docs[0].Body
	}
	return nil
}

// object reads the entries of a mapping whose keys are among known; an empty
// known allows any.
func (r *reader) object(n ast.Node, what string, known ...string) []entry {
	var nodes []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		nodes = m.Values
	case *ast.MappingValueNode:
		nodes = []*ast.MappingValueNode{m}
	default:
		r.fault(n, "%s is a mapping of names to values", what)
		return nil
	}
	var entries []entry
	for _, node := range nodes {
		key, ok := plain(node.Key)
		switch {
		case !ok:
			r.fault(node.Key, "a key of %s is plain text", what)
		case len(known) > 0 && !slices.Contains(known, key):
			r.fault(node.Key, "%s has no key %q: there is %s", what, key, strings.Join(known, ", "))
		case slices.ContainsFunc(entries, func(e entry) bool { return e.key == key }):
			r.fault(node.Key, "%s stands twice in %s", key, what)
		default:
			entries = append(entries, entry{key, node.Key, node.Value})
		}
	}
	return entries
}

// list reads the elements of a list.
func (r *reader) list(n ast.Node, what string) []ast.Node {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fault(n, "%s is a list", what)
		return nil
	}
	return s.Values
}

// text reads a text that is not empty.
func (r *reader) text(n ast.Node, what string) string {
	text, ok := plain(n)
	if text = strings.TrimSpace(text); !ok || text == "" {
		r.fault(n, "%s is a text that is not empty", what)
	}
	return text
}

// number reads a number within bounds.
func (r *reader) number(n ast.Node, what string, low, high float64) float64 {
	text, ok := plain(n)
	v, err := strconv.ParseFloat(text, 64)
	if !ok || err != nil || !(v >= low && v <= high) {
		r.fault(n, "%s is a number from %g to %g", what, low, high)
		return low
	}
	return v
}

// digit reads a whole number from 0 to 9.
func (r *reader) digit(n ast.Node, what string) int {
	text, ok := plain(n)
	if !ok || len(text) != 1 || text[0] < '0' || text[0] > '9' {
		r.fault(n, "%s is a whole number from 0 to 9", what)
		return 0
	}
	return int(text[0] - '0')
}

// plain is the text of a scalar; null has none.
func plain(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}
