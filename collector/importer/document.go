package importer

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/yamltree"
)

// A pair is one entry of a YAML mapping.
type pair struct {
	key   string
	at    place // of the key
	value ast.Node
}

// pairs returns the entries of an object; what is none of name is a fault, and so is a key
// that stands twice.
func (l *faultList) pairs(n ast.Node, name string) []pair {
	nodes, ok := yamltree.Entries(n)
	if !ok {
		l.add(at(n), "%s is an object of names and values, not %s", name, describe(n))
		return nil
	}
	var pairs []pair
	seen := map[string]bool{}
	for _, node := range nodes {
		key, ok := yamltree.Scalar(node.Key)
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

// words returns a list of plain texts.
func (l *faultList) words(n ast.Node, name string) (words []string, places []place) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		l.add(at(n), "%s is a list of names, not %s", name, describe(n))
		return nil, nil
	}
	for _, item := range list.Values {
		word, ok := yamltree.Scalar(item)
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
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode, *ast.MergeKeyNode:
		return "an anchor, alias or tag"
	}
	if s, ok := yamltree.Scalar(n); ok {
		return fmt.Sprintf("%q", s)
	}
	return "that"
}
