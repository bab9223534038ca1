package app

import (
	"strings"
	"testing"

	"weir/analyze/lake"
)

// The environment bounds queries; what a flag says goes before it, and what cannot
// be read is no silent default.
func TestBounded(t *testing.T) {
	t.Setenv(MemoryEnv, "300")
	t.Setenv(ThreadsEnv, "1")
	if o, err := Bounded(lake.Options{Threads: 2}); err != nil || o != (lake.Options{MemoryMB: 300, Threads: 2}) {
		t.Errorf("%+v, %v", o, err)
	}
	for _, text := range []string{"1GiB", "-1", "0"} {
		t.Setenv(MemoryEnv, text)
		if _, err := Bounded(lake.Options{}); err == nil || !strings.Contains(err.Error(), MemoryEnv) {
			t.Errorf("%s gives %v", text, err)
		}
	}
}

// A lake that is opened under a bound has it.
func TestOpenLakeIsBounded(t *testing.T) {
	t.Setenv(MemoryEnv, "321")
	t.Setenv(ThreadsEnv, "1")
	l, err := OpenLake(t.Context(), t.TempDir(), lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	table, err := l.Query(t.Context(), "SELECT current_setting('memory_limit') || ' ' || current_setting('threads')")
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	err = table.Each(func(row []any) error {
		if row[0] != "306.1 MiB 1" {
			t.Errorf("it has %v", row[0])
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
