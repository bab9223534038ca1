package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// generated are the pages that the code writes; go test ./internal/docs -update does.
var generated = map[string]func(*testing.T) string{
	"docs/cli.md":           commandsPage,
	"docs/results.md":       resultsPage,
	"docs/calls.md":         callsPage,
	"docs/weir.schema.json": func(t *testing.T) string { return said(t, "weir", "schema") },
	"docs/exit-statuses.md": statusesPage,
}

// TestGenerated holds the generated pages to the code.
func TestGenerated(t *testing.T) {
	for name, write := range generated {
		t.Run(name, func(t *testing.T) {
			want, file := write(t), filepath.Join(root, name)
			if *update {
				if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got, err := os.ReadFile(file); err != nil || string(got) != want {
				t.Errorf("%s is not what the code says: run make docs (%v)", name, err)
			}
		})
	}
}

// said is what a program prints when asked.
func said(t *testing.T, program string, args ...string) string {
	t.Helper()
	c := exec.Command(filepath.Join(bin, program), args...)
	c.Env = append(os.Environ(), "NO_COLOR=1")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// topic is a line of help that names a topic.
var topic = regexp.MustCompile(`(?m)^  weir ([a-z][a-z-]*) +\S`)

// listed is a line of help that names a command.
var listed = regexp.MustCompile(`(?m)^  ([a-z][a-z-]*) +\S`)

// commandsPage is the help of every command.
func commandsPage(t *testing.T) string {
	help := said(t, "weir", "--help")
	_, commands, ok := strings.Cut(help, "weir [command]\n")
	commands, topics, ended := strings.Cut(commands, "\nFlags:")
	if !ok || !ended {
		t.Fatalf("no commands in\n%s", help)
	}
	var page strings.Builder
	fmt.Fprintf(&page, "# The command line\n\nGenerated from the code by `make docs`; edit the commands. `weir help COMMAND` says the same, and [exit statuses](exit-statuses.md) have\na page of their own.\n\n```text\n%s```\n", help)
	var names []string
	for _, m := range listed.FindAllStringSubmatch(commands, -1) {
		names = append(names, m[1])
	}
	if len(names) < 20 {
		t.Fatalf("only %v are commands", names)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == "completion" || name == "help" {
			continue
		}
		fmt.Fprintf(&page, "\n## weir %s\n\n```text\n%s```\n", name, said(t, "weir", name, "--help"))
	}
	fmt.Fprintf(&page, "\n## weir completion\n\nCompletion for bash, zsh, fish and PowerShell: `weir completion bash --help` says how to install it.\n")
	for _, m := range topic.FindAllStringSubmatch(topics, -1) {
		fmt.Fprintf(&page, "\n## weir help %s\n\n```text\n%s```\n", m[1], said(t, "weir", "help", m[1]))
	}
	fmt.Fprintf(&page, "\n## weir-router\n\n```text\n%s```\n", said(t, "weir-router", "--help"))
	return page.String()
}

// statusesPage is what help says of exit statuses, with what to do.
func statusesPage(t *testing.T) string {
	_, statuses, ok := strings.Cut(said(t, "weir", "--help"), "Exit statuses\n")
	statuses, _, ended := strings.Cut(statuses, "\n\n")
	if !ok || !ended {
		t.Fatal("weir --help has no exit statuses")
	}
	do := map[string]string{
		"0": "go on", "1": "read standard error: it says what failed and where", "2": "mend the command line, the spec or the mapping; the message has file, line and column",
		"3": "wait, and ask again: `--allow hold` lets hold pass with 0", "4": "stop the release", "5": "do not trust the comparison: the reasons say which check failed",
	}
	var page strings.Builder
	page.WriteString("# Exit statuses\n\nGenerated from the code by `make docs`. Data go to standard output, everything else to standard error.\n\n| status | means | what to do |\n| --- | --- | --- |\n")
	for line := range strings.Lines(statuses) {
		status, means, _ := strings.Cut(strings.TrimSpace(line), " ")
		if do[status] == "" {
			t.Errorf("nobody says what to do at %s", status)
		}
		fmt.Fprintf(&page, "| %s | %s | %s |\n", status, strings.Join(strings.Fields(means), " "), do[status])
	}
	return page.String()
}

// An openAPI is as much of the control plane's description as a reader needs.
type openAPI struct {
	Info  struct{ Description string }
	Paths map[string]map[string]yaml.RawMessage
}

type operation struct {
	Summary, Description string
	RequestBody          any `yaml:"requestBody"`
	Responses            map[string]any
}

// callsPage is the control plane's calls, as its own description has them.
func callsPage(t *testing.T) string {
	text, err := os.ReadFile(filepath.Join(root, "internal/control/openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var api openAPI
	if err := yaml.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	fmt.Fprintf(&page, "# Calls of the control plane\n\nGenerated from the code by `make docs`; a server has the whole description, OpenAPI 3, at `/openapi.json`. [The API](api.md) explains it.\n\n%s\n\n| call | does | statuses |\n| --- | --- | --- |\n", sentence(api.Info.Description))
	for _, path := range sortedKeys(api.Paths) {
		for _, method := range []string{"get", "put", "post", "patch", "delete"} {
			raw, ok := api.Paths[path][method]
			if !ok {
				continue
			}
			var o operation
			if err := yaml.Unmarshal(raw, &o); err != nil {
				t.Fatal(err)
			}
			if o.Summary == "" {
				t.Errorf("%s %s has no summary", method, path)
			}
			fmt.Fprintf(&page, "| `%s %s` | %s | %s |\n", strings.ToUpper(method), path, sentence(o.Summary+" "+o.Description), strings.ReplaceAll(strings.Join(sortedKeys(o.Responses), ", "), "default", "else a failure"))
		}
	}
	return page.String()
}
