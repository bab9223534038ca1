package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/analyze"
	"weir/internal/app"
	"weir/judge"
)

// labelFlags are those of weir label.
type labelFlags struct {
	rubricFlags
	labeler, format string
}

func newLabel() *cobra.Command {
	var f labelFlags
	cmd := &cobra.Command{
		Use:   "label --lake DIR --spec FILE [FILE...]",
		Short: "labels in, and how far people and the judge agree",
		Long: `Bring people's labels into the lake: what the page of weir export saved, or a
filled-in table or JSON lines. Every label is checked against the rubric and
against what was drawn; after a fault nothing is read. The same file again adds
nothing, and a changed answer takes the place of the earlier one. A label was
given at its time in at, a time or a day, as the page writes it; without one, now.
A time to come, and one before its dialogue was drawn, are faults.

Without files, or when they are read, it says how far people agree with the judge
(Cohen's kappa, sensitivity, specificity) and with each other (Krippendorff's
alpha), with intervals, and what share of each version's dialogues is good once
the judge's errors are taken out (Rogan and Gladen). Of pairs it says which version
people prefer, whether they favour the answer shown first, and how far the judge
gives the same verdicts, in both orders and in each.`,
		Example: `  weir label --lake lake --spec weir.yaml --rubric support-quality labels-ann.jsonl labels-bob.jsonl
  weir label --lake lake --spec weir.yaml --rubric support-quality --format json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, files []string) error { return f.run(cmd, files) },
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.labeler, "labeler", "", "who labelled the rows that name nobody")
	cmd.Flags().StringVar(&f.format, "format", "table", "table, json")
	return cmd
}

// run brings labels in, if there are files of any, and says how far they agree.
func (f *labelFlags) run(cmd *cobra.Command, files []string) error {
	if err := checkFormat(f.format, "table", "json"); err != nil {
		return err
	}
	r, rubric, err := f.read()
	if err != nil {
		return err
	}
	var out struct {
		Import    *app.LabelReport   `json:"import,omitempty"`
		Agreement app.Agreement      `json:"agreement"`
		Pairs     *app.PairAgreement `json:"pairs,omitempty"` // where any are drawn or labelled
	}
	if len(files) > 0 {
		report, err := app.ImportLabels(cmd.Context(), app.LabelJob{Lake: f.lake, App: r.App, Rubric: rubric, Labeler: f.labeler, Files: files})
		if errors.Is(err, fs.ErrNotExist) {
			return usage("%v", err)
		}
		if err != nil {
			return err
		}
		out.Import = &report
		fmt.Fprintf(cmd.ErrOrStderr(), "weir: labels of %s: %d answers added (%d of them corrections, %d declined), %d known already\n",
			labelled(report), report.Added, report.Corrected, report.Skipped, report.Known)
		if report.Older > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "weir: %d answers left out: the same person has given another one since\n", report.Older)
		}
	}
	if out.Agreement, err = app.MeasureAgreement(cmd.Context(), f.lake, r, rubric); err != nil {
		return err
	}
	if out.Pairs, err = app.MeasurePairs(cmd.Context(), f.lake, r, rubric); err != nil {
		return err
	}
	if f.format == "json" {
		return writeJSON(cmd.OutOrStdout(), out)
	}
	if out.Pairs == nil || out.Agreement.Any() {
		if err := writeAgreement(cmd.OutOrStdout(), out.Agreement); err != nil || out.Pairs == nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout())
	}
	return writePairs(cmd.OutOrStdout(), *out.Pairs)
}

// labelled counts what something was said of.
func labelled(r app.LabelReport) string {
	switch {
	case r.Pairs == 0:
		return fmt.Sprintf("%d dialogues", r.Dialogues)
	case r.Dialogues == 0:
		return fmt.Sprintf("%d pairs", r.Pairs)
	}
	return fmt.Sprintf("%d dialogues and %d pairs", r.Dialogues, r.Pairs)
}

// writePairs writes the tables of pairs.
func writePairs(w io.Writer, a app.PairAgreement) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "pairs\tlabels\twaiting\tdeclined\t%s wins, ties, %s wins\t%[1]s's rate by people\twith the judge's help\tfor the first shown\tamong people\n", a.Treatment, a.Control)
	for _, c := range a.Criteria {
		among := "–"
		if c.Doubled > 0 {
			among = fmt.Sprintf("alpha %s on %d", interval(c.Alpha, 2, ""), c.Doubled)
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d, %d, %d\t%s\t%s\t%s\t%s\n", c.Criterion, c.Labelled, c.Waiting, c.Declined, c.Wins, c.Ties, c.Losses,
			interval(c.WinRate, 1, " %"), interval(c.Corrected, 1, " %"), interval(c.FirstShown, 1, " %"), among)
	}
	orders := map[string]string{string(judge.ControlFirst): a.Control + " first", string(judge.TreatmentFirst): a.Treatment + " first"}
	header := "\njudge and people\tshown\tpairs\tno verdict\tsame verdict\tsame winner where neither ties\tkappa\n"
	for _, c := range a.Criteria {
		for _, m := range c.Judge {
			fmt.Fprint(t, header)
			header = ""
			fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\t%s of %d\t%s\n", c.Criterion, cmp.Or(orders[m.Order], "both orders"), m.Compared, m.Missing,
				interval(m.Same, 0, " %"), interval(m.SameWinner, 0, " %"), m.Decided, interval(m.Kappa, 2, ""))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, c := range a.Criteria {
		for _, note := range c.Notes {
			if _, err := fmt.Fprintf(w, "%s: %s\n", c.Criterion, note); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeAgreement writes the tables that people read.
func writeAgreement(w io.Writer, a app.Agreement) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "criterion\tlabels\twaiting\tdeclined\tkappa\tsensitivity\tspecificity\tamong people")
	for _, c := range a.Criteria {
		among := "–"
		if c.Doubled > 0 {
			among = fmt.Sprintf("alpha %s on %d", interval(c.Alpha, 2, ""), c.Doubled)
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", c.Criterion, c.Labelled, c.Waiting, c.Declined,
			interval(c.Kappa, 2, ""), interval(c.Sensitivity, 0, " %"), interval(c.Specificity, 0, " %"), among)
	}
	for _, c := range a.Criteria {
		if c.Picked > 0 {
			fmt.Fprintf(t, "%s: %d more on dialogues that somebody chose; they are in no figure\n", c.Criterion, c.Picked)
		}
	}
	fmt.Fprintln(t)
	fmt.Fprintln(t, "criterion\tversion\tjudged\tgood by the judge\tcorrected for its errors")
	for _, c := range a.Criteria {
		for _, v := range c.Versions {
			fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\n", c.Criterion, v.Version, v.Judged, interval(analyze.Interval{Value: v.Apparent, Lower: analyze.Unknown, Upper: analyze.Unknown}, 1, " %"), interval(v.Corrected, 1, " %"))
		}
	}
	return t.Flush()
}

// figureText writes a number, or a dash where it is not known; as a share in percent where asked.
func figureText(x analyze.Number, decimals int, percent bool) string {
	switch {
	case !x.Known():
		return "–"
	case percent:
		return fmt.Sprintf("%.*f", decimals, 100*float64(x))
	}
	return fmt.Sprintf("%.*f", decimals, float64(x))
}

// interval writes a figure with its limits and unit.
func interval(i analyze.Interval, decimals int, unit string) string {
	text := func(x analyze.Number) string { return figureText(x, decimals, unit != "") }
	switch {
	case !i.Value.Known():
		return "–"
	case !i.Lower.Known():
		return text(i.Value) + unit
	}
	return fmt.Sprintf("%s%s (%s … %s)", text(i.Value), unit, text(i.Lower), text(i.Upper))
}
