package lake

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// spillParent names, to a child, the folder in which it is to make its own.
const spillParent = "WEIR_TEST_SPILL_PARENT"

// TestSpillChild is the child of the tests below: it makes a folder, says which, and
// waits to be killed.
func TestSpillChild(t *testing.T) {
	parent := os.Getenv(spillParent)
	if parent == "" {
		t.Skip("it runs as a child of other tests")
	}
	s, err := newSpill(parent)
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString(s.dir + "\n")
	select {}
}

// spilling starts a child, and gives it with its folder, in which something lies.
func spilling(t *testing.T, parent string) (*exec.Cmd, string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSpillChild$")
	child.Env = append(os.Environ(), spillParent+"="+parent)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	dir := strings.TrimSpace(line)
	if err := os.WriteFile(filepath.Join(dir, "duckdb_temp_storage.tmp"), []byte("rows"), 0o600); err != nil {
		t.Fatal(err)
	}
	return child, dir
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// What a killed process leaves is removed by the next; what a living one uses is not,
// nor what is another user's or no folder of Weir's.
func TestSpillsAreSwept(t *testing.T) {
	parent := t.TempDir()
	living, used := spilling(t, parent)
	dead, left := spilling(t, parent)
	if err := dead.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	dead.Wait()
	foreign, file, other := filepath.Join(parent, spillPrefix+"foreign"), filepath.Join(parent, spillPrefix+"file"), filepath.Join(parent, "others")
	for _, dir := range []string{foreign, other} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	nobody := 65534
	isForeign := os.Chown(foreign, nobody, nobody) == nil // only root can
	mine, err := newSpill(parent)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{used: true, left: false, foreign: isForeign, file: true, other: true, mine.dir: true} {
		if there(path) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(path), !want, want)
		}
	}
	if err := mine.remove(); err != nil || there(mine.dir) {
		t.Errorf("its own is still there: %v", err)
	}
	if err := mine.remove(); err != nil {
		t.Errorf("removing it again: %v", err)
	}
	living.Process.Kill()
	living.Wait()
	sweepSpills(parent)
	if there(used) {
		t.Error("what was used is not swept when its process is dead")
	}
}

// Many begin at once in one folder, and nobody's is taken away.
func TestSpillsAtOnce(t *testing.T) {
	parent := t.TempDir()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 50 {
				s, err := newSpill(parent)
				if err != nil {
					t.Error(err)
					return
				}
				if err := os.WriteFile(filepath.Join(s.dir, "rows"), nil, 0o600); err != nil {
					t.Error(err)
				}
				if err := s.remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if rest, err := os.ReadDir(parent); err != nil || len(rest) > 0 {
		t.Errorf("%d are left, %v", len(rest), err)
	}
}
