package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// A document is decoded JSON that the command wrote.
type document struct{ value any }

// parsed runs weir, which must end with that status, and returns the JSON on its standard output.
func parsed(t *testing.T, status int, args ...string) document {
	t.Helper()
	stdout, stderr := ran(t, status, args...)
	v, err := decodeJSON(stdout)
	if err != nil {
		t.Fatalf("weir %s: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	return document{v}
}

// ran runs weir, which must end with that status.
func ran(t *testing.T, status int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	if got := run(context.Background(), args, strings.NewReader(""), &out, &err); got != status {
		t.Fatalf("weir %s ended with %d, want %d\n%s", strings.Join(args, " "), got, status, err.String())
	}
	return out.String(), err.String()
}

// at returns what a dotted path leads to.
func (d document) at(t *testing.T, path string) any {
	t.Helper()
	v, err := at(d.value, path)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// number returns the number that a path leads to; null is an error.
func (d document) number(t *testing.T, path string) float64 {
	t.Helper()
	n, ok := d.at(t, path).(json.Number)
	if !ok {
		t.Fatalf("%s is %v, not a number", path, d.at(t, path))
	}
	f, err := n.Float64()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// metric returns the result of one metric of an analysis.
func (d document) metric(t *testing.T, name string) document {
	t.Helper()
	return document{d.at(t, "metrics."+name)}
}
