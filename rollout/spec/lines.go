package spec

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MetricLines gives the lines, from 1, at which a specification's metrics stand, by
// name; none where the text cannot be read.
func MetricLines(src []byte) map[string]int {
	out := map[string]int{}
	file, err := parser.ParseBytes(src, 0)
	if err != nil || len(file.Docs) == 0 {
		return out
	}
	metrics, ok := lookup(file.Docs[0].Body, "metrics").(*ast.SequenceNode)
	if !ok {
		return out
	}
	for _, m := range metrics.Values {
		if name := lookup(m, "name"); name != nil {
			line, _ := position(name)
			out[name.GetToken().Value] = line
		}
	}
	return out
}

// lookup gives the value of a mapping's key; nil where there is none.
func lookup(n ast.Node, key string) ast.Node {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	}
	for _, v := range values {
		if v.Key.GetToken().Value == key {
			return v.Value
		}
	}
	return nil
}
