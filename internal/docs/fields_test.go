package docs

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A document is a JSON document that a command writes, and the type it is.
type document struct{ schema, command, about, kind string }

// documents are those of docs/results.md, in its order.
var documents = []document{
	{"weir.analysis/1", "weir analyze --format json", "What an analysis says, and the verdict that follows from it.", "rollout.Analysis"},
	{"weir.decision/1", "weir gate --format json", "A decision with everything that led to it. `weir gate --replay` computes it again from `data`.", "rollout.Record"},
	{"weir.power/1", "weir power --format json", "Whether, and when, a release can be decided.", "rollout/plan.Outlook"},
	{"", "weir aa --format json", "False alarms on the lake's own units, whose arms were drawn anew.", "rollout/aa.Result"},
	{"weir.backtest/1", "weir backtest --format json", "What the rule would have said of a past release, look by look.", "rollout/backtest.Result"},
	{"weir.event/1", "weir webhook", "What a webhook is told.", "internal/webhook.Event"},
	{"weir.judge/1", "weir judge --format json", "What a run of the judge did.", "internal/app/judging.Report"},
}

// words are the types whose JSON their own code writes.
var words = map[string]string{
	"analyze.Number": "number or null", "analyze.Arm": "`control` or `treatment`", "rollout.Verdict": "`promote`, `hold`, `rollback` or `invalid`",
	"time.Time": "time, RFC 3339", "time.Duration": "duration, ns", "string": "text", "bool": "true or false", "any": "any JSON",
	"int": "whole number", "int64": "whole number", "uint64": "whole number", "float64": "number", "json.RawMessage": "any JSON",
}

// A library is the source of Weir's packages by their path below the root, parsed when asked for.
type library struct {
	t       *testing.T
	folders map[string]*source
}

// A source is what one package declares.
type source struct {
	types   map[string]*ast.TypeSpec
	docs    map[string]string
	values  map[string][]string // of a type of text, its constants
	imports map[string]string   // name in the code: path below the root
}

func (l library) open(path string) *source {
	if s := l.folders[path]; s != nil {
		return s
	}
	s := &source{map[string]*ast.TypeSpec{}, map[string]string{}, map[string][]string{}, map[string]string{}}
	l.folders[path] = s
	names, err := filepath.Glob(filepath.Join(root, path, "*.go"))
	if err != nil || len(names) == 0 {
		l.t.Fatalf("%s has no source: %v", path, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			l.t.Fatal(err)
		}
		for _, i := range file.Imports {
			imported, _ := strconv.Unquote(i.Path.Value)
			if below, ours := strings.CutPrefix(imported, "weir/"); ours {
				s.imports[filepath.Base(below)] = below
			}
		}
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				s.declare(g)
			}
		}
	}
	return s
}

func (s *source) declare(g *ast.GenDecl) {
	for _, each := range g.Specs {
		switch spec := each.(type) {
		case *ast.TypeSpec:
			s.types[spec.Name.Name] = spec
			s.docs[spec.Name.Name] = cmp.Or(spec.Doc.Text(), g.Doc.Text())
		case *ast.ValueSpec:
			kind, named := spec.Type.(*ast.Ident)
			if !named || g.Tok != token.CONST {
				continue
			}
			for _, v := range spec.Values {
				if literal, ok := v.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					text, _ := strconv.Unquote(literal.Value)
					s.values[kind.Name] = append(s.values[kind.Name], text)
				}
			}
		}
	}
}

// A reference is the page under construction: what is described, and what is still to be.
type reference struct {
	library
	page  strings.Builder
	queue []string
	known map[string]bool
}

// resultsPage describes every document, type by type.
func resultsPage(t *testing.T) string {
	r := &reference{library: library{t, map[string]*source{}}, known: map[string]bool{}}
	fmt.Fprint(&r.page, `# Results as JSON

Generated from the code by `+"`make docs`"+`; edit the comments of the types.

What `+"`--format json`"+` writes. Fields may be added; none is taken away or changes its meaning within a version of the schema. A
number that cannot be had is null, and a warning says why: it is never 0. Shares and rates are between 0 and 1; times are UTC.

| schema | written by | what it is |
| --- | --- | --- |
`)
	for _, d := range documents {
		fmt.Fprintf(&r.page, "| %s | [`%s`](#%s) | %s |\n", code(d.schema), d.command, anchor(d.kind), d.about)
	}
	for _, d := range documents {
		r.describe(d.kind)
	}
	for len(r.queue) > 0 {
		next := r.queue[0]
		r.queue = r.queue[1:]
		r.describe(next)
	}
	return r.page.String()
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// title is how a type is headed; anchor how a page links there.
func title(kind string) string {
	path, name, _ := cut(kind)
	return name + " (" + path + ")"
}

func anchor(kind string) string {
	keep := func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z':
			return r
		}
		return -1
	}
	return strings.Map(keep, strings.ToLower(title(kind)))
}

