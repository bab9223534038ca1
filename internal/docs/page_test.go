package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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
	text     string
}

const root = "../.."

// allPages returns every page that people write; docs/schema.md is generated
// and holds no commands.
func allPages(t *testing.T) []page {
	t.Helper()
	var pages []page
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/decisions/*.md", "examples/*.md", "examples/*/*.md"} {
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
	for i, line := range strings.Split(text, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			language, file, _ := strings.Cut(info, " ")
			open = &block{line: i + 2, language: language, file: file}
		case fence:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return blocks
}

var link = regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`)

// TestLinks finds every file that a page links to.
func TestLinks(t *testing.T) {
	for _, p := range allPages(t) {
		for _, m := range link.FindAllStringSubmatch(p.text, -1) {
			if m[1] == "" || strings.HasPrefix(m[1], "http") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(p.name), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", p.name, m[1])
			}
		}
	}
}
