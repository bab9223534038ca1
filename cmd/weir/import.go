package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weir/collector/importer"
	"weir/internal/app"
)

// importFlags are those of weir import.
type importFlags struct{ from, mapping, lake, app, release, onError, format string }

func newImport() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import --from FORMAT [--map FILE] --lake DIR --app NAME FILE...",
		Short: "bring logs into the lake",
		Long: `Bring other tools' logs into the lake. A mapping says which of their columns is
which of ours; OTLP, Langfuse and tau-bench have one ready. The same rows again
add nothing. A bad row stops the import, which leaves the lake as it was, or,
with --on-error skip, is left out and counted by arm.`,
		Example: `  weir import --from csv --map map.yaml --lake lake --app bot sessions.csv
  weir import --from otlp --lake lake --app bot spans.jsonl.gz`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, files []string) error { return f.run(cmd, files) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", strings.Join(importer.Formats(), ", "))
	flags.StringVar(&f.mapping, "map", "", "mapping of their columns to ours")
	flags.StringVar(&f.lake, "lake", "", "folder of the lake; made where there is none")
	flags.StringVar(&f.app, "app", "", "application that the rows belong to")
	flags.StringVar(&f.release, "release", "", "release of rows that name none")
	flags.StringVar(&f.onError, "on-error", "stop", "what a bad row does: stop or skip")
	flags.StringVar(&f.format, "format", "table", "summary: table on standard error, or json on standard output")
	return cmd
}

// source turns the flags into what to import, and how.
func (f *importFlags) source(files []string) (importer.Source, importer.Options, error) {
	s := importer.Source{Format: f.from, Files: files, App: f.app, Release: f.release}
	var o importer.Options
	if err := checkFormat(f.format, "table", "json"); err != nil {
		return s, o, err
	}
	switch {
	case f.lake == "":
		return s, o, usage("--lake is missing: name the folder of the lake; it is made where there is none")
	case f.app == "":
		return s, o, usage("--app is missing: name the application that the rows belong to")
	case len(files) == 0:
		return s, o, usage("name the files to import")
	case !slices.Contains(importer.Formats(), f.from):
		return s, o, usage("--from %q: allowed are %s", f.from, strings.Join(importer.Formats(), ", "))
	}
	if _, ready := importer.Preset(f.from); f.mapping == "" && !ready {
		return s, o, usage("--map is missing: nothing says what the columns of %s mean", f.from)
	}
	if err := checkNames([]flagName{{"--app", f.app}, {"--release", f.release}}); err != nil {
		return s, o, err
	}
	switch f.onError {
	case "stop":
	case "skip":
		o.OnError = importer.Skip
	default:
		return s, o, usage("--on-error %q: allowed are stop and skip", f.onError)
	}
	if f.mapping != "" {
		text, err := os.ReadFile(f.mapping)
		if err != nil {
			return s, o, usage("--map: %v", err)
		}
		if s.Mapping, err = importer.ParseMapping(f.from, f.mapping, text); err != nil {
			return s, o, err
		}
	}
	return s, o, nil
}

// run imports, and says what came of it.
func (f *importFlags) run(cmd *cobra.Command, files []string) error {
	s, o, err := f.source(files)
	if err != nil {
		return err
	}
	bar := newProgress(cmd.ErrOrStderr(), "importing", "B")
	o.Progress = func(p importer.Progress) { bar.set(p.Bytes, p.TotalBytes, p.Rows) }
	report, err := app.Import(cmd.Context(), f.lake, s, o)
	bar.done()
	if err != nil {
		return err
	}
	sayImport(cmd.ErrOrStderr(), report)
	if f.format == "json" {
		return writeJSON(cmd.OutOrStdout(), importedOf(report))
	}
	return nil
}

// An imported is what an import did, as JSON.
type imported struct {
	Rows     int64                  `json:"rows"`
	Filtered int64                  `json:"filtered"`
	Added    map[string]int64       `json:"added"` // by table
	Known    map[string]int64       `json:"known"`
	Versions map[string]importedArm `json:"versions"`
	Skipped  int64                  `json:"skipped"`
	Warnings []string               `json:"warnings"`
}

type importedArm struct {
	Exchanges int64 `json:"exchanges"`
	Skipped   int64 `json:"skipped"`
}

func importedOf(r importer.Report) imported {
	out := imported{
		Rows: r.Rows, Filtered: r.Filtered, Added: r.Added, Known: r.Known, Versions: map[string]importedArm{},
		Skipped: r.Skipped, Warnings: append([]string{}, r.Warnings...),
	}
	for version, arm := range r.Arms {
		out.Versions[version] = importedArm{arm.Exchanges, arm.Skipped}
	}
	return out
}

// sayImport says what an import did.
func sayImport(w io.Writer, r importer.Report) {
	fmt.Fprintf(w, "weir: read %d rows", r.Rows)
	if r.Filtered > 0 {
		fmt.Fprintf(w, ", %d left out by where", r.Filtered)
	}
	fmt.Fprintln(w)
	for _, table := range slices.Sorted(maps.Keys(r.Added)) {
		fmt.Fprintf(w, "  %-10s %d added\n", table, r.Added[table])
	}
	for _, table := range slices.Sorted(maps.Keys(r.Known)) {
		if n := r.Known[table]; n > 0 {
			fmt.Fprintf(w, "  %-10s %d known already\n", table, n)
		}
	}
	for _, version := range slices.Sorted(maps.Keys(r.Arms)) {
		arm, shown := r.Arms[version], version
		if shown == "" {
			shown = "(unknown version)"
		}
		fmt.Fprintf(w, "  %-10s %d exchanges, %d bad rows skipped\n", shown, arm.Exchanges, arm.Skipped)
	}
	for _, bad := range r.Bad {
		fmt.Fprintf(w, "weir: skipped %v\n", bad)
	}
	if more := r.Skipped - int64(len(r.Bad)); more > 0 {
		fmt.Fprintf(w, "weir: skipped %d more\n", more)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "weir: warning: %s\n", warning)
	}
}
