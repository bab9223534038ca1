package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/judge"
	"weir/rollout/spec"
)

var exportFormats = []string{"html", "csv", "jsonl"}

// rubricFlags name a rubric for people.
type rubricFlags struct{ lake, spec, rubric, language string }

func (f *rubricFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "folder of the lake")
	flags.StringVar(&f.spec, "spec", "", "release spec, weir.yaml")
	flags.StringVar(&f.rubric, "rubric", "", "rubric: built in ("+strings.Join(judge.Builtins(), ", ")+"), or a file (default: the spec's only one)")
	flags.StringVar(&f.language, "language", "", "of a built-in rubric and of the page: en or zh (default: the spec's)")
}

// read reads the spec and the rubric.
func (f *rubricFlags) read() (*spec.Release, *judge.Rubric, error) {
	if err := checkLake(f.lake); err != nil {
		return nil, nil, err
	}
	if f.spec == "" {
		return nil, nil, usage("--spec is missing: name the release spec")
	}
	r, _, err := readSpec(f.spec)
	if err != nil {
		return nil, nil, err
	}
	name := f.rubric
	if name == "" {
		var named []string
		if r.Judge != nil {
			named = r.Judge.Rubrics
		}
		if len(named) != 1 {
			return nil, nil, usage("--rubric is missing: the spec names %d; built in are %s", len(named), strings.Join(judge.Builtins(), ", "))
		}
		name = named[0]
		if spec.IsFile(name) && !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(f.spec), name)
		}
	}
	if f.language == "" {
		f.language = "en"
		if r.Judge != nil {
			f.language = r.Judge.Language.String()
		}
	}
	if f.language != "en" && f.language != "zh" {
		return nil, nil, usage("--language %q: allowed are en and zh", f.language)
	}
	if slices.Contains(judge.Builtins(), name) {
		rubric, err := judge.Builtin(name, f.language)
		return r, rubric, err
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, usage("--rubric %s: it is neither built in (%s) nor a file that can be read", name, strings.Join(judge.Builtins(), ", "))
	}
	rubric, err := judge.Parse(name, src)
	if err != nil {
		return nil, nil, usage("%v", err)
	}
	return r, rubric, nil
}

// exportFlags are those of weir export; some are of the job itself.
type exportFlags struct {
	rubricFlags
	wanted                        app.ExportJob
	format, output, release, asOf string
	strata                        []string
}

func newExport() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export --lake DIR --spec FILE --output FILE",
		Short: "dialogues out, for people to label",
		Long: `Draw dialogues for people to label, and write them as a page that needs nothing
else (html), as a table (csv) or as JSON lines. Nothing in them tells which
version answered or what a judge said. Where anything is judged by the rubric,
they are drawn among what was judged: only so can labels correct the judge.

Who is drawn is decided by a hash, with a probability that is kept in the lake;
each hour of traffic is offered once, so the rate may change from one export to
the next and never for what was offered already. --again SET writes a set that was
drawn before once more.

With --pairs people say which of two answers is better, where the same cases ran
on both versions (weir replay): of half of the pairs one version is shown first,
of half the other, and nothing tells which is which. Pairs of a release are
offered once.`,
		Example: `  weir export --lake lake --spec weir.yaml --rubric support-quality --count 120 --output label.html
  weir label  --lake lake --spec weir.yaml --rubric support-quality labels-*.jsonl
  weir export --lake lake --spec weir.yaml --rubric support-quality --pairs --count 100 --output pairs.html`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.release, "release", "", "release (default: the spec's)")
	flags.BoolVar(&f.wanted.Pairs, "pairs", false, "pairs of answers to the same case, to say which one is better")
	flags.IntVar(&f.wanted.Count, "count", 100, "dialogues or pairs to draw, on average")
	flags.Float64Var(&f.wanted.Rate, "rate", 0, "probability to be drawn, instead of --count")
	flags.Float64Var(&f.wanted.SplitRate, "split-rate", 0, "probability where the judges of a panel disagree (default: as the others)")
	flags.StringArrayVar(&f.strata, "stratum", nil, "RATE CONDITION: a part with a rate of its own, such as '50% language == \"zh\"'; conditions as of judge.sample.strata; may be repeated, the first that matches counts")
	flags.StringVar(&f.wanted.Again, "again", "", "write this set once more")
	flags.StringVar(&f.asOf, "as-of", "", "clock, RFC 3339 or YYYY-MM-DD (default: now)")
	flags.StringVar(&f.format, "format", exportFormats[0], strings.Join(exportFormats, ", "))
	flags.StringVar(&f.output, "output", "", "file to write (default: standard output)")
	return cmd
}

