package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/analyze/lake"
	"weir/internal/app"
	"weir/internal/calculator"
	"weir/internal/sim"
)

// complete says what shells may offer: names of methods, queries and scenarios, the values of
// flags that have few, and what the lake named on the same line holds.
func complete(root *cobra.Command) {
	for _, c := range root.Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) { completeFlag(c, f) })
	}
	of := func(name string) *cobra.Command {
		i := slices.IndexFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
		if i < 0 {
			panic("weir: no command " + name)
		}
		return root.Commands()[i]
	}
	of("stat").ValidArgsFunction = offer(calculator.Names)
	of("query").ValidArgsFunction = offer(queryNames)
}

// completeFlag offers values of a flag.
func completeFlag(c *cobra.Command, f *pflag.Flag) {
	var values func() []string
	switch f.Name {
	case "scenario":
		values = scenarioNames
	case "name":
		values = queryNames
	case "method":
		values = list("sequential", "fixed")
	case "design":
		values = list("paired", "independent")
	case "lang", "language":
		values = list("en", "zh")
	case "allow":
		values = list("hold")
	case "format":
		values = list(formatsIn(f.Usage)...)
	case "effect", "baseline":
		register(c, f.Name, metricNames)
		return
	case "app":
		register(c, f.Name, appNames)
		return
	}
	if values != nil {
		register(c, f.Name, offer(values))
	}
}

// formatsIn are the formats that a flag's description names.
func formatsIn(usage string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(usage, func(r rune) bool { return r < 'a' || r > 'z' }) {
		if slices.Contains([]string{"table", "json", "jsonl", "csv", "md", "html", "svg"}, w) {
			out = append(out, w)
		}
	}
	return out
}

func register(c *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic("weir: " + err.Error())
	}
}

func list(values ...string) func() []string { return func() []string { return values } }

// offer completes from names.
func offer(names func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return beginning(names(), begun), cobra.ShellCompDirectiveNoFileComp
	}
}

func beginning(names []string, begun string) []cobra.Completion {
	var out []cobra.Completion
	for _, n := range names {
		if strings.HasPrefix(n, begun) && !strings.Contains(n, " ") {
			out = append(out, n)
		}
	}
	return out
}

func queryNames() []string {
	var out []string
	for _, q := range lake.ReadyQueries() {
		out = append(out, q.Name)
	}
	return out
}

func scenarioNames() []string {
	var out []string
	for _, s := range sim.Scenarios() {
		out = append(out, s.Name)
	}
	return out
}

// metricNames offers the metrics of the spec that the line names, or of the one in the folder.
func metricNames(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	path := defaultSpec
	if f := cmd.Flags().Lookup("spec"); f != nil && f.Value.String() != "" {
		path = f.Value.String()
	}
	r, _, err := readSpec(path)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, m := range r.Metrics {
		out = append(out, m.Name+"=")
	}
	return beginning(out, begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// appNames offers the apps of the lake that the line names.
func appNames(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	f := cmd.Flags().Lookup("lake")
	if f == nil || f.Value.String() == "" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	apps, err := app.Apps(f.Value.String())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return beginning(apps, begun), cobra.ShellCompDirectiveNoFileComp
}
