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

func newImport() *cobra.Command {
	var from, mapping, lake, name, release, onError, format string
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
		RunE: func(cmd *cobra.Command, files []string) error {
			s := importer.Source{Format: from, Files: files, App: name, Release: release}
			var o importer.Options
			if err := checkFormat(format, "table", "json"); err != nil {
				return err
			}
			switch {
			case lake == "":
				return usage("--lake is missing: name the folder of the lake; it is made where there is none")
			case name == "":
				return usage("--app is missing: name the application that the rows belong to")
			case len(files) == 0:
				return usage("name the files to import")
			case !slices.Contains(importer.Formats(), from):
				return usage("--from %q: allowed are %s", from, strings.Join(importer.Formats(), ", "))
			}
			if _, ready := importer.Preset(from); mapping == "" && !ready {
				return usage("--map is missing: nothing says what the columns of %s mean", from)
			}
			if err := checkNames([]flagName{{"--app", name}, {"--release", release}}); err != nil {
				return err
			}
			switch onError {
			case "stop":
			case "skip":
				o.OnError = importer.Skip
			default:
				return usage("--on-error %q: allowed are stop and skip", onError)
			}
			if mapping != "" {
				text, err := os.ReadFile(mapping)
				if err != nil {
					return usage("--map: %v", err)
				}
				if s.Mapping, err = importer.ParseMapping(from, mapping, text); err != nil {
					return err
				}
			}
			bar := newProgress(cmd.ErrOrStderr(), "importing", "B")
			o.Progress = func(p importer.Progress) { bar.set(p.Bytes, p.TotalBytes, p.Rows) }
			report, err := app.Import(cmd.Context(), lake, s, o)
			bar.done()
			if err != nil {
				return err
			}
			sayImport(cmd.ErrOrStderr(), report)
			if format == "json" {
				return writeJSON(cmd.OutOrStdout(), importedOf(report))
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&from, "from", "", strings.Join(importer.Formats(), ", "))
	flags.StringVar(&mapping, "map", "", "mapping of their columns to ours")
	flags.StringVar(&lake, "lake", "", "folder of the lake; made where there is none")
	flags.StringVar(&name, "app", "", "application that the rows belong to")
	flags.StringVar(&release, "release", "", "release of rows that name none")
	flags.StringVar(&onError, "on-error", "stop", "what a bad row does: stop or skip")
	flags.StringVar(&format, "format", "table", "summary: table on standard error, or json on standard output")
	return cmd
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
