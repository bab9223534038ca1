package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/reports"
)

var studyFormats = []string{"table", "json", "md", "csv", "html", "svg"}

// A planFlags are those of the commands that look at a plan.
type planFlags struct {
	spec, lake         string
	perDay             perDay
	effects, baselines []string
	days, releases     int
	seed               uint64
	asOf               string
	querying
}

func (f *planFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.spec, "spec", "", "release spec, weir.yaml")
	flags.StringVar(&f.lake, "lake", "", "folder of a lake whose units to plan with (default: stated and assumed ones)")
	flags.Var(&f.perDay, "sessions-per-day", "traffic (default: the lake's, else the spec's)")
	flags.StringArrayVar(&f.effects, "effect", nil, "what the candidate does: resolution=+5pp, tokens=-3% (default: goals gain as much as they may lose)")
	flags.StringArrayVar(&f.baselines, "baseline", nil, "what the stable version is like: resolution=62%, tokens=1500:0.9 (level:spread)")
	flags.IntVar(&f.days, "days", 0, "horizon (default: the ramp and its max_wait, at most 60)")
	flags.IntVar(&f.releases, "releases", 200, "releases to simulate")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of all chance")
	flags.StringVar(&f.asOf, "as-of", "", "clock, by which the lake's units are mature and today is marked, RFC 3339 or YYYY-MM-DD (default: now)")
	f.querying.add(flags)
}

// job turns the flags into what to plan.
func (f *planFlags) job() (app.PowerJob, error) {
	j := app.PowerJob{SessionsPerDay: float64(f.perDay), Days: f.days, Releases: f.releases, Seed: f.seed}
	j.Lake, j.MemoryMB, j.Threads = f.lake, f.memoryMB, f.threads
	if f.spec == "" {
		return j, usage("--spec is missing: name the release spec; weir init writes one")
	}
	if f.lake != "" {
		if err := checkLake(f.lake); err != nil {
			return j, err
		}
	}
	switch {
	case f.days < 0 || f.days > 400:
		return j, usage("--days %d: 1 to 400, 0 for the default", f.days)
	case f.releases < 10 || f.releases > 100_000:
		return j, usage("--releases %d: 10 to 100,000", f.releases)
	}
	err := f.querying.check()
	if err != nil {
		return j, err
	}
	if j.AsOf, err = moment("--as-of", f.asOf); err != nil {
		return j, err
	}
	if j.Effects, err = namedValues("--effect", f.effects); err != nil {
		return j, err
	}
	if j.Baselines, err = namedValues("--baseline", f.baselines); err != nil {
		return j, err
	}
	j.Spec, j.SpecText, err = readSpec(f.spec)
	return j, err
}

// namedValues reads NAME=VALUE.
func namedValues(flag string, given []string) (map[string]string, error) {
	out := map[string]string{}
	for _, g := range given {
		name, value, ok := strings.Cut(g, "=")
		if !ok || name == "" || value == "" {
			return nil, usage("%s %q: write METRIC=VALUE", flag, g)
		}
		if _, twice := out[name]; twice {
			return nil, usage("%s %s is given twice", flag, name)
		}
		out[name] = value
	}
	return out, nil
}

func newPower() *cobra.Command {
	var f planFlags
	var format, output, lang string
	cmd := &cobra.Command{
		Use:   "power --spec FILE [--lake DIR]",
		Short: "say whether, and when, a release can be decided",
		Long: `Say beforehand whether a release can be decided at this traffic, and when: the
whole decision rule on simulated releases, and what each metric's test can prove
alone, looking every hour and at one look.

Units are taken from a lake, its stable version's, or made up from a baseline
that is stated, or else assumed.`,
		Example: `  weir power --spec weir.yaml --sessions-per-day 2000 --effect resolution=+5pp
  weir power --spec weir.yaml --lake lake --format html --output power.html`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, studyFormats...); err != nil {
				return err
			}
			language, err := languageOf(lang)
			if err != nil {
				return err
			}
			j, err := f.job()
			if err != nil {
				return err
			}
			bar := newProgress(cmd.ErrOrStderr(), "simulating", "releases")
			o, err := app.Power(cmd.Context(), j, func(done, of int) { bar.set(int64(done), int64(of), int64(done)) })
			bar.done()
			if err != nil {
				return planFault(err)
			}
			return writeStudy(cmd, format, output, language, func(o2 reports.Options) reports.Study { return reports.NewPower(o, o2) })
		},
	}
	f.add(cmd)
	studyOutput(cmd, &format, &output)
	cmd.Flags().StringVar(&lang, "lang", "en", "language of what is shown: en or zh")
	return cmd
}

// planFault tells faults of the command line from failures.
func planFault(err error) error {
	if app.IsPlanFault(err) {
		return usage("%v", err)
	}
	return err
}

// studyOutput declares the flags of where a study goes.
func studyOutput(cmd *cobra.Command, format, output *string) {
	cmd.Flags().StringVar(format, "format", studyFormats[0], strings.Join(studyFormats, ", "))
	cmd.Flags().StringVar(output, "output", "", "write to this file instead of standard output")
}

// writeStudy renders a study in the format asked for.
func writeStudy(cmd *cobra.Command, format, output string, language reports.Language, study func(reports.Options) reports.Study) error {
	o := reports.Options{Language: language}
	if output == "" {
		o.Color, o.Width = terminal(cmd.OutOrStdout())
	}
	s := study(o)
	err := writeOutput(output, cmd.OutOrStdout(), func(w io.Writer) error {
		switch format {
		case "table":
			return s.Table(w)
		case "json":
			return s.JSON(w)
		case "md":
			return s.Markdown(w)
		case "csv":
			return s.CSV(w)
		case "svg":
			return s.SVG(w)
		default:
			return s.HTML(w)
		}
	})
	if err == nil && output != "" {
		fmt.Fprintf(cmd.ErrOrStderr(), "weir: wrote %s\n", output)
	}
	return err
}
