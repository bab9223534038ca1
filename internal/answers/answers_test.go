package answers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	_, n, err := Forget(dir, "bot", []string{"a"}, time.Now())
	if _, kept := c.Get(fmt.Sprintf("%064d", 1)); err != nil || n != 2 || !kept {
		t.Errorf("%v, %d removed, the other kept: %v", err, n, kept)
	}
	if _, kept := c.Get(fmt.Sprintf("%064d", 0)); kept {
		t.Error("not forgotten")
	}
}

// What a run was told of somebody before they were forgotten comes too late, until the
// run is one that began after they were gone; then the same id is anybody's.
func TestForgetOnTheWay(t *testing.T) {
	dir, at := t.TempDir(), time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	key := fmt.Sprintf("%064d", 1)
	put := func(began time.Time, subject string) bool {
		s := Of(dir, "bot", "r1").Since(began)
		if err := s.Put(key, subject, []byte(`{"quote": "x"}`)); err != nil {
			t.Fatal(err)
		}
		_, kept := s.Get(key)
		return kept
	}
	e, _, err := Forget(dir, "bot", []string{"a"}, at)
	if err != nil {
		t.Fatal(err)
	}
	if put(at.Add(-time.Hour), "a") || put(at.Add(time.Hour), "a") {
		t.Error("an answer is kept while its subject is being forgotten")
	}
	if !put(at.Add(-time.Hour), "b") {
		t.Error("an answer about another is not kept")
	}
	if err := e.End(at.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if put(at, "a") || !put(at.Add(2*time.Minute), "a") {
		t.Error("the end of the erasure is not where it is")
	}
	if raw, err := os.ReadFile(e.path); err != nil || strings.Contains(string(raw), `"a"`) {
		t.Errorf("the note tells whom it is about: %s, %v", raw, err)
	}
	if _, _, err := Forget(dir, "bot", nil, at.Add(8*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(e.path); !os.IsNotExist(err) {
		t.Errorf("the note is kept for ever: %v", err)
	}
	if gone, err := Forgotten(t.TempDir(), "bot", at); err != nil || gone != nil {
		t.Errorf("where nothing was forgotten: %v", err)
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
	if err := l.Write("rows", &parquet.Rows{Exchanges: []trace.Exchange{
		{TraceID: "t1", App: "bot", SessionID: "s1", UserID: "u1"},
		{TraceID: "t2", App: "bot", UserID: "u1"},
		{TraceID: "t3", App: "bot", SessionID: "r1", UserID: "u1", CaseID: "c1", Trial: &trial},
		{TraceID: "t4", App: "bot", SessionID: "s2", UserID: "u2"},
	}}); err != nil {
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
	if _, _, err := Forget(dir, "bot", subjects, time.Now()); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, false, false, true} {
		if _, kept := c.Get(fmt.Sprintf("%064d", i)); kept != want {
			t.Errorf("answer %d is kept: %v", i, kept)
		}
	}
}