// cut splits rollout/plan.Outlook.
func cut(kind string) (path, name string, found bool) {
	i := strings.LastIndexByte(kind, '.')
	if i < 0 {
		return "", kind, false
	}
	return kind[:i], kind[i+1:], true
}

func (r *reference) describe(kind string) {
	if r.known[kind] {
		return
	}
	r.known[kind] = true
	path, name, _ := cut(kind)
	s := r.open(path)
	spec := s.types[name]
	if spec == nil {
		r.t.Fatalf("%s is no type", kind)
	}
	structure, ok := spec.Type.(*ast.StructType)
	if !ok {
		r.t.Fatalf("%s is no struct", kind)
	}
	fmt.Fprintf(&r.page, "\n## %s\n\n%s\n\n| field | type | meaning |\n| --- | --- | --- |\n", title(kind), sentence(s.docs[name]))
	r.fields(path, structure)
}

// fields writes a row a field; those of embedded types are the type's own.
func (r *reference) fields(path string, structure *ast.StructType) {
	for _, f := range structure.Fields.List {
		name, options := "", ""
		if f.Tag != nil {
			tag, _ := strconv.Unquote(f.Tag.Value)
			name, options, _ = strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		}
		if len(f.Names) == 0 && name == "" {
			if inner, of := r.structOf(path, f.Type); inner != nil {
				r.fields(of, inner)
			}
			continue
		}
		if name == "-" || len(f.Names) > 0 && !f.Names[0].IsExported() {
			continue
		}
		absent := ""
		if strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero") {
			absent = "; may be absent"
		}
		for _, each := range f.Names {
			fmt.Fprintf(&r.page, "| `%s` | %s%s | %s |\n", cmp.Or(name, each.Name), r.typeOf(path, f.Type), absent, sentence(strings.TrimSpace(f.Doc.Text()+" "+f.Comment.Text())))
		}
	}
}

// structOf finds the fields of an embedded type, and the package that it is of.
func (r *reference) structOf(path string, e ast.Expr) (*ast.StructType, string) {
	of, name, _ := cut(r.nameOf(path, e))
	if spec := r.open(of).types[name]; spec != nil {
		if s, ok := spec.Type.(*ast.StructType); ok {
			return s, of
		}
	}
	return nil, ""
}

// nameOf is the whole name of a named type: rollout/plan.Outlook, or time.Time.
func (r *reference) nameOf(path string, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		if _, ours := r.open(path).types[e.Name]; ours {
			return path + "." + e.Name
		}
		return e.Name
	case *ast.SelectorExpr:
		of := e.X.(*ast.Ident).Name
		return cmp.Or(r.open(path).imports[of], of) + "." + e.Sel.Name
	}
	return ""
}

// typeOf says a type in words, and remembers the structs that it speaks of.
func (r *reference) typeOf(path string, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return r.typeOf(path, e.X) + ", or null"
	case *ast.ArrayType:
		return "list of: " + r.typeOf(path, e.Elt)
	case *ast.MapType:
		return "object by name: " + r.typeOf(path, e.Value)
	case *ast.InterfaceType:
		return "any JSON"
	case *ast.Ident, *ast.SelectorExpr:
		name := r.nameOf(path, e)
		if said := words[name]; said != "" {
			return said
		}
		of, short, found := cut(name)
		if !found {
			r.t.Fatalf("%s: the type %s has no words", path, name)
		}
		s := r.open(of)
		if values := s.values[short]; len(values) > 0 {
			return "one of `" + strings.Join(values, "`, `") + "`"
		}
		if spec := s.types[short]; spec != nil {
			if _, ok := spec.Type.(*ast.StructType); ok {
				r.queue = append(r.queue, name)
				return fmt.Sprintf("[%s](#%s)", short, anchor(name))
			}
			return r.typeOf(of, spec.Type)
		}
	}
	r.t.Fatalf("%s: a type has no words: %T", path, e)
	return ""
}

// sentence joins the lines of a comment, safe within a table.
func sentence(comment string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(comment), " "), "|", `\|`)
}

// sortedKeys are the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
