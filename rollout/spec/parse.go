package spec

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// What a file may have at most. Parsing takes time and stack in both.
const (
	maxBytes = 256 << 10
	maxDepth = 32
)

// Parse reads and checks a specification. File is its name in faults. The
// error is [Faults]: all that is wrong, by position.
func Parse(file string, src []byte) (*Release, error) {
	d := newDecoder(file)
	body := d.parse(src)
	if d.faults != nil {
		return nil, d.faults
	}
	r := releaseKind.zero()
	readAt(d, releaseKind, body, "", &r)
	r.resolve(d.has)
	check(d, &r)
	if d.faults != nil {
		d.faults.sort()
		return nil, d.faults
	}
	r.references = d.references
	return &r, nil
}

// check finds what no single value shows.
func check(d *decoder, r *Release) {
	checkArms(d, r)
	checkVersions(d, r)
	checkRules(d, r)
	checkRamp(d, r)
	checkMetrics(d, r)
	checkJudge(d, r)
	checkPrivacy(d, r)
}

// parse gives the root of the file.
func (d *decoder) parse(src []byte) (root ast.Node) {
	if len(src) > maxBytes {
		d.faultAt(1, 1, "", fmt.Sprintf("the file has %d bytes", len(src)), fmt.Sprintf("write at most %d", maxBytes))
		return nil
	}
	defer func() {
		if recover() != nil { // the parser gave up on something that is no YAML
			d.faultAt(1, 1, "", "the file is not YAML", "")
		}
	}()
	tokens := lexer.Tokenize(string(bytes.TrimPrefix(src, []byte("\ufeff"))))
	if t := tooDeep(tokens); t != nil {
		d.faultAt(t.Position.Line, t.Position.Column, "", fmt.Sprintf("found more than %d levels", maxDepth), "a specification has fewer")
		return nil
	}
	f, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(src, err)
		return nil
	}
	return d.document(f)
}

// document gives the one document of a file.
func (d *decoder) document(f *ast.File) (root ast.Node) {
	for _, doc := range f.Docs {
		switch {
		case doc.Body == nil:
		case root != nil:
			line, column := position(doc.Body)
			d.faultAt(line, column, "", "found a second document", "write one specification a file")
		default:
			root = doc.Body
		}
	}
	return root
}

// syntax records what the YAML parser found. It says nothing of the content.
func (d *decoder) syntax(src []byte, err error) {
	line, column, problem, hint := 1, 1, "the file is not YAML", ""
	var at yaml.Error
	if errors.As(err, &at) {
		problem = at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
	}
	if lines := bytes.Split(src, []byte("\n")); line <= len(lines) && bytes.Contains(lines[line-1], []byte("${")) {
		hint = `inside { } and [ ] write "${NAME}" in quotes`
	}
	d.faultAt(line, column, "", problem, hint)
}

// tooDeep gives the token at which brackets, or dashes in a row, nest deeper
// than a specification can; nil where none do.
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
		if depth > maxDepth || dashes > maxDepth {
			return t
		}
	}
	return nil
}
