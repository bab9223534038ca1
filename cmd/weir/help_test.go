package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"weir/rollout"
)

// Every topic has a page that fits a terminal and says what its own part of the code knows.
func TestTopics(t *testing.T) {
	pages := map[string]string{}
	for _, c := range topics() {
		pages[c.Name()] = c.Long
		for _, l := range strings.Split(c.Long, "\n") {
			if len([]rune(l)) > 100 {
				t.Errorf("%s: a line is too long: %s", c.Name(), l)
			}
		}
		if c.Short == "" || len(c.Long) < 100 || c.Runnable() {
			t.Errorf("%s is no topic", c.Name())
		}
	}
	for _, v := range []rollout.Verdict{rollout.Hold, rollout.Promote, rollout.Rollback, rollout.Invalid} {
		if !strings.Contains(pages["verdicts"], "\n  "+v.String()) {
			t.Errorf("weir help verdicts does not say %s", v)
		}
	}
}

// Every variable of the environment that the program reads is among the topics.
func TestEnvironmentIsDocumented(t *testing.T) {
	page := ""
	for _, c := range topics() {
		if c.Name() == "environment" {
			page = c.Long
		}
	}
	read := regexp.MustCompile(`(?:Getenv|LookupEnv)\("([A-Z_]+)"\)|Env += "([A-Z_]+)"`)
	for _, pattern := range []string{"*.go", "../../internal/app/*.go", "../../internal/app/*/*.go", "../../internal/live/*.go", "../../internal/control/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			for _, m := range read.FindAllStringSubmatch(string(text), -1) {
				if name := m[1] + m[2]; !strings.Contains(page, "  "+name+" ") {
					t.Errorf("%s reads %s, which weir help environment does not name", f, name)
				}
			}
		}
	}
}

// Every command stands in one group.
func TestGroups(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range groups {
		for _, c := range g.commands {
			if seen[c] {
				t.Errorf("%s stands in two groups", c)
			}
			seen[c] = true
		}
	}
	for _, c := range newRoot().Commands() {
		if c.Runnable() && c.GroupID == "" && c.Name() != "help" && c.Name() != "completion" {
			t.Errorf("%s stands in no group", c.Name())
		}
	}
}
