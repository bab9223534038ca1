package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A replay keeps of people what live traffic keeps, in the lake and in what an
// interrupted run remembers; the versions are asked with what the case says.
func TestReplayPrivate(t *testing.T) {
	v1 := &standIn{right: 1}
	r := newReplayed(t, 0, v1, &standIn{right: 1})
	key := filepath.Join(r.dir, "key")
	if err := os.WriteFile(key, []byte("0123456789abcdef0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	spec := read(t, r.spec) + "privacy: {hash_ids: true, key_file: " + key + "}\n"
	if err := os.WriteFile(r.spec, []byte(spec), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.cases, []byte(`{"id": "c1", "user": "ann", "input": "I am ann@example.com, call +49 30 1234567"}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ran(t, statusDone, r.replay()...)
	rows := parsed(t, statusDone, "query", "--lake", r.lake, "--format", "json",
		"select input, user_id, case_id from contents join traces using (trace_id) where assigned_version = 'v1'")
	if said := rows.at(t, "0.input").(string); strings.Contains(said, "ann@") || strings.Contains(said, "1234567") || !strings.Contains(said, "I am ") {
		t.Errorf("kept is %q", said)
	}
	rows.match(t, []figure{{"0.user_id", "07db5b4bba5fef53c763f1a9cb1ae82c"}, {"0.case_id", "c1"}})
	if asked := strings.Join(v1.questions, "; "); !strings.Contains(asked, "ann@example.com") {
		t.Errorf("v1 was asked %q", asked)
	}
}
