package main

import (
	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/reports"
)

func newAA() *cobra.Command {
	var f analysisFlags
	var runs int
	var seed uint64
	cmd := &cobra.Command{
		Use:   "aa --lake DIR (--spec FILE | --control V1 --treatment V2)",
		Short: "ask the lake's own units for false alarms",
		Long: `Draw the arms of a release's units anew, many times, each unit's by the propensity
of its stratum, and analyse each draw as the real one: whatever is found then is a
false alarm. Shown are, for every metric, how often that happens, how often its
interval holds the truth (no effect), and its p-values.

It tests that no unit would have been different under the other version. It cannot
see units that influence each other.`,
		Example: `  weir aa --lake lake --spec weir.yaml
  weir aa --lake lake --spec weir.yaml --runs 200 --format html --output aa.html`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(f.format, studyFormats...); err != nil {
				return err
			}
			if runs < 20 || runs > 100_000 {
				return usage("--runs %d: 20 to 100,000", runs)
			}
			language, err := languageOf(f.lang)
			if err != nil {
				return err
			}
			j, err := f.job()
			if err != nil {
				return err
			}
			bar := newProgress(cmd.ErrOrStderr(), "drawing arms", "runs")
			r, err := app.AA(cmd.Context(), j, runs, seed, func(done int) { bar.set(int64(done), int64(runs), int64(done)) })
			bar.done()
			if err != nil {
				return err
			}
			return writeStudy(cmd, f.format, f.output, language, func(o reports.Options) reports.Study {
				return reports.NewAA(r, j.Spec.App, j.Spec.Release, o)
			})
		},
	}
	f.add(cmd, studyFormats...)
	cmd.Flags().IntVar(&runs, "runs", 1000, "how often to draw")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed of all chance")
	return cmd
}
