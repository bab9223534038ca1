// Package yamltree reads the YAML files that people write for Weir as trees
// of nodes that know where they stand, so that every fault can be told with
// its place.
package yamltree

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"weir/internal/fault"
)

// What a file may have at most. Parsing takes time and stack in both.
const (
	MaxBytes = 256 << 10
	MaxDepth = 32
)

// Parse gives the root of the one document of a file, nil where it holds
// nothing. File is its name in faults, what is what it should hold, such as
// "specification". The error is [fault.Faults], and says nothing of the
// file's content. Keys may repeat: that is for the reader to refuse.
func Parse(file, what string, src []byte) (root ast.Node, err error) {
	refuse := func(line, column int, problem, hint string) error {
		return fault.Faults{{File: file, Line: line, Column: column, Problem: problem, Hint: hint}}
	}
	if len(src) > MaxBytes {
		return nil, refuse(1, 1, fmt.Sprintf("the file has more than %d bytes", MaxBytes), "write less, or name another file")
	}
	defer func() {
		if recover() != nil { // the parser gave up on something that is no YAML
			root, err = nil, refuse(1, 1, "not valid YAML", "")
		}
	}()
	tokens := lexer.Tokenize(string(bytes.TrimPrefix(src, []byte("\ufeff"))))
	if t := tooDeep(tokens); t != nil {
		return nil, refuse(t.Position.Line, t.Position.Column, fmt.Sprintf("found more than %d levels", MaxDepth), "a "+what+" has fewer")
	}
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, fault.Faults{syntax(file, err)}
	}
	for _, document := range parsed.Docs {
		switch {
		case document.Body == nil:
		case root != nil:
			line, column := Position(document.Body)
			return nil, refuse(line, column, "found a second document", "write one "+what+" a file")
		default:
			root = document.Body
		}
	}
	return root, nil
}

// syntax is what the YAML parser found.
func syntax(file string, err error) fault.Fault {
	f := fault.Fault{File: file, Line: 1, Column: 1, Problem: "not valid YAML"}
	var at yaml.Error
	if errors.As(err, &at) {
		f.Problem += ": " + at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			f.Line, f.Column = t.Position.Line, t.Position.Column
		}
	}
	return f
}

// tooDeep gives the token at which brackets, or dashes in a row, nest deeper
// than a file may; nil where none do.
func tooDeep(tokens token.Tokens) *token.Token {
	depth, dashes, line := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType:
			if t.Position.Line != line {
				dashes, line = 0, t.Position.Line
			}
			dashes++
		}
		if depth > MaxDepth || dashes > MaxDepth {
			return t
		}
	}
	return nil
}
