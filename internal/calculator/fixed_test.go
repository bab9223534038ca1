package calculator

import (
	"os"
	"path/filepath"
	"testing"
)

// fixedVectors returns the folder of the vector files beside the repository, or
// skips the test where there is none.
func fixedVectors(t *testing.T) string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Fatal("no go.mod above the working directory")
		}
		root = filepath.Dir(root)
	}
	dir := filepath.Join(root, "..", "shared", "vectors")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the vector files are not beside this repository")
	}
	return dir
}

func TestFixedVectors(t *testing.T) {
	dir := fixedVectors(t)
	for name := range fixedMethods {
		t.Run(name, func(t *testing.T) {
			c := CheckFile(filepath.Join(dir, name+".json"))
			if c.Err != nil {
				t.Fatal(c.Err)
			}
			for _, d := range c.Failed {
				t.Errorf("%s: %s is %s, want %s", d.Case, d.Path, d.Got, d.Want)
			}
			t.Logf("%d cases, worst deviation %.2g of the tolerance", c.Cases, c.Worst)
		})
	}
}
