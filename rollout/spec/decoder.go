package spec

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"weir/internal/yamltree"
)

// A decoder reads one file. It knows where each value stands, and collects
// faults.
type decoder struct {
	file   string
	values map[string]value // of the file, by path
	faults Faults
	faulty map[place]bool  // a place has at most one fault
	broken map[string]bool // paths of values of a wrong type: nothing inside them counts
	// references holds where each text with a ${NAME} first stands.
	references map[string]Fault
}

// A place is where a fault stands.
type place struct {
	path         string
	line, column int
}

// A value is a node of the file and what is wanted there, in faults after
// "write".
type value struct {
	node ast.Node
	want string
}

func newDecoder(file string) *decoder {
	return &decoder{
		file:       file,
		values:     map[string]value{},
		faulty:     map[place]bool{},
		broken:     map[string]bool{},
		references: map[string]Fault{},
	}
}

// places are where the values stand, by path.
func (d *decoder) places() map[string]Fault {
	out := make(map[string]Fault, len(d.values))
	for path, v := range d.values {
		if v.node != nil {
			line, column := yamltree.Position(v.node)
			out[path] = Fault{File: d.file, Line: line, Column: column, Path: path}
		}
	}
	return out
}

// has tells whether the file has a value at path.
func (d *decoder) has(path string) bool { return d.values[path].node != nil }

// fault records a fault of the value at path. Where there is none, it stands
// at what should hold it.
func (d *decoder) fault(path, problem, hint string) {
	at := path
	for at != "" && !d.has(at) {
		at = parent(at)
	}
	line, column := yamltree.Position(d.values[at].node)
	d.faultAt(line, column, path, problem, hint)
}

func (d *decoder) faultAt(line, column int, path, problem, hint string) {
	at := place{path, line, column}
	if d.faulty[at] || d.inBroken(path) {
		return
	}
	d.faulty[at] = true
	d.faults = append(d.faults, Fault{File: d.file, Line: line, Column: column, Path: path, Problem: problem, Hint: hint})
}

func (d *decoder) inBroken(path string) bool {
	for path != "" {
		path = parent(path)
		if d.broken[path] {
			return true
		}
	}
	return false
}

// refuse records that the value at path is not what is wanted there.
func (d *decoder) refuse(path, problem string) {
	d.fault(path, problem, "write "+d.values[path].want)
}

// mistyped records that the value at path is of a wrong type.
func (d *decoder) mistyped(path string) {
	d.refuse(path, "found "+yamltree.Word(d.values[path].node))
	d.broken[path] = true
}

// A literal is a scalar's text. Number holds for unquoted numbers as YAML
// knows them, quoted for text in quotes or in a block.
type literal struct {
	text           string
	number, quoted bool
}

// literal reads text or a number.
func (d *decoder) literal(path string) (literal, bool) {
	switch n := d.values[path].node.(type) {
	case *ast.StringNode:
		return literal{text: n.Value, quoted: n.Token.Type != token.StringType}, true
	case *ast.LiteralNode:
		return literal{text: strings.TrimRight(n.Value.Value, "\n"), quoted: true}, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return literal{text: n.GetToken().Value, number: true}, true
	}
	d.mistyped(path)
	return literal{}, false
}

// An entry is a key and its value.
type entry struct {
	name       string
	key, value ast.Node
}

// mapping reads the entries of a mapping; a key that is repeated counts once.
func (d *decoder) mapping(path string) ([]entry, bool) {
	values, ok := yamltree.Entries(d.values[path].node)
	if !ok {
		d.mistyped(path)
		return nil, false
	}
	var entries []entry
	seen := map[string]bool{}
	for _, v := range values {
		line, column := yamltree.Position(v.Key)
		name := keyText(v.Key)
		switch {
		case v.Key.IsMergeKey():
			d.faultAt(line, column, under(path, "<<"), "found a merge key", "write the keys themselves")
		case seen[name]:
			d.faultAt(line, column, under(path, name), "the key is here a second time", "remove one")
		default:
			entries = append(entries, entry{name, v.Key, v.Value})
		}
		seen[name] = true
	}
	return entries, true
}

// sequence reads the elements of a list.
func (d *decoder) sequence(path string) ([]ast.Node, bool) {
	if s, ok := d.values[path].node.(*ast.SequenceNode); ok {
		return s.Values, true
	}
	d.mistyped(path)
	return nil, false
}

func keyText(n ast.Node) string {
	switch n := n.(type) {
	case *ast.MappingKeyNode:
		return keyText(n.Value)
	case *ast.StringNode:
		return n.Value
	}
	return n.GetToken().Value
}
