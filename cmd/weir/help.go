package main

import (
	"embed"
	"fmt"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"weir/rollout/spec"
	"weir/trace"
)

// start is what somebody new may want first.
const start = `Start here
  weir demo                                          the whole story on this machine
  weir simulate --scenario better --lake lake        traffic of known truth
  weir analyze --lake lake --spec lake/weir.yaml     compare the versions
  weir report --lake lake --spec lake/weir.yaml --output report.html
  weir serve --spec weir.yaml --lake lake            before your own versions
`

// groups are the commands by what one wants of them.
var groups = []struct {
	id, title string
	commands  []string
}{
	{"decide", "Compare and decide", []string{"analyze", "gate", "report", "query", "stat"}},
	{"bring", "Bring logs in, make traffic", []string{"import", "simulate", "replay", "demo", "sim-upstream"}},
	{"plan", "Plan, and check the method", []string{"init", "check", "schema", "power", "aa", "backtest"}},
	{"run", "Run a release", []string{"serve", "status", "ramp", "pause", "resume", "promote", "rollback", "history", "webhook", "drill", "autopilot"}},
	{"judge", "Judge and people", []string{"judge", "browse", "export", "label"}},
	{"keep", "Keep the lake", []string{"compact", "forget"}},
}

//go:embed topics/*.txt
var topicFiles embed.FS

// topics are pages that weir help shows beside those of the commands.
func topics() []*cobra.Command {
	entries, err := topicFiles.ReadDir("topics")
	if err != nil {
		panic("weir: " + err.Error())
	}
	out := []*cobra.Command{exitTopic()}
	for _, e := range entries {
		text, err := topicFiles.ReadFile(path.Join("topics", e.Name()))
		if err != nil {
			panic("weir: " + err.Error())
		}
		name := strings.TrimSuffix(e.Name(), ".txt")
		short, long, _ := strings.Cut(string(text), "\n")
		out = append(out, topic(name, short, strings.Trim(long, "\n")+"\n"+listing(name)))
	}
	return out
}

func topic(name, short, long string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Long: strings.TrimRight(long, "\n")}
}

func exitTopic() *cobra.Command {
	return topic("exit-codes", "the statuses that weir ends with", exitStatuses)
}

// listing is what a topic lists from the code.
func listing(name string) string {
	var b strings.Builder
	switch name {
	case "lake":
		b.WriteString("\n")
		for _, t := range trace.Tables() {
			fmt.Fprintf(&b, "  %-10s a row is %s\n", t.Name, t.Grain)
		}
		b.WriteString("\nEvery column: docs/schema.md.")
	case "metrics":
		b.WriteString("\n")
		for _, m := range spec.Default("app", "release", "v1", "v2").Metrics {
			fmt.Fprintf(&b, "  %-13s %s\n", m.Name, m.Role)
		}
		b.WriteString("\nOf these only what the lake has data for. More: docs/spec.md.")
	}
	return b.String()
}

// group gives commands their groups; one that no group names stands under the others.
func group(root *cobra.Command) {
	of := map[string]string{}
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, c := range g.commands {
			of[c] = g.id
		}
	}
	for _, c := range root.Commands() {
		if c.Runnable() {
			c.GroupID = of[c.Name()]
		}
	}
}