// job turns the flags into what to draw.
func (f *exportFlags) job() (app.ExportJob, error) {
	j := f.wanted
	j.Lake = f.lake
	switch {
	case j.Rate != 0 && (j.Rate < .05 || j.Rate > 1), j.SplitRate != 0 && (j.SplitRate < .05 || j.SplitRate > 1):
		return j, usage("--rate %g, --split-rate %g: allowed are 0.05 to 1; a rarer label would weigh too much", j.Rate, j.SplitRate)
	case j.Rate == 0 && j.Count < 1:
		return j, usage("--count %d: at least 1", j.Count)
	case j.Pairs && (j.SplitRate != 0 || len(f.strata) > 0):
		return j, usage("--split-rate and --stratum are of dialogues: pairs are drawn with one probability")
	}
	if err := checkFormat(f.format, exportFormats...); err != nil {
		return j, err
	}
	for _, s := range f.strata {
		stratum, err := spec.ParseSampleStratum(s)
		if err != nil {
			return j, usage("--stratum %v", err)
		}
		j.Strata = append(j.Strata, stratum)
	}
	var err error
	if j.Spec, j.Rubric, err = f.read(); err != nil {
		return j, err
	}
	if f.release != "" {
		if err := checkNames([]flagName{{"--release", f.release}}); err != nil {
			return j, err
		}
		j.Spec.Release = f.release
	}
	j.AsOf, err = moment("--as-of", f.asOf)
	return j, err
}

// run draws, writes the set, and says what was drawn.
func (f *exportFlags) run(cmd *cobra.Command) error {
	if f.output == "" && isTerminal(cmd.OutOrStdout()) {
		return usage("--output is missing: name the file to write")
	}
	j, err := f.job()
	if err != nil {
		return err
	}
	e, err := app.ExportLabels(cmd.Context(), j)
	if errors.Is(err, app.ErrNothingToLabel) || errors.Is(err, app.ErrTooMany) || errors.Is(err, app.ErrUnknownSet) {
		return usage("%v", err)
	}
	if err != nil {
		return err
	}
	err = writeOutput(f.output, cmd.OutOrStdout(), func(w io.Writer) error {
		switch f.format {
		case "csv":
			return e.Set.CSV(w)
		case "jsonl":
			return e.Set.JSONL(w)
		}
		return e.Set.HTML(w)
	})
	if err != nil {
		return fmt.Errorf("set %s was drawn and not written: %w; --again %s writes it", e.Set.ID, err, e.Set.ID)
	}
	sayExport(cmd.ErrOrStderr(), j, e)
	return nil
}

// sayExport says what was drawn.
func sayExport(w io.Writer, j app.ExportJob, e app.Export) {
	what := "dialogues"
	if e.Set.Mode == judge.Pairwise {
		what = "pairs"
	}
	if j.Again != "" {
		fmt.Fprintf(w, "weir: set %s: %d %s, written once more\n", e.Set.ID, len(e.Set.Items), what)
		return
	}
	among := map[bool]string{true: "judged ", false: ""}[e.Judged] + what
	fmt.Fprintf(w, "weir: set %s: %d of %d %s drawn, each with probability %.3g%s\n", e.Set.ID, len(e.Set.Items)+e.Textless, e.Candidates, among, e.Rate, map[bool]string{true: " but where a stratum has its own"}[len(e.Strata) > 0])
	for i, s := range e.Strata {
		fmt.Fprintf(w, "weir:   of these %d of %d with probability %.3g, where %s\n", s.Drawn, s.Candidates, float64(j.Strata[i].Rate), j.Strata[i].When)
	}
	if e.Textless > 0 {
		whose := ""
		if e.Set.Mode == judge.Pairwise {
			whose = fmt.Sprintf(" (of %s in %d, of %s in %d)", j.Spec.Stable, e.Silent[0], j.Spec.Candidate, e.Silent[1])
		}
		fmt.Fprintf(w, "weir: warning: the texts of %d are not kept%s: they count as declined\n", e.Textless, whose)
	}
	if !e.Judged {
		fmt.Fprintf(w, "weir: nothing is judged by %s yet: labels correct a judge that judges these %s too\n", j.Rubric.Name, what)
	}
	if j.Rate == 0 && float64(e.Candidates)*e.Rate > 1.05*float64(j.Count) {
		fmt.Fprintf(w, "weir: more than --count %d: none is drawn with a probability below 0.05\n", j.Count)
	}
}
