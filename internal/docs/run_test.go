package docs

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMain builds the program that the pages speak of.
func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

var bin string // folder of the built weir

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "weir-docs")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "weir"), "weir/cmd/weir").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	if out, err := exec.Command("go", "build", "-tags", "router", "-o", filepath.Join(dir, "weir-router"), "weir/cmd/weir-router").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// TestCommands runs every page but those in Chinese, which TestTwins holds to
// their English.
func TestCommands(t *testing.T) {
	for _, p := range allPages(t) {
		if slices.ContainsFunc(twins, func(pair [2]string) bool { return p.name == pair[1] }) || !slices.ContainsFunc(p.blocks, block.runs) {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, p)
			for _, b := range atFreePorts(t, p.blocks) {
				s.play(t, b)
			}
		})
	}
}

// exampled is a port that a page names for its examples.
var exampled = regexp.MustCompile(`\b19[0-9]{3}\b`)

// atFreePorts gives the blocks of a page with a free port in the place of each that it names for
// its examples, everywhere the same, so that it may run while somebody else runs it too.
func atFreePorts(t *testing.T, blocks []block) []block {
	t.Helper()
	ports, taken := map[string]string{}, map[string]bool{}
	moved := func(named string) string {
		for ports[named] == "" {
			_, port, err := net.SplitHostPort(free(t))
			if err != nil {
				t.Fatal(err)
			}
			if !taken[port] {
				ports[named], taken[port] = port, true
			}
		}
		return ports[named]
	}
	out := slices.Clone(blocks)
	for i, b := range out {
		out[i].text = exampled.ReplaceAllStringFunc(b.text, moved)
	}
	return out
}

// A sandbox is the folder that a page is run in.
type sandbox struct {
	page page
	dir  string
	made map[string]string // what make targets printed
}

// shared is the folder of public data that the examples import; it lies beside
// the repository, where there is one.
const shared = "../shared"

func newSandbox(t *testing.T, p page) sandbox {
	t.Helper()
	above := t.TempDir()
	s := sandbox{p, filepath.Join(above, "weir"), map[string]string{}}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for to, from := range map[string]string{
		filepath.Join(s.dir, "bin"):      bin,
		filepath.Join(s.dir, "examples"): filepath.Join(root, "examples"),
		filepath.Join(above, "shared"):   filepath.Join(root, shared),
	} {
		from, err := filepath.Abs(from)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(from); err != nil {
			continue
		}
		if err := os.Symlink(from, to); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// play writes or runs a block.
func (s sandbox) play(t *testing.T, b block) {
	t.Helper()
	if b.file != "" {
		if err := os.WriteFile(filepath.Join(s.dir, b.file), []byte(b.text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if strings.Contains(b.text, shared) {
		if _, err := os.Stat(filepath.Join(root, shared)); err != nil {
			t.Skipf("the data of %s is not here", shared)
		}
	}
	switch b.language {
	case "sh":
		for _, c := range commands(b.text) {
			s.run(t, b, c)
		}
	case "console":
		for _, turn := range turns(b.text) {
			wantOutput(t, s, b, turn)
		}
	case "python":
		s.python(t, b)
	}
}

// runs reports whether a block has something to run.
func (b block) runs() bool {
	return b.file == "" && slices.Contains([]string{"sh", "console", "python"}, b.language)
}

// commands splits a block at line ends that no backslash continues.
func commands(text string) []string {
	var all []string
	for _, c := range strings.Split(strings.ReplaceAll(text, "\\\n", ""), "\n") {
		c, _, _ = strings.Cut(c, "  # ")
		if c = strings.TrimSpace(c); c != "" && !strings.HasPrefix(c, "#") {
			all = append(all, c)
		}
	}
	return all
}

// A turn is a command and what it prints.
type turn struct{ command, output string }

func turns(text string) []turn {
	var all []turn
	for _, part := range strings.Split("\n"+strings.ReplaceAll(text, "\\\n", ""), "\n$ ")[1:] {
		command, output, _ := strings.Cut(part, "\n")
		all = append(all, turn{command, output})
	}
	return all
}

// elsewhere are commands that get the code or install something.
var elsewhere = regexp.MustCompile(`^(git|go|pip|python3|apt-get|cd|\.ci/run) ?`)

// run runs a command and returns what it printed, on both streams.
func (s sandbox) run(t *testing.T, b block, command string) string {
	t.Helper()
	target, isMake := strings.CutPrefix(command, "make ")
	switch {
	case isMake && target != "demo":
		madeBy(t, target)
		return ""
	case isMake && s.made[target] != "":
		return s.made[target]
	case isMake:
		s.made[target] = s.run(t, b, madeBy(t, target))
		return s.made[target]
	case elsewhere.MatchString(command):
		return ""
	}
	c := exec.Command("bash", "-c", command)
	c.Dir = s.dir
	c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "NO_COLOR=1", "COLUMNS=")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s:%d: %s: %v\n%s", s.page.name, b.line, command, err, out)
	}
	return string(out)
}

// madeBy returns the last command of a make target, with weir on the path.
func madeBy(t *testing.T, target string) string {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	_, rule, ok := strings.Cut(string(makefile), "\n"+target+":")
	if !ok {
		t.Fatalf("the Makefile has no target %s", target)
	}
	rule, _, _ = strings.Cut(rule, "\n\n")
	lines := strings.Split(strings.TrimSpace(rule), "\n")
	return strings.TrimPrefix(strings.TrimSpace(lines[len(lines)-1]), "bin/")
}

// wantOutput runs a command and compares what it prints.
func wantOutput(t *testing.T, s sandbox, b block, want turn) {
	t.Helper()
	got := trimmed(s.run(t, b, want.command))
	if !patternOf(trimmed(want.output)).MatchString(got) {
		t.Fatalf("%s:%d: %s prints\n%s\nand not\n%s", s.page.name, b.line, want.command, got, trimmed(want.output))
	}
}

// patternOf matches the lines shown, with any lines in place of a line of "...",
// and any text in place of "..." within a line.
func patternOf(shown string) *regexp.Regexp {
	pattern := `\A`
	for line := range strings.Lines(shown) {
		if line == "...\n" {
			pattern += `(?:.*\n)*`
		} else {
			pattern += strings.ReplaceAll(regexp.QuoteMeta(line), regexp.QuoteMeta("..."), ".*")
		}
	}
	return regexp.MustCompile(pattern + `\z`)
}

var blanks = regexp.MustCompile(`[ ]+`)

// trimmed drops empty lines around and makes blanks single: the width of a
// column depends on all its cells.
func trimmed(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.Trim(text, "\n") + "\n") {
		b.WriteString(strings.TrimSpace(blanks.ReplaceAllString(line, " ")) + "\n")
	}
	return b.String()
}

// python runs a block of Python, where there is one that can.
func (s sandbox) python(t *testing.T, b block) {
	t.Helper()
	if err := exec.Command("python3", "-c", "import pyarrow, pandas, duckdb").Run(); err != nil {
		t.Skip("there is no python3 with pyarrow, pandas and duckdb here")
	}
	c := exec.Command("python3", "-c", b.text)
	c.Dir = s.dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s:%d: %v\n%s", s.page.name, b.line, err, out)
	}
}
