package importer

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// A pair is one entry of a YAML mapping.
type pair struct {
	key   string
	at    place // of the key
	value ast.Node
}

// parseDocument returns the root of the one document that src holds.
func parseDocument(file string, src []byte) (root ast.Node, err error) {
	defer func() {
		if r := recover(); r != nil { // the parser panics on some malformed input
			err = Faults{{file, 1, 1, "not valid YAML"}}
		}
	}()
	parsed, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, Faults{syntaxFault(file, err)}
	}
	switch {
	case len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil:
		return nil, Faults{{file, 1, 1, "the mapping is empty"}}
	case len(parsed.Docs) > 1:
		return nil, Faults{{file, 1, 1, "a mapping is one document; there are several"}}
	}
	return parsed.Docs[0].Body, nil
}

func syntaxFault(file string, err error) Fault {
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil && located.GetToken().Position != nil {
		at := located.GetToken().Position
		return Fault{file, at.Line, at.Column, "not valid YAML: " + located.GetMessage()}
	}
	return Fault{file, 1, 1, "not valid YAML"}
}

// at returns where a node begins.
func at(n ast.Node) place {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return place{t.Position.Line, t.Position.Column}
	}
	return place{1, 1}
}

// beginning returns where a node begins, an object at its first key.
func beginning(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return at(m.Values[0].Key)
	}
	return at(n)
}

// pairs returns the entries of an object; what is none of name is a fault, and so is a key
// that stands twice.
func (l *faultList) pairs(n ast.Node, name string) []pair {
	var nodes []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		nodes = n.Values
	case *ast.MappingValueNode:
		nodes = []*ast.MappingValueNode{n}
	default:
		l.add(at(n), "%s is an object of names and values, not %s", name, describe(n))
		return nil
	}
	var pairs []pair
	seen := map[string]bool{}
	for _, node := range nodes {
		key, ok := scalar(node.Key)
		switch {
		case !ok:
			l.add(at(node.Key), "a name in %s must be plain text", name)
		case seen[key]:
			l.add(at(node.Key), "%s stands twice in %s", key, name)
		default:
			seen[key] = true
			pairs = append(pairs, pair{key, at(node.Key), node.Value})
		}
	}
	return pairs
}

// scalar returns the text of a scalar as it is written, without quotes; null
// has none.
func scalar(n ast.Node) (string, bool) {
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

// words returns a list of plain texts.
func (l *faultList) words(n ast.Node, name string) (words []string, places []place) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		l.add(at(n), "%s is a list of names, not %s", name, describe(n))
		return nil, nil
	}
	for _, item := range list.Values {
		word, ok := scalar(item)
		if !ok || word == "" {
			l.add(at(item), "%s is a list of names, not of %s", name, describe(item))
			continue
		}
		words, places = append(words, word), append(places, at(item))
	}
	return words, places
}

// describe names what a node is, for messages.
func describe(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "an object"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode, *ast.MergeKeyNode:
		return "an anchor, alias or tag"
	}
	if s, ok := scalar(n); ok {
		return fmt.Sprintf("%q", s)
	}
	return "that"
}
