package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/internal/atomicfile"
	"weir/reports"
)

func newDemo() *cobra.Command {
	var out string
	var seed uint64
	var judge demoJudge
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "the whole story on this machine",
		Long: `A release whose truth is known, over HTTP: two stand-in applications, the router
before them, simulated users who report how they fared, and the autopilot, which
looks at them and takes the ramp of the spec from 5 to 20 to 50 % and to promotion.
Then dialogues are judged, and the table, the verdict and a page to open say what is
to be thought of it. Weeks of the release pass in about a minute. Everything lies in
one folder, which is made anew.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := demo(cmd, out, seed, judge)
			if errors.Is(err, context.Canceled) {
				return interruptedError{out + " holds what was made until then; weir demo makes it anew"}
			}
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "demo-out", "folder to write to")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed of all chance")
	cmd.Flags().BoolVar(&judge.real, "real-judge", false, "judge by a real model: OPENAI_BASE_URL, OPENAI_API_KEY")
	cmd.Flags().StringVar(&judge.model, "judge-model", "gpt-4o-mini", "which, with --real-judge")
	return cmd
}

// demoMark is a file that says a folder was made by the demo, and may be made anew.
const demoMark = ".weir-demo"

func demo(cmd *cobra.Command, out string, seed uint64, judge demoJudge) error {
	if err := freshFolder(out); err != nil {
		return err
	}
	w := cmd.ErrOrStderr()
	fmt.Fprintf(w, "A release over HTTP on this machine, three weeks of it in about a minute. Nothing in it is real:\n%s\n", demoTruth)
	began := time.Now()
	job, err := (&demoRelease{out: out, seed: seed, steps: demoSteps, w: w}).run(cmd.Context())
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Served in %.1f s; all of it is in %s\n", time.Since(began).Seconds(), job.Lake)
	if err := judge.run(cmd, job.Lake, job.Spec, job.AsOf); err != nil {
		return err
	}
	return demoReport(cmd, job, out)
}

// demoReport analyses the demo's lake, writes the page and the record, and
// prints the table.
func demoReport(cmd *cobra.Command, j app.Job, out string) error {
	began := time.Now()
	record, err := app.Analyze(cmd.Context(), j)
	if err != nil {
		return err
	}
	background, err := app.Background(cmd.Context(), j, record, app.Beside{Dialogues: defaultDialogues})
	if err != nil {
		return err
	}
	page, stored := filepath.Join(out, "report.html"), filepath.Join(out, "record.json")
	r := view(cmd, record, reports.Options{Background: background, HTMLPath: page, RecordPath: stored, SpecPath: filepath.Join(out, "weir.yaml")})
	if err := cmp.Or(writeOutput(page, nil, r.HTML), writeOutput(stored, nil, r.RecordJSON)); err != nil {
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
	return atomicfile.Write(filepath.Join(out, demoMark), nil, 0o644)
}
