package answers

import (
	"fmt"
	"path/filepath"
	"testing"

	"weir/collector/parquet"
	"weir/trace"
)

func TestForget(t *testing.T) {
	dir := t.TempDir()
	c := Of(dir, "bot", "r1")
	for i, subject := range []string{"a", "b", "a"} {
		if err := c.Put(fmt.Sprintf("%064d", i), subject, []byte(`{"quote": "x"}`)); err != nil {
			t.Fatal(err)
		}
	}
	n, err := Forget(dir, "bot", []string{"a"})
	if _, kept := c.Get(fmt.Sprintf("%064d", 1)); err != nil || n != 2 || !kept {
		t.Errorf("%v, %d removed, the other kept: %v", err, n, kept)
	}
	if _, kept := c.Get(fmt.Sprintf("%064d", 0)); kept {
		t.Error("not forgotten")
	}
}

// A user's conversations are found in the lake, by session, request and case.
func TestForgetUser(t *testing.T) {
	dir := t.TempDir()
	l, err := parquet.Open(filepath.Join(dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	trial := int64(1)
	b, err := l.Begin("rows")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []trace.Exchange{
		{TraceID: "t1", App: "bot", SessionID: "s1", UserID: "u1"},
		{TraceID: "t2", App: "bot", UserID: "u1"},
		{TraceID: "t3", App: "bot", SessionID: "r1", UserID: "u1", CaseID: "c1", Trial: &trial},
		{TraceID: "t4", App: "bot", SessionID: "s2", UserID: "u2"},
	} {
		if err := b.Exchange(&e); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	c := Of(dir, "bot", "r1")
	for i, subject := range []string{"s1", "t2", "case c1", "s2"} {
		if err := c.Put(fmt.Sprintf("%064d", i), subject, []byte(`{"quote": "x"}`)); err != nil {
			t.Fatal(err)
		}
	}
	subjects, err := SubjectsOf(t.Context(), l, "bot", "u1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Forget(dir, "bot", subjects); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, false, false, true} {
		if _, kept := c.Get(fmt.Sprintf("%064d", i)); kept != want {
			t.Errorf("answer %d is kept: %v", i, kept)
		}
	}
}
