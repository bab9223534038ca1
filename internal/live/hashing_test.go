package live

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever changes the key of the ids is told that all units are new, after a
// restart and after a reload, and once.
func TestChangedKeyIsTold(t *testing.T) {
	p := newPlace(t)
	key := filepath.Join(p.dir, "key")
	write := func(text string) {
		if err := os.WriteFile(key, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	told := func(f *life) int {
		f.log.mu.Lock()
		defer f.log.mu.Unlock()
		if strings.Contains(f.log.b.String(), "first-key") || strings.Contains(f.log.b.String(), "other-key") {
			t.Error("the key is in the log")
		}
		return strings.Count(f.log.b.String(), "another key than before")
	}
	expect := func(f *life, when string, want int) {
		t.Helper()
		if n := told(f); n != want {
			t.Errorf("%s it is told %d times, want %d", when, n, want)
		}
	}
	write("first-key-of-this-place")
	p.spec("privacy: {hash_ids: true, key_file: " + key + "}")
	first := p.start(nil)
	expect(first, "at first", 0)
	if _, err := first.Reload("ann"); err != nil {
		t.Fatal(err)
	}
	expect(first, "of the same key", 0)
	write("other-key-of-this-place")
	if _, err := first.Reload("ann"); err != nil {
		t.Fatal(err)
	}
	expect(first, "after a reload", 1)
	first.stop()

	write("first-key-of-this-place")
	second := p.start(nil)
	expect(second, "after a restart", 1)
	second.stop()
	third := p.start(nil)
	expect(third, "after another", 0)
	p.spec("")
	if _, err := third.Reload("ann"); err != nil {
		t.Fatal(err)
	}
	expect(third, "without a key", 1)
}
