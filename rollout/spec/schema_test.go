package spec

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestSchema(t *testing.T) {
	if !json.Valid(Schema()) {
		t.Fatal("the schema is not JSON")
	}
	golden(t, "schema.json", Schema())
}

func TestDoc(t *testing.T) { golden(t, "keys.md", Doc()) }

// Every key says what it means, and what it means that it is absent.
func TestKeysAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Keys() {
		if k.Doc == "" || k.Type == "" || !k.Required && k.Default+k.Absent == "" {
			t.Errorf("%s is not documented: %+v", k.Path, k)
		}
		if seen[k.Path] {
			t.Errorf("%s is listed twice", k.Path)
		}
		seen[k.Path] = true
	}
}

// The example of the design shows every key, some of them in comments.
func TestEveryKeyIsShown(t *testing.T) {
	src, err := os.ReadFile("testdata/every-key.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range Keys() {
		name := k.Path[strings.LastIndexByte(k.Path, '.')+1:]
		if shown, _ := regexp.Match(`(?m)(^|[\s{,])`+name+`:`, src); !shown {
			t.Errorf("%s is not shown", k.Path)
		}
	}
}
