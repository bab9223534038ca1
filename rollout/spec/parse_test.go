package spec

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"weir/internal/yamltree"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (-update rewrites it); got:\n%s", path, got)
	}
}

// Each file of testdata/faults holds a specification and the faults it must
// have, to the letter.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/faults/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Parse("weir.yaml", archive.Files[0].Data)
			if r != nil || err == nil {
				t.Fatal("no fault found")
			}
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error is a %T", err)
			}
			archive.Files[1].Data = []byte(err.Error() + "\n")
			golden(t, filepath.Join("faults", filepath.Base(file)), txtar.Format(archive))
		})
	}
}

// No fault repeats a secret, wherever it stands.
func TestSecretsStaySecret(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/faults/secrets.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Parse("weir.yaml", archive.Files[0].Data)
	for _, secret := range []string{"hunter2", "12345678"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s is told:\n%v", secret, err)
		}
	}
}

// What would take the parser long, or all of the stack, is refused before.
func TestLimits(t *testing.T) {
	for want, src := range map[string]string{
		"weir.yaml:1:1: the file has more than 262144 bytes: write less, or name another file": "#" + strings.Repeat("x", yamltree.MaxBytes),
		"weir.yaml:1:36: found more than 32 levels: a specification has fewer":                 "a: " + strings.Repeat("[", 100000),
		"weir.yaml:2:65: found more than 32 levels: a specification has fewer":                 "#\n" + strings.Repeat("- ", 100000),
		"weir.yaml:1:33: found more than 32 levels: a specification has fewer":                 strings.Repeat("{", 100000),
	} {
		if _, err := Parse("weir.yaml", []byte(src)); err == nil || err.Error() != want {
			t.Errorf("got %.300v, want %s", err, want)
		}
	}
}

// A long text is shown by its beginning, in whole characters.
func TestLongText(t *testing.T) {
	_, err := Parse("weir.yaml", []byte(small+"environment: "+strings.Repeat("é ", 1000)))
	want := `weir.yaml:5:14: environment: "` + strings.Repeat("é ", 30) + `…" is not a name: write letters, digits, '.', '_' and '-' (a number in quotes)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Whatever the bytes are, Parse returns a release or faults with positions,
// never both, and what it returns can be written and read again.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/faults/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	every, err := os.ReadFile("testdata/every-key.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(every)
	f.Add(Example())
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := Parse("weir.yaml", src)
		if err == nil {
			again, err := Parse("json", r.JSON())
			if err != nil || again.Promise() != r.Promise() || Amendments(r, r) != nil {
				t.Fatalf("%s\n%v", r.JSON(), err)
			}
			return
		}
		var faults Faults
		if r != nil || !errors.As(err, &faults) || len(faults) == 0 {
			t.Fatalf("%v, %v", r, err)
		}
		for _, f := range faults {
			if f.Line < 1 || f.Column < 1 || f.Problem == "" {
				t.Fatalf("fault without place or problem: %+v", f)
			}
		}
	})
}
