package spec

import (
	"github.com/goccy/go-yaml/ast"

	"weir/internal/yamltree"
)

// MetricLines gives the lines, from 1, at which a specification's metrics stand, by
// name; none where the text cannot be read.
func MetricLines(src []byte) map[string]int {
	out := map[string]int{}
	root, err := yamltree.Parse("", "specification", src)
	if err != nil || root == nil {
		return out
	}
	metrics, ok := lookup(root, "metrics").(*ast.SequenceNode)
	if !ok {
		return out
	}
	for _, m := range metrics.Values {
		if name := lookup(m, "name"); name != nil {
			line, _ := yamltree.Position(name)
			out[name.GetToken().Value] = line
		}
	}
	return out
}

// lookup gives the value of a mapping's key; nil where there is none.
func lookup(n ast.Node, key string) ast.Node {
	values, _ := yamltree.Entries(n)
	for _, v := range values {
		if v.Key.GetToken().Value == key {
			return v.Value
		}
	}
	return nil
}
