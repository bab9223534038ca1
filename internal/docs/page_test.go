package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// A page is a Markdown file of the project.
type page struct {
	name   string // relative to the root of the repository
	text   string
	blocks []block
}

// A block is a fenced block of a page.
type block struct {
	line     int // of its first line, from 1
	language string
	file     string // the name after the language; empty where there is none
	why      string // it is not run, as a comment before it says; empty where there is none
	text     string
}

const root = "../.."

// allPages returns every page.
func allPages(t *testing.T) []page {
	t.Helper()
	var pages []page
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/decisions/*.md", "docs/zh/*.md", "notebooks/*.md", "packaging/*.md", "examples/*.md", "examples/*/*.md"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			pages = append(pages, readPage(t, name))
		}
	}
	return pages
}

func readPage(t *testing.T, name string) page {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(root, name)
	if err != nil {
		t.Fatal(err)
	}
	return page{filepath.ToSlash(relative), string(text), blocksOf(string(text))}
}

func blocksOf(text string) []block {
	var blocks []block
	var open *block
	why := ""
	for i, line := range strings.Split(text, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			language, file, _ := strings.Cut(info, " ")
			open, why = &block{line: i + 2, language: language, file: file, why: why}, ""
		case fence:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.text += line + "\n"
		default:
			if m := notRun.FindStringSubmatch(line); m != nil {
				why = m[1]
			} else if line != "" {
				why = ""
			}
		}
	}
	return blocks
}

// notRun says of the block below why its commands are not run.
var notRun = regexp.MustCompile(`^<!-- not run: (.+) -->$`)

// shown are lines that somebody would type.
var shown = regexp.MustCompile(`(?m)^(\$ )?([A-Z_]+=\S+ )?(bin/)?(weir|weir-router|make|curl|docker|kubectl|systemctl|pip|go|git) [a-z-]`)

// TestEveryCommandIsRun finds commands that no test runs and no comment excuses.
// Pages of live are played whole; generated ones hold help, not commands.
func TestEveryCommandIsRun(t *testing.T) {
	for _, p := range allPages(t) {
		played := slices.ContainsFunc(live, func(name string) bool { return p.name == "examples/"+name+"/README.md" })
		twin := slices.ContainsFunc(twins, func(pair [2]string) bool { return p.name == pair[1] })
		if generated[p.name] != nil || twin {
			continue
		}
		for _, b := range p.blocks {
			switch {
			case b.why != "" && b.runs():
				t.Errorf("%s:%d is run, and a comment says that it is not: %s", p.name, b.line, b.why)
			case b.why == "" && b.file == "" && !b.runs() && !(played && b.language == "bash") && shown.MatchString(b.text):
				t.Errorf("%s:%d shows commands that no test runs: make it sh or console, or put <!-- not run: why --> above it\n%s", p.name, b.line, b.text)
			}
		}
	}
}

// anchorOf is how a heading is linked to.
func anchorOf(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ' || r == '-':
			b.WriteByte('-')
		case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// anchors are those of a page's headings, outside of its blocks.
func anchors(text string) map[string]bool {
	found, fenced := map[string]bool{}, false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if heading := strings.TrimLeft(line, "#"); !fenced && heading != line && strings.HasPrefix(heading, " ") {
			found[anchorOf(strings.TrimSpace(heading))] = true
		}
	}
	return found
}

var link = regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`)

// TestLinks finds every file that a page links to, and the heading in it.
func TestLinks(t *testing.T) {
	for _, p := range allPages(t) {
		for _, m := range link.FindAllStringSubmatch(p.text, -1) {
			if strings.HasPrefix(m[1], "http") {
				continue
			}
			file := filepath.Join(root, p.name)
			if m[1] != "" {
				file = filepath.Join(root, filepath.Dir(p.name), m[1])
			}
			text, err := os.ReadFile(file)
			if _, there := os.Stat(file); there != nil {
				t.Errorf("%s links to %s, which is not there", p.name, m[1])
			} else if m[2] != "" && (err != nil || !anchors(string(text))[strings.TrimPrefix(m[2], "#")]) {
				t.Errorf("%s links to %s%s, and there is no such heading", p.name, m[1], m[2])
			}
		}
	}
}

// TestIndex finds every page of docs in docs/README.md.
func TestIndex(t *testing.T) {
	index := readPage(t, filepath.Join(root, "docs/README.md"))
	for _, p := range allPages(t) {
		if below, ok := strings.CutPrefix(p.name, "docs/"); ok && p.name != index.name && !strings.HasPrefix(below, "decisions/2") && !strings.HasPrefix(below, "zh/") && !strings.Contains(index.text, "("+below+")") {
			t.Errorf("docs/README.md does not name %s", p.name)
		}
	}
}
