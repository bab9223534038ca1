package judge

import (
	"strings"
	"testing"
)

const smallRubric = `name: small
about: Whether the user was helped.
criteria:
  - {name: help, question: Helped?, scale: {0: "no", 1: "yes"}}
`

func TestParse(t *testing.T) {
	r, err := Parse("small.yaml", []byte(smallRubric))
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "small" || r.Language != "en" || r.Criteria[0].Weight != 1 || len(r.Canaries) == 0 || r.Criterion(0) != "small.help" {
		t.Errorf("%+v", r)
	}
}

// TestParseFaults wants every fault at once, each where it stands.
func TestParseFaults(t *testing.T) {
	_, err := Parse("bad.yaml", []byte(`name: Bad Name
languge: en
shows: [pasages]
criteria:
  - {name: a, question: "?", scale: {0: "no"}}
  - {name: a, question: "?", scale: {0: "no", 12: "yes"}, weight: -1}
  - {question: "?"}
examples:
  - {dialogue: [{user: hi}], scores: {b: 1}}
canaries:
  - {name: c, dialogue: [{user: hi}]}
`))
	want := []string{
		"bad.yaml:1:7: name \"Bad Name\": allowed are small letters",
		"bad.yaml:1:1: about is missing",
		"bad.yaml:2:1: a rubric has no key \"languge\"",
		"bad.yaml:3:9: shows: write one of passages, tools",
		"a scale has at least two levels",
		"there are two criteria \"a\"",
		"a level is a whole number from 0 to 9",
		"weight is a number from 0.01 to 100",
		"a criterion without name",
		"a criterion without scale",
		"there is no criterion \"b\"",
		"a canary has a name, a dialogue, and at_most or at_least",
	}
	if err == nil {
		t.Fatal("no error")
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("missing %q in\n%v", w, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(smallRubric))
	f.Add([]byte("name: {a: [}"))
	f.Add([]byte("criteria:\n  - scale: {0: &a x, 1: *a}\n"))
	for _, name := range Builtins() {
		src, _ := BuiltinSource(name, "zh")
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if r, err := Parse("f.yaml", src); (r == nil) == (err == nil) {
			t.Errorf("rubric %v, error %v", r, err)
		}
	})
}
