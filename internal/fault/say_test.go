package fault

import (
	"strings"
	"testing"
)

func TestSay(t *testing.T) {
	var b strings.Builder
	Say(&b, "weir", Faults{{File: "a.yaml", Line: 1, Column: 2, Problem: "is bad"}, {File: "a.yaml", Line: 3, Column: 4, Problem: "is worse"}}.Error())
	Say(&b, "weir", "one line\n")
	if got, want := b.String(), "weir: a.yaml:1:2: is bad\nweir: a.yaml:3:4: is worse\nweir: one line\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
