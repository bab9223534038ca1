package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/internal/sim"
	"weir/reports"
	"weir/rollout/spec"
)

func newDemo() *cobra.Command {
	var out string
	var seed uint64
	judge := demoJudge{texts: demoTexts}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "the whole story on this machine",
		Long: `Simulate a release whose truth is known, analyse it, decide, and write the
report: traffic of two versions under a ramp, then the table, the verdict and a
page to open. Everything lies in one folder, which is made anew.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return demo(cmd, out, seed, judge) },
	}
	cmd.Flags().StringVar(&out, "out", "demo-out", "folder to write to")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed of all chance")
	cmd.Flags().BoolVar(&judge.real, "real-judge", false, "judge by a real model: OPENAI_BASE_URL, OPENAI_API_KEY")
	cmd.Flags().StringVar(&judge.model, "judge-model", "gpt-4o-mini", "which, with --real-judge")
	return cmd
}

const demoScenario = "better"

// demoTexts is the share of sessions whose texts the scenario keeps.
const demoTexts = 0.02

// demoMaturity is how long after its last session the demo looks: by then every
// outcome is final.
const demoMaturity = 26 * time.Hour

// demoMark is a file that says a folder was made by the demo, and may be made anew.
const demoMark = ".weir-demo"

func demo(cmd *cobra.Command, out string, seed uint64, judge demoJudge) error {
	if err := freshFolder(out); err != nil {
		return err
	}
	s, err := sim.Named(demoScenario)
	if err != nil {
		return err
	}
	w := cmd.ErrOrStderr()
	dir := filepath.Join(out, "lake")
	specFile := filepath.Join(out, "weir.yaml")
	fmt.Fprintf(w, "Simulating traffic (nothing here is real): %s\n", s.About)
	began := time.Now()
	bar := newProgress(w, "simulating", "rows")
	var rows int64
	err = app.Simulate(cmd.Context(), dir, s, seed, 0, func(n int64) { rows = n; bar.set(n, 0, n) })
	bar.done()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s requests in %.1f s, in %s\n", grouped(rows), time.Since(began).Seconds(), dir)
	text := sim.Spec(s)
	if err := app.WriteFile(specFile, []byte(text)); err != nil {
		return err
	}
	release, err := spec.Parse(specFile, []byte(text))
	if err != nil {
		return err
	}
	_, end := s.Window()
	asOf := end.Add(demoMaturity)
	if err := judge.run(cmd, dir, release, asOf); err != nil {
		return err
	}
	return demoReport(cmd, app.Job{Lake: dir, Spec: release, SpecText: text, AsOf: asOf}, out)
}

// demoReport analyses the demo's lake, writes the page and the record, and
// prints the table.
func demoReport(cmd *cobra.Command, j app.Job, out string) error {
	began := time.Now()
	record, err := app.Analyze(cmd.Context(), j)
	if err != nil {
		return err
	}
	dialogues, err := app.Dialogues(cmd.Context(), j, defaultDialogues)
	if err != nil {
		return err
	}
	page, stored := filepath.Join(out, "report.html"), filepath.Join(out, "record.json")
	r := view(cmd, record, reports.Options{Dialogues: dialogues, HTMLPath: page, RecordPath: stored})
	if err := errorsOf(writeOutput(page, nil, r.HTML), writeOutput(stored, nil, r.RecordJSON)); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Analysed in %.1f s\n\n", time.Since(began).Seconds())
	return r.Table(cmd.OutOrStdout())
}

// freshFolder makes an empty folder; one that is there must be of an earlier
// demo, or empty.
func freshFolder(out string) error {
	entries, err := os.ReadDir(out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case len(entries) > 0:
		if _, err := os.Lstat(filepath.Join(out, demoMark)); err != nil {
			return usage("%s holds something that no demo made; name another folder with --out", out)
		}
		if err := os.RemoveAll(out); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	return app.WriteFile(filepath.Join(out, demoMark), nil)
}
