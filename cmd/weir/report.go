package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/reports"
)

var reportFormats = []string{"html", "md", "json", "csv", "table"}

// defaultDialogues is how many sampled dialogues of each arm a report shows.
const defaultDialogues = 8

func newReport() *cobra.Command {
	var f analysisFlags
	var dialogues int
	cmd := &cobra.Command{
		Use:   "report --lake DIR --spec FILE --output report.html",
		Short: "write a page that a person can open",
		Long: `Analyse and write one self-contained page: the verdict with its reasons, every
effect with its interval against its margin, the arms side by side, the health
of the comparison, sampled dialogues, and what was read. It loads nothing from
the network.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(f.format, reportFormats...); err != nil {
				return err
			}
			if dialogues < 0 {
				return usage("--dialogues %d: a count, 0 for none", dialogues)
			}
			j, err := f.job()
			if err != nil {
				return err
			}
			r, err := app.Analyze(cmd.Context(), j)
			if err != nil {
				return err
			}
			sample, err := app.Dialogues(cmd.Context(), j, dialogues)
			if err != nil {
				return err
			}
			if err := f.write(cmd, view(cmd, r, reports.Options{Dialogues: sample, HTMLPath: f.output})); err != nil {
				return err
			}
			if f.output != "" {
				fmt.Fprintf(cmd.ErrOrStderr(), "weir: wrote %s\n", f.output)
			}
			return nil
		},
	}
	f.add(cmd, reportFormats...)
	cmd.Flags().IntVar(&dialogues, "dialogues", defaultDialogues, "how many dialogues of each version to show; 0 for none")
	return cmd
}
