package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/app/judging"
	"weir/judge"
)

// judgeFlags are those of weir judge.
type judgeFlags struct {
	lake, state, spec, release, since, asOf, mode, format, output string
	rubric, language                                              string
	unpriced, whole, accept, list, show                           bool
	querying
}

func newJudge() *cobra.Command {
	var f judgeFlags
	cmd := &cobra.Command{
		Use:   "judge --spec FILE --lake DIR",
		Short: "score dialogues by a language model",
		Long: `Let the spec's judge score dialogues of both versions: drawn by a hash at the
spec's rate, an hour of assignment at a time, by every rubric, until it is known
enough, or the budget ends, or nothing is left. The next run goes on where this
one stopped, and nothing is asked twice: run it every night from cron.

The service is any that speaks OpenAI's chat completions; its URL is the spec's
endpoint (OPENAI_BASE_URL), its key OPENAI_API_KEY or the spec's key_file. What a
model costs stands under prices in the spec.

Where cases ran on both versions (weir replay), the judge compares them pair by
pair, in both orders.`,
		Example: `  weir judge --spec weir.yaml --lake lake --since 24h
  weir judge --rubrics
  weir judge --rubric support-quality > mine.yaml`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.list:
				_, err := fmt.Fprintln(cmd.OutOrStdout(), strings.Join(judge.Builtins(), "\n"))
				return err
			case f.rubric != "":
				src, err := judge.BuiltinSource(f.rubric, f.language)
				if err != nil {
					return usage("--rubric: %v", err)
				}
				_, err = cmd.OutOrStdout().Write(src)
				return err
			}
			j, err := f.job()
			if err != nil {
				return err
			}
			if f.show {
				return f.pairs(cmd, j)
			}
			return f.run(cmd, j)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "folder of the lake")
	flags.StringVar(&f.spec, "spec", "", "release spec, weir.yaml, with a judge")
	flags.StringVar(&f.state, "state", "", "folder of what runs remember (default: _state in the lake)")
	flags.StringVar(&f.release, "release", "", "release (default: the spec's)")
	flags.StringVar(&f.since, "since", "", "leave out units assigned before: a duration such as 24h, RFC 3339, or YYYY-MM-DD")
	flags.StringVar(&f.asOf, "as-of", "", "clock: which dialogues are over, and when they were judged, RFC 3339 or YYYY-MM-DD (default: now)")
	flags.StringVar(&f.mode, "mode", "", "pointwise or pairwise (default: pairwise where cases ran on both versions)")
	flags.BoolVar(&f.unpriced, "unpriced", false, "go on with models whose price is not known; the budget of dollars does not bound them")
	flags.BoolVar(&f.whole, "whole", false, "judge on when there is enough to decide")
	flags.BoolVar(&f.accept, "accept-change", false, "go on with a judge that scores its anchors otherwise than it did, as another judge")
	f.querying.add(flags)
	flags.BoolVar(&f.show, "show", false, "judge nothing: show what the lake's judgments say of pairs")
	flags.StringVar(&f.format, "format", "table", "table, json")
	flags.StringVar(&f.output, "output", "", "write to this file instead of standard output")
	flags.BoolVar(&f.list, "rubrics", false, "list the rubrics that are built in")
	flags.StringVar(&f.rubric, "rubric", "", "print this built-in rubric, to start one of your own from")
	flags.StringVar(&f.language, "language", "en", "of --rubric: en or zh")
	return cmd
}

// job turns the flags into what to judge.
func (f *judgeFlags) job() (judging.Job, error) {
	j := judging.Job{Lake: f.lake, State: f.state, Mode: judge.Mode(f.mode), Unpriced: f.unpriced, Whole: f.whole, AcceptChange: f.accept, MemoryMB: f.memoryMB, Threads: f.threads}
	if f.spec == "" {
		return j, usage("--spec is missing: name the release spec that says who judges")
	}
	if err := checkLake(f.lake); err != nil {
		return j, err
	}
	if err := checkFormat(f.format, "table", "json"); err != nil {
		return j, err
	}
	if err := f.querying.check(); err != nil {
		return j, err
	}
	if f.mode != "" && j.Mode != judge.Pointwise && j.Mode != judge.Pairwise {
		return j, usage("--mode %q: allowed are pointwise and pairwise", f.mode)
	}
	if err := checkNames([]flagName{{"--release", f.release}}); err != nil {
		return j, err
	}
	var err error
	if j.AsOf, err = moment("--as-of", f.asOf); err != nil {
		return j, err
	}
	clock := j.AsOf
	if clock.IsZero() {
		clock = time.Now().UTC()
	}
	if j.Since, err = before(f.since, clock); err != nil {
		return j, err
	}
	if err := checkSince(j.Since, clock); err != nil {
		return j, err
	}
	if j.Spec, j.SpecText, err = readSpec(f.spec); err != nil {
		return j, err
	}
	if f.release != "" {
		j.Spec.Release = f.release
	}
	j.SpecDir = filepath.Dir(f.spec)
	return j, nil
}

// pairs shows what was said of pairs.
func (f *judgeFlags) pairs(cmd *cobra.Command, j judging.Job) error {
	figures, err := judging.Pairs(cmd.Context(), j.Lake, j.Spec)
	if err != nil {
		return err
	}
	return writeOutput(f.output, cmd.OutOrStdout(), func(w io.Writer) error {
		if f.format == "json" {
			out := make([]any, len(figures))
			for i, figure := range figures {
				out[i] = figure.JSON()
			}
			return writeJSON(w, map[string]any{"schema": "weir.pairs/1", "app": j.Spec.App, "release": j.Spec.Release, "pairs": out})
		}
		if len(figures) == 0 {
			fmt.Fprintln(cmd.ErrOrStderr(), "weir: the lake holds no judgments of pairs of this release")
		}
		for _, figure := range figures {
			if _, err := io.WriteString(w, figure.Text()); err != nil {
				return err
			}
		}
		return nil
	})
}

// before reads a time, or a duration back from another one.
func before(s string, from time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return from.Add(-d), nil
	}
	t, err := moment("--since", s)
	if err != nil {
		return t, usage("--since %q: write a duration such as 24h, RFC 3339, or YYYY-MM-DD", s)
	}
	return t, nil
}

// run judges and reports.
func (f *judgeFlags) run(cmd *cobra.Command, j judging.Job) error {
	bar := newTally(cmd.ErrOrStderr())
	j.Progress = bar.set
	report, err := judging.Run(cmd.Context(), j)
	bar.done()
	interrupted := errors.Is(err, context.Canceled)
	if len(report.Summaries) > 0 && (err == nil || interrupted || f.format != "json") {
		render := report.Text
		if f.format == "json" {
			render = report.JSON
		}
		out := cmd.OutOrStdout()
		if err != nil && !interrupted {
			out = cmd.ErrOrStderr() // what the error ended is no result
		}
		if werr := writeOutput(f.output, out, render); werr != nil {
			return werr
		}
	}
	switch {
	case interrupted:
		return errors.New("interrupted; what was answered is kept, the same command goes on there")
	case errors.Is(err, judging.ErrSetup):
		return usage("%v", err)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w; judging writes to the lake and its state", err)
	}
	return err
}
