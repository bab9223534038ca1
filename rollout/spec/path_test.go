package spec

import (
	"testing"

	"pgregory.net/rapid"
)

func TestPaths(t *testing.T) {
	for _, c := range []struct{ path, parent string }{
		{under(item(under("", "metrics"), 2), "margin"), "metrics[2]"},
		{item("metrics", 2), "metrics"},
		{under("", "app"), ""},
		{under("versions", "v2.1"), "versions"},
		{under(under("versions", "v2.1"), "upstream"), `versions["v2.1"]`},
	} {
		if got := parent(c.path); got != c.parent {
			t.Errorf("%s: parent %q, want %q", c.path, got, c.parent)
		}
	}
}

// Whatever a name is, its parent is what holds it.
func TestParentOfAnyName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-z0-9._-]+`).Draw(t, "name")
		if got := parent(under("versions", name)); got != "versions" {
			t.Fatalf("%s: parent %q", under("versions", name), got)
		}
	})
}
