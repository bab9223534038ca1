package calculator

import (
	"maps"
	"slices"
	"testing"
	"unicode/utf8"
)

// Every method is told about, nothing else is, and a line of both fits a terminal.
func TestAbout(t *testing.T) {
	names := Names()
	if told := slices.Sorted(maps.Keys(abouts)); !slices.Equal(told, names) {
		t.Errorf("methods.txt tells of %v, the methods are %v", told, names)
	}
	longest := 0
	for _, name := range names {
		longest = max(longest, len(name))
	}
	for _, name := range names {
		about := About(name)
		if about == "" {
			t.Errorf("%s: nothing is said of it", name)
		}
		if width := longest + 2 + utf8.RuneCountInString(about); width > 100 {
			t.Errorf("%s: the line is %d wide", name, width)
		}
	}
	if about := About("stats-nonesuch"); about != "" {
		t.Errorf("of no method is said %q", about)
	}
}
