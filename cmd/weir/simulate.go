package main

import (
	"fmt"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/internal/atomicfile"
	"weir/internal/sim"
)

func newSimulate() *cobra.Command {
	var scenario, lake, specFile, name, release string
	var seed uint64
	var sessions int
	var list bool
	var format string
	var texts float64
	cmd := &cobra.Command{
		Use:   "simulate --scenario NAME --seed N --lake DIR",
		Short: "make traffic of known truth",
		Long: `Write simulated traffic whose true effects are known into a lake, and beside it
the release spec to analyse it with. The same scenario, seed and size give the
same rows on every machine. --list says what each scenario is about.`,
		Example: `  weir simulate --scenario better --seed 1 --lake lake
  weir analyze --lake lake --spec lake/weir.yaml`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, "table", "json"); err != nil {
				return err
			}
			if list {
				return listScenarios(cmd, format)
			}
			s, err := sim.Named(scenario)
			switch {
			case scenario == "":
				return usage("--scenario is missing; weir simulate --list shows them")
			case err != nil:
				return usage("--scenario: %v%s", err, hint(scenario, scenarioNames()))
			case lake == "":
				return usage("--lake is missing: name the folder of the lake; it is made where there is none")
			case sessions < 0:
				return usage("--sessions %d: a count, 0 for the scenario's own", sessions)
			case !(texts >= 0 && texts <= 1):
				return usage("--texts: %g is no share: between 0 and 1", texts)
			}
			if cmd.Flags().Changed("texts") {
				s = s.WithTexts(texts)
			}
			if name != "" {
				s.App = name
			}
			if release != "" {
				s.Release = release
			}
			bar := newProgress(cmd.ErrOrStderr(), "simulating", "sessions")
			err = app.Simulate(cmd.Context(), lake, s, seed, sim.Size(sessions), func(rows int64) { bar.set(rows, 0, rows) })
			bar.done()
			if err != nil {
				return err
			}
			if specFile == "" {
				specFile = filepath.Join(lake, "weir.yaml")
			}
			if err := atomicfile.Write(specFile, []byte(sim.Spec(s)), 0o644); err != nil {
				return err
			}
			if err := app.WriteTruth(filepath.Join(lake, truthFile), s); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "weir: wrote %s, seed %d, into %s; its spec is %s\n", s.Name, seed, lake, specFile)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&scenario, "scenario", "", "what happens; --list shows them")
	flags.Uint64Var(&seed, "seed", 1, "seed of all chance")
	flags.IntVar(&sessions, "sessions", 0, "how many sessions (default: the scenario's own)")
	flags.StringVar(&lake, "lake", "", "folder of the lake; made where there is none")
	flags.StringVar(&specFile, "spec", "", "where to write the spec (default: weir.yaml in the lake)")
	flags.StringVar(&name, "app", "", "application (default: the scenario's name)")
	flags.StringVar(&release, "release", "", "release (default: the scenario's)")
	flags.Float64Var(&texts, "texts", 0, "share of sessions whose texts are kept, from 0 to 1 (default: the scenario's)")
	flags.BoolVar(&list, "list", false, "list the scenarios")
	flags.StringVar(&format, "format", "table", "of --list: table, json")
	return cmd
}

func listScenarios(cmd *cobra.Command, format string) error {
	if format == "json" {
		type scenario struct {
			Name  string `json:"name"`
			About string `json:"about"`
		}
		var out []scenario
		for _, s := range sim.Scenarios() {
			out = append(out, scenario{s.Name, s.About})
		}
		return writeJSON(cmd.OutOrStdout(), out)
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, s := range sim.Scenarios() {
		fmt.Fprintf(table, "%s\t%s\n", s.Name, s.About)
	}
	return table.Flush()
}
