package judge

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed rubrics/*.yaml
var rubricFiles embed.FS

// Builtins names the rubrics that come with Weir, sorted.
func Builtins() []string {
	entries, err := rubricFiles.ReadDir("rubrics")
	if err != nil {
		panic("judge: " + err.Error())
	}
	var names []string
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		names = append(names, name)
	}
	return slices.Compact(names)
}

// Builtin returns a rubric that comes with Weir, in English (en) or Chinese (zh).
func Builtin(name, language string) (*Rubric, error) {
	src, err := BuiltinSource(name, language)
	if err != nil {
		return nil, err
	}
	return Parse(name+"."+language+".yaml", src)
}

// BuiltinSource returns the file of a rubric that comes with Weir, to start a
// rubric of one's own from.
func BuiltinSource(name, language string) ([]byte, error) {
	src, err := rubricFiles.ReadFile("rubrics/" + name + "." + language + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no rubric %q in %q: built in are %s, each in en and zh; or name a file", name, language, strings.Join(Builtins(), ", "))
	}
	return src, nil
}
