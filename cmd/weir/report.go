package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/reports"
)

var reportFormats = []string{"html", "md", "json", "csv", "table"}

// mostDialogues bounds how many can be asked for.
const mostDialogues = 200

// defaultDialogues is how many sampled dialogues of each arm a report shows.
const defaultDialogues = 8

func newReport() *cobra.Command {
	var f analysisFlags
	var beside app.Beside
	var text bool
	cmd := &cobra.Command{
		Use:   "report --lake DIR --spec FILE --output report.html",
		Short: "write a page that a person can open",
		Long: `Analyse and write one self-contained page: the verdict with its reasons, every
effect with its interval against its margin and how it came about, the health of
the comparison, distributions, the arms side by side, the judge, sampled dialogues
of both versions, what was promised and read, and for each part the command that
gives its figures again. It loads nothing from the network.

With --format md and --output FILE.md, pictures lie beside it as SVG files.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(f.format, reportFormats...); err != nil {
				return err
			}
			if beside.Dialogues < 0 || beside.Dialogues > mostDialogues {
				return usage("--dialogues %d: a count from 0, for none, to %d", beside.Dialogues, mostDialogues)
			}
			language, err := languageOf(f.lang)
			if err != nil {
				return err
			}
			j, err := f.job()
			if err != nil {
				return err
			}
			r, err := app.Analyze(cmd.Context(), j)
			if err != nil {
				return err
			}
			beside.Bare = !text
			background, err := app.Background(cmd.Context(), j, r, beside)
			if err != nil {
				return err
			}
			page := view(cmd, r, reports.Options{Background: background, HTMLPath: f.output, SpecPath: f.spec, Language: language})
			if err := f.writePage(cmd, page); err != nil {
				return err
			}
			if f.output != "" {
				fmt.Fprintf(cmd.ErrOrStderr(), "weir: wrote %s\n", f.output)
			}
			return nil
		},
	}
	f.add(cmd, reportFormats...)
	cmd.Flags().IntVar(&beside.Dialogues, "dialogues", defaultDialogues, "how many dialogues of each version to show; 0 for none")
	cmd.Flags().BoolVar(&text, "text", true, "show what people and models wrote in them; --text=false leaves it out")
	return cmd
}

// languageOf reads the flag of a language.
func languageOf(s string) (reports.Language, error) {
	switch l := reports.Language(s); l {
	case reports.English, reports.Chinese:
		return l, nil
	}
	return "", usage("--lang %q: allowed are en and zh", s)
}

// writePage writes the report; a Markdown file has its pictures beside it, in files that
// begin with its name.
func (f *analysisFlags) writePage(cmd *cobra.Command, r reports.Report) error {
	if f.format != "md" || f.output == "" {
		return f.write(cmd, r)
	}
	base := strings.TrimSuffix(filepath.Base(f.output), filepath.Ext(f.output))
	for _, p := range r.Pictures() {
		if err := writeOutput(filepath.Join(filepath.Dir(f.output), base+"-"+p.Name+".svg"), nil, p.SVG); err != nil {
			return err
		}
	}
	return writeOutput(f.output, nil, func(w io.Writer) error { return r.MarkdownWithPictures(w, base) })
}
