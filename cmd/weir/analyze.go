package main

import (
	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/reports"
)

var analyzeFormats = []string{"table", "json", "md", "csv"}

func newAnalyze() *cobra.Command {
	var f analysisFlags
	cmd := &cobra.Command{
		Use:   "analyze --lake DIR (--spec FILE | --control V1 --treatment V2)",
		Short: "compare the two versions of a release",
		Long: `Compare the two versions of a release: what the candidate does to each metric,
how sure that is, whether it is within its margin, and what follows.

The exit status is 0 whatever the verdict; weir gate turns it into a status.`,
		Example: `  weir analyze --lake lake --spec weir.yaml
  weir analyze --lake lake --control v1 --treatment v2 --format json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(f.format, analyzeFormats...); err != nil {
				return err
			}
			language, err := languageOf(f.lang)
			if err != nil {
				return err
			}
			j, err := f.job()
			if err != nil {
				return err
			}
			r, err := app.Analyze(cmd.Context(), j)
			if err != nil {
				return err
			}
			return f.write(cmd, view(cmd, r, reports.Options{Language: language}))
		},
	}
	f.add(cmd, analyzeFormats...)
	return cmd
}

// noArguments refuses arguments beside flags.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s takes no argument, only flags; found %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// atMostOne refuses a second argument.
func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage("%s takes one argument at most; found also %q", cmd.CommandPath(), args[1])
	}
	return nil
}
