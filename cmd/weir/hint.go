package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// nearest are the names that somebody may have meant: those a slip or two away, and those
// that begin so.
func nearest(name string, among []string) []string {
	parent := &cobra.Command{SuggestionsMinimumDistance: max(2, len(name)/4)}
	for _, n := range among {
		parent.AddCommand(&cobra.Command{Use: n, Run: func(*cobra.Command, []string) {}})
	}
	return parent.SuggestionsFor(name)
}

// hint asks whether one of the nearest names was meant, as part of an error; empty where none is near.
func hint(name string, among []string) string {
	found := nearest(name, among)
	if len(found) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(found[:min(3, len(found))], ", ") + "?"
}

// flagHint is a hint for a flag that a command does not have.
func flagHint(cmd *cobra.Command, err error) string {
	name, ok := strings.CutPrefix(err.Error(), "unknown flag: ")
	if !ok {
		return ""
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return hint(name, names)
}
