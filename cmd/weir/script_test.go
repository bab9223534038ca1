package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes weir a command of the scripts, in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"weir": main})
}

var update = flag.Bool("update", false, "rewrite what the scripts compare standard output and error with")

// TestScripts runs the scripts of testdata, a topic each.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata",
		RequireUniqueNames: true,
		UpdateScripts:      *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("COLUMNS", "100")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"json":     jsonValue,
			"keys":     jsonKeys,
			"lines":    lines,
			"replace":  replace,
			"truncate": truncate,
			"glob":     glob,
		},
	})
}

// exits: exits STATUS ARGUMENT...
// weir must end with that status. A panic, whose status is that of wrong usage, never is what is
// wanted.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	needs(ts, neg, len(args) >= 1, "exits STATUS ARGUMENT...")
	err := ts.Exec("weir", args[1:]...)
	status := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strings.Contains(ts.ReadFile("stderr"), "goroutine ") {
		ts.Fatalf("weir panicked")
	}
	if strconv.Itoa(status) != args[0] {
		ts.Fatalf("weir ended with status %d, not %s", status, args[0])
	}
}

// jsonValue: json FILE PATH VALUE
// The value at that path must be VALUE: a JSON value, or a bare word for a text. A number is
// rounded to as many decimals as VALUE has.
func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	needs(ts, false, len(args) == 3, "[!] json FILE PATH VALUE")
	got, err := at(decoded(ts, args[0]), args[1])
	ts.Check(err)
	if shown := render(got, args[2]); (shown == args[2]) == neg {
		ts.Fatalf("%s of %s is %s", args[1], args[0], shown)
	}
}

// render writes a value as like says it should look.
func render(v any, like string) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		f, err := v.Float64()
		if _, decimals, ok := strings.Cut(like, "."); ok && err == nil {
			return strconv.FormatFloat(f, 'f', len(decimals), 64)
		}
		return string(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic("weir: " + err.Error())
	}
	return string(b)
}

// jsonKeys: keys FILE PATH KEY...
// The object at that path must have these keys, and may have others.
func jsonKeys(ts *testscript.TestScript, neg bool, args []string) {
	needs(ts, neg, len(args) >= 3, "keys FILE PATH KEY...")
	v, err := at(decoded(ts, args[0]), args[1])
	ts.Check(err)
	object, ok := v.(map[string]any)
	if !ok {
		ts.Fatalf("%s of %s is no object", args[1], args[0])
	}
	for _, key := range args[2:] {
		if _, ok := object[key]; !ok {
			ts.Fatalf("%s of %s has no key %s", args[1], args[0], key)
		}
	}
}

// decoded reads a JSON file of a script.
func decoded(ts *testscript.TestScript, file string) any {
	v, err := decodeJSON(ts.ReadFile(file))
	ts.Check(err)
	return v
}

// decodeJSON decodes one JSON value; numbers keep their digits.
func decodeJSON(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil && d.More() {
		return nil, errors.New("something follows the JSON value")
	}
	return v, err
}

// at follows a dotted path: keys of objects; of lists, an index, or the name of an element. A dot
// alone is the value itself.
func at(v any, path string) (any, error) {
	for step := range strings.SplitSeq(strings.Trim(path, "."), ".") {
		if step == "" {
			continue
		}
		next, ok := within(v, step)
		if !ok {
			return nil, fmt.Errorf("%s: there is no %s", path, step)
		}
		v = next
	}
	return v, nil
}

func within(v any, step string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		next, ok := v[step]
		return next, ok
	case []any:
		for i, e := range v {
			if object, ok := e.(map[string]any); strconv.Itoa(i) == step || ok && object["name"] == step {
				return e, true
			}
		}
	}
	return nil, false
}

// lines: lines COUNT LINE FILE
// Appends that many lines to the file; every # in a line is its number, from 1.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	needs(ts, neg, len(args) == 3, "lines COUNT LINE FILE")
	count, err := strconv.Atoi(args[0])
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[2]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	ts.Check(err)
	var b strings.Builder
	for i := range count {
		b.WriteString(strings.ReplaceAll(args[1], "#", strconv.Itoa(i+1)) + "\n")
	}
	_, err = f.WriteString(b.String())
	ts.Check(errors.Join(err, f.Close()))
}

// replace: replace FILE OLD NEW
// The file must hold OLD.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	needs(ts, neg, len(args) == 3, "replace FILE OLD NEW")
	before := ts.ReadFile(args[0])
	if !strings.Contains(before, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(before, args[1], args[2], 1)), 0o644))
}

// truncate: truncate FILE BYTES
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	needs(ts, neg, len(args) == 2, "truncate FILE BYTES")
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

// glob: glob VARIABLE PATTERN
// Sets the variable to the first file that matches, relative to the script's folder.
func glob(ts *testscript.TestScript, neg bool, args []string) {
	needs(ts, neg, len(args) == 2, "glob VARIABLE PATTERN")
	found, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(found) == 0 {
		ts.Fatalf("nothing matches %s", args[1])
	}
	name, err := filepath.Rel(ts.MkAbs("."), found[0])
	ts.Check(err)
	ts.Setenv(args[0], filepath.ToSlash(name))
}

// needs fails a script whose command is not of that form.
func needs(ts *testscript.TestScript, neg, ok bool, form string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", form)
	}
}
