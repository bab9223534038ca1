package spec

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
	"github.com/goccy/go-yaml/token"

	"weir/internal/yamltree"

	yaml "github.com/goccy/go-yaml/ast"
)

var errNoCondition = errors.New("is not a condition")

// A Request is what the condition of a rule may ask about. What a request
// lacks is the empty string.
type Request struct {
	Headers    map[string]string // by canonical name (net/http)
	Attributes map[string]string // those that the context declares
	User       string
	Session    string
	Region     string
	Path       string
	Method     string
}

// Matches tells whether the rule's condition holds for the request. It is for
// rules that Parse made, and may be called from several goroutines. An error
// means that the condition could not be evaluated within its memory budget.
func (r Rule) Matches(q Request) (bool, error) {
	e := evaluations.Get().(*evaluation)
	defer evaluations.Put(e)
	for _, name := range r.program.asks {
		e.values[name] = q.value(name)
	}
	result, err := e.machine.Run(r.program.code, e.values)
	clear(e.values)
	if err != nil {
		return false, errors.New("rule " + r.Name + ": " + firstLine(err.Error()))
	}
	return result.(bool), nil
}

// value is what a condition finds under a name; nil for a variable of its own.
func (q *Request) value(name string) any {
	switch name {
	case "headers":
		return q.Headers
	case "attributes":
		return q.Attributes
	case "user":
		return q.User
	case "session":
		return q.Session
	case "region":
		return q.Region
	case "path":
		return q.Path
	case "method":
		return q.Method
	}
	return nil
}

// An evaluation is what one run of a condition needs, kept for the next.
type evaluation struct {
	machine vm.VM
	values  map[string]any
}

var evaluations = sync.Pool{New: func() any { return &evaluation{values: map[string]any{}} }}

// A program is a compiled condition, with the names that it asks about.
type program struct {
	code *vm.Program
	asks []string
}

// conditions compiles the conditions of one release.
type conditions struct {
	options    []expr.Option
	names      []string // what a condition may ask about
	attributes []string // declared ones
}

func newConditions(attributes map[string][]Source) conditions {
	declared := types.Map{}
	for name := range attributes {
		declared[name] = types.String
	}
	environment := types.Map{
		"headers": types.TypeOf(map[string]string{}), "attributes": declared,
		"user": types.String, "session": types.String, "region": types.String,
		"path": types.String, "method": types.String,
	}
	return conditions{
		// A decision is a function of the request: no clock.
		options:    []expr.Option{expr.Env(environment), expr.AsBool(), expr.DisableBuiltin("now"), expr.Patch(canonicalHeaders{})},
		names:      slices.Sorted(maps.Keys(environment)),
		attributes: slices.Sorted(maps.Keys(attributes)),
	}
}

// compile records a fault at the place of the mistake inside the condition.
func (c conditions) compile(d *decoder, path, condition string) *program {
	asked := asked{all: c.names}
	code, err := expr.Compile(condition, append(slices.Clone(c.options), expr.Patch(&asked))...)
	if err == nil {
		return &program{code, asked.names}
	}
	line, column := yamltree.Position(d.values[path].node)
	problem := firstLine(err.Error())
	var at *file.Error
	if errors.As(err, &at) {
		line, column = inside(d.values[path].node, at.Line, at.Column)
		problem = firstLine(at.Message)
	}
	d.faultAt(line, column, path, problem, c.hint(problem))
	return nil
}

// asked collects the names that a condition asks about: by $env, all of them.
type asked struct{ all, names []string }

func (a *asked) Visit(node *ast.Node) {
	of, ok := (*node).(*ast.IdentifierNode)
	switch {
	case ok && of.Value == "$env":
		a.names = a.all
	case ok && !slices.Contains(a.names, of.Value):
		a.names = append(slices.Clip(a.names), of.Value)
	}
}

func (c conditions) hint(problem string) string {
	switch {
	case strings.HasPrefix(problem, "unknown name"):
		return "known are " + strings.Join(c.names, ", ")
	case strings.HasPrefix(problem, "unknown field") && len(c.attributes) == 0:
		return "declare it under context.attributes"
	case strings.HasPrefix(problem, "unknown field"):
		return "declared under context.attributes are " + strings.Join(c.attributes, ", ")
	}
	return "write a condition such as 'user startsWith \"staff-\"'"
}

// inside is the place in the file of a place in a text: line from 1, column
// from 0. Where escapes or line breaks make that uncertain it is the text's
// beginning.
func inside(n yaml.Node, line, column int) (int, int) {
	atLine, atColumn := yamltree.Position(n)
	s, ok := n.(*yaml.StringNode)
	if !ok || line != 1 {
		return atLine, atColumn
	}
	written := strings.TrimSpace(s.Token.Origin)
	if s.Token.Type != token.StringType && len(written) > 1 {
		written = written[1 : len(written)-1] // in quotes
		atColumn++
	}
	if written != s.Value {
		return yamltree.Position(n)
	}
	return atLine, atColumn + column
}

// canonicalHeaders spells the constant keys of headers as net/http does, so
// that headers["x-tier"] finds X-Tier.
type canonicalHeaders struct{}

func (canonicalHeaders) Visit(node *ast.Node) {
	member, ok := (*node).(*ast.MemberNode)
	if !ok {
		return
	}
	of, isName := member.Node.(*ast.IdentifierNode)
	key, isConstant := member.Property.(*ast.StringNode)
	if isName && of.Value == "headers" && isConstant {
		key.Value = canonicalHeader(key.Value)
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
