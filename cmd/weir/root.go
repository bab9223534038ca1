package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"weir/internal/build"
)

const about = `Weir compares two versions of an LLM application from their logs and says,
with a stated error rate, whether the new one may take over.

` + start + `
` + exitStatuses

const exitStatuses = `Exit statuses
  0  done; of gate: promote
  1  failure
  2  wrong usage, or a fault in the spec or a mapping
  3  hold       (gate)
  4  rollback   (gate)
  5  invalid    (gate)`

// newRoot builds the whole command tree.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use: "weir", Short: "Gray releases of LLM applications, judged by statistics", Long: about,
		Version: build.Version, SilenceUsage: true, SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error { return unknownCommand(cmd, args) },
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%v%s; see %s --help", err, flagHint(cmd, err), cmd.CommandPath())
	})
	root.AddCommand(newServe(), newAutopilot(), newDrill(), newStatus(), newRamp(), newHistory(), newWebhook())
	root.AddCommand(newActions()...)
	root.AddCommand(
		newImport(), newSimulate(), newReplay(), newJudge(), newExport(), newLabel(), newBrowse(), newSimUpstream(), newQuery(),
		newAnalyze(), newGate(), newReport(), newDemo(),
		newInit(), newCheck(), newSchema(), newStat(),
		newCompact(), newForget(),
		newPower(), newAA(), newBacktest(),
	)
	root.AddCommand(topics()...)
	group(root)
	complete(root)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil {
		panic("weir: " + err.Error())
	}
	help.Args = func(_ *cobra.Command, args []string) error {
		_, rest, _ := root.Find(args) // of a command with Args there is no error: the rest tells
		return unknownCommand(root, rest)
	}
	return root
}

// unknownCommand refuses what is left of a command line where no command took it.
func unknownCommand(root *cobra.Command, rest []string) error {
	if len(rest) == 0 {
		return nil
	}
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return usage("unknown command %q%s; weir help lists them", rest[0], hint(rest[0], names))
}

// wantsJSON reports whether JSON was asked for, so that an error is JSON too: one of the
// command line itself, before whose flags are known, among them.
func wantsJSON(args []string) bool {
	const flag, format = "--format", "json"
	for i, a := range args {
		if a == flag+"="+format || a == flag && i+1 < len(args) && args[i+1] == format {
			return true
		}
	}
	return false
}

// writeJSONError writes an error as an object.
func writeJSONError(w io.Writer, message string, status int) {
	b, err := json.Marshal(map[string]any{"error": message, "exit_status": status})
	if err != nil {
		panic("weir: " + err.Error())
	}
	fmt.Fprintf(w, "%s\n", b)
}
