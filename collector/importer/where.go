package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// A filter says which rows are wanted. The nil filter wants all.
type filter struct {
	program *vm.Program
	header  *header
	env     map[string]any // the cells of the row at hand, of files with a header
	machine vm.VM
}

// maxNodes bounds the size of an expression.
const maxNodes = 1000

// cellFunction is the name that cellNumber has in expressions; nobody has to
// write it.
const cellFunction = "weir_number"

// newFilter compiles an expression over the columns of a header; over objects, where it is
// nil, whose fields nobody knows beforehand. Cells of a text file are texts.
func newFilter(where string, h *header) (*filter, error) {
	if where == "" {
		return nil, nil
	}
	options := []expr.Option{
		expr.AsBool(), expr.MaxNodes(maxNodes), expr.DisableBuiltin("now"),
		expr.Function(cellFunction, cellNumber, new(func(string) float64)),
	}
	if h == nil {
		options = append(options, expr.Env(map[string]any{}), expr.AllowUndefinedVariables())
	} else {
		options = append(options, expr.Env(columnTypes(h)))
	}
	if h != nil && h.texts {
		options = append(options, expr.Patch(numberPatch{h}))
	}
	program, err := expr.Compile(where, options...)
	if err != nil {
		return nil, errors.New(expressionProblem(err))
	}
	return &filter{program: program, header: h, env: map[string]any{}}, nil
}

func columnTypes(h *header) types.Map {
	columns := types.Map{}
	for _, name := range h.names {
		columns[name] = types.Any
		if h.texts {
			columns[name] = types.String
		}
	}
	return columns
}

// wants says whether a record is wanted. The error quotes nothing of the row.
func (f *filter) wants(r *record) (bool, error) {
	if f == nil {
		return true, nil
	}
	var env any = f.env
	if f.header == nil {
		env = nativeJSON(r.object)
	} else {
		for i, name := range f.header.names {
			if f.header.texts {
				f.env[name] = r.cells[i].text // a null is an empty one
			} else {
				f.env[name] = nativeJSON(r.cells[i].decoded())
			}
		}
	}
	result, err := f.machine.Run(f.program, env)
	if err != nil {
		return false, errors.New("where cannot be told for this row: a value is missing or of another type than it expects")
	}
	return result.(bool), nil
}

// nativeJSON returns decoded JSON with its numbers as int where they are whole, else float64.
func nativeJSON(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		f, _ := v.Float64() // out of range is an infinity, which compares as one
		return f
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, inner := range v {
			object[name] = nativeJSON(inner)
		}
		return object
	case []any:
		items := make([]any, len(v))
		for i, inner := range v {
			items[i] = nativeJSON(inner)
		}
		return items
	}
	return v
}

// numberPatch reads a column of a text file as a number where an expression compares it
// with one.
type numberPatch struct{ header *header }

// Visit implements the visitor of expr.
func (p numberPatch) Visit(node *ast.Node) {
	comparison, ok := (*node).(*ast.BinaryNode)
	if !ok || !slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, comparison.Operator) {
		return
	}
	if isNumber(comparison.Right) {
		p.patch(&comparison.Left)
	}
	if isNumber(comparison.Left) {
		p.patch(&comparison.Right)
	}
}

func (p numberPatch) patch(side *ast.Node) {
	name, ok := (*side).(*ast.IdentifierNode)
	if ok && slices.Contains(p.header.names, name.Value) {
		ast.Patch(side, &ast.CallNode{Callee: &ast.IdentifierNode{Value: cellFunction}, Arguments: []ast.Node{name}})
	}
}

func isNumber(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return true
	case *ast.UnaryNode:
		return isNumber(n.Node)
	}
	return false
}

// cellNumber reads a cell as a number; an empty one as NaN, which is equal to
// none, above none and below none.
func cellNumber(params ...any) (any, error) {
	cell := textValue(params[0].(string))
	if cell.kind == null {
		return math.NaN(), nil
	}
	return asNumber(cell)
}

// expressionProblem returns what is wrong with an expression, in one line.
func expressionProblem(err error) string {
	var located *file.Error
	if errors.As(err, &located) {
		return fmt.Sprintf("%s (at character %d of it)", located.Message, located.Column+1)
	}
	message, _, _ := strings.Cut(err.Error(), "\n")
	return message
}
