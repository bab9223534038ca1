package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"weir/analyze/lake"
	"weir/internal/app"
	"weir/reports"
	"weir/rollout"
	"weir/rollout/spec"
)

var gateFormats = []string{"table", "json", "md"}

// gateFlags are those of weir gate.
type gateFlags struct {
	analysisFlags
	junit, markdown, quality, record string
	allow                            []string
	annotate, keep, remember         bool
}

func newGate() *cobra.Command {
	var f gateFlags
	cmd := &cobra.Command{
		Use:   "gate --lake DIR --spec FILE",
		Short: "give the verdict as an exit status",
		Long: `Analyse, decide, and end with the verdict as the exit status: 0 promote, 3 hold,
4 rollback, 5 invalid; 2 wrong usage or spec, 1 failure. --allow hold lets hold
pass too, but not where an arm has no rows at all.

With --format json it writes the decision record, which holds everything that
led to the verdict; --replay RECORD computes a stored record again from its
moments, and says whether it comes out the same to the last digit.`,
		Example: `  weir gate --lake lake --spec weir.yaml --junit weir.xml --markdown summary.md
  weir gate --lake lake --spec weir.yaml --format json --output record.json
  weir gate --lake lake --spec weir.yaml --github --markdown "$GITHUB_STEP_SUMMARY"
  weir gate --replay record.json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.add(cmd, gateFormats...)
	cmd.Flags().StringVar(&f.junit, "junit", "", "also write JUnit XML to this file")
	cmd.Flags().StringVar(&f.markdown, "markdown", "", "also write Markdown to this file")
	cmd.Flags().BoolVar(&f.annotate, "github", false, "also write annotations of GitHub Actions to standard error")
	cmd.Flags().StringVar(&f.quality, "code-quality", "", "also write GitLab's code quality report to this file")
	cmd.Flags().BoolVar(&f.keep, "keep", true, "keep the decision in the lake, and in the state what looks have in common; =false leaves nothing behind")
	cmd.Flags().BoolVar(&f.remember, "remember", false, "with --keep=false, write the state all the same: an autopilot keeps the decisions that it acts on")
	if err := cmd.Flags().MarkHidden("remember"); err != nil {
		panic("weir: " + err.Error())
	}
	cmd.Flags().StringVar(&f.record, "replay", "", "compute this decision record again instead of reading a lake; with --lake, from its files too")
	cmd.Flags().StringSliceVar(&f.allow, "allow", nil, "let this verdict pass with status 0: hold")
	return cmd
}

// run decides, writes what is asked for, and ends with the verdict.
func (f *gateFlags) run(cmd *cobra.Command) (err error) {
	defer func() {
		var verdict verdictStatus
		if f.annotate && err != nil && !errors.As(err, &verdict) {
			err = errors.Join(err, reports.GitHubError(cmd.ErrOrStderr(), err.Error()))
		}
	}()
	if err := checkFormat(f.format, gateFormats...); err != nil {
		return err
	}
	language, err := languageOf(f.lang)
	if err != nil {
		return err
	}
	for _, a := range f.allow {
		if a != rollout.Hold.String() {
			return usage("--allow %q: only hold can be allowed", a)
		}
	}
	r, err := f.decide(cmd)
	if err != nil {
		return err
	}
	view := view(cmd, r, reports.Options{RecordPath: f.output, SpecPath: f.spec, SpecLines: spec.MetricLines([]byte(r.Spec)), Language: language})
	if err := cmp.Or(
		writeIf(f.junit, view.JUnit), writeIf(f.markdown, view.Markdown), writeIf(f.quality, view.CodeQuality), f.writeRecord(cmd, view),
	); err != nil {
		return err
	}
	if f.annotate {
		if err := view.GitHub(cmd.ErrOrStderr()); err != nil {
			return err
		}
	}
	verdict := r.Analysis.Decision.Verdict
	units := r.Analysis.Units
	if slices.Contains(f.allow, verdict.String()) && units.Control > 0 && units.Treatment > 0 {
		return nil
	}
	return verdictStatus{verdict}
}

// decide makes a record from the lake, and keeps it there if it is to, or replays a stored one. What later looks have
// to know is written to the state where it is to be remembered. The record of a lake which
// has nothing to compare is a hold, and is not kept.
func (f *gateFlags) decide(cmd *cobra.Command) (rollout.Record, error) {
	if f.record != "" {
		return f.replay(cmd)
	}
	j, err := f.job()
	if err != nil {
		return rollout.Record{}, err
	}
	j.Forget = !f.keep && !f.remember
	r, err := app.Analyze(cmd.Context(), j)
	if errors.Is(err, lake.ErrNoData) {
		fmt.Fprintf(cmd.ErrOrStderr(), "weir: %v\n", err)
		return app.Nothing(j, err), nil
	}
	if err != nil || !f.keep || r.Policy.Explored != "" { // an exploration decides nothing
		return r, err
	}
	if err := app.Keep(j.Lake, r); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "weir: the decision is not kept in the lake: %v\n", err)
	}
	return r, nil
}

// replay computes a stored record again.
func (f *gateFlags) replay(cmd *cobra.Command) (rollout.Record, error) {
	if f.lake != "" {
		if err := checkLake(f.lake); err != nil {
			return rollout.Record{}, err
		}
	}
	raw, err := os.ReadFile(f.record)
	if err != nil {
		return rollout.Record{}, usage("--replay: %v", err)
	}
	stored, err := rollout.ParseRecord(raw)
	if err != nil {
		return rollout.Record{}, usage("--replay %s: %v", f.record, err)
	}
	if err := app.Replay(cmd.Context(), stored, f.lake); err != nil {
		return rollout.Record{}, fmt.Errorf("--replay %s: %w", f.record, err)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "weir: the record comes out the same\n")
	return stored, nil
}

// writeRecord writes the record, or the result in another format.
func (f *gateFlags) writeRecord(cmd *cobra.Command, r reports.Report) error {
	if f.format != "json" {
		return f.write(cmd, r)
	}
	return writeOutput(f.output, cmd.OutOrStdout(), r.RecordJSON)
}

// writeIf renders to a file, if one is named.
func writeIf(path string, render func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	return writeOutput(path, nil, render)
}
