package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/reports"
)

// truthFile is where weir simulate writes what is true of a lake.
const truthFile = "truth.json"

func newBacktest() *cobra.Command {
	var f analysisFlags
	var every int
	var truth string
	cmd := &cobra.Command{
		Use:   "backtest --lake DIR (--spec FILE | --control V1 --treatment V2)",
		Short: "let the rule look at a past release, hour by hour",
		Long: `Let the decision rule look at a past release as if it had been there: when it would
have promoted it or rolled it back, and what it would have seen then. The decisive
look is confirmed by reading the lake again as of that hour.

Of a simulated lake the truth is known (truth.json, beside the spec), and what was
seen is held against it.`,
		Example: `  weir backtest --lake lake --spec weir.yaml
  weir backtest --lake lake --spec weir.yaml --format html --output backtest.html`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(f.format, studyFormats...); err != nil {
				return err
			}
			if every < 1 || every > 24*7 {
				return usage("--every %d: hours, 1 to 168", every)
			}
			if f.since != "" {
				return usage("--since explores and gives no verdict: a backtest looks from the first unit on")
			}
			language, err := languageOf(f.lang)
			if err != nil {
				return err
			}
			j, err := f.job()
			if err != nil {
				return err
			}
			if truth == "" {
				if beside := filepath.Join(f.lake, truthFile); exists(beside) {
					truth = beside
				}
			}
			bar := newProgress(cmd.ErrOrStderr(), "looking", "looks")
			r, err := app.Backtest(cmd.Context(), j, every, truth, func(done, of int) { bar.set(int64(done), int64(of), int64(done)) })
			bar.done()
			if err != nil {
				return err
			}
			return writeStudy(cmd, f.format, f.output, language, func(o reports.Options) reports.Study { return reports.NewBacktest(r, o) })
		},
	}
	f.add(cmd, studyFormats...)
	cmd.Flags().IntVar(&every, "every", 1, "hours between looks")
	cmd.Flags().StringVar(&truth, "truth", "", "file of what is true (default: truth.json in the lake, where there is one)")
	return cmd
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
