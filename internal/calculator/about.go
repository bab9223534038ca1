package calculator

import (
	_ "embed"
	"strings"
)

//go:embed methods.txt
var methodsText string

// abouts says of each method what it is, a sentence without an end.
var abouts = aboutsIn(methodsText)

// aboutsIn reads lines of a name and what is said of it.
func aboutsIn(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, about, _ := strings.Cut(strings.TrimSpace(line), " ")
		out[name] = strings.TrimSpace(about)
	}
	return out
}

// About says in some words what the method of that name is; of none, nothing.
func About(name string) string { return abouts[name] }
