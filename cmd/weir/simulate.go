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

// simulateFlags are those of weir simulate.
type simulateFlags struct {
	scenario, lake, spec, app, release, format string
	seed                                       uint64
	sessions                                   int
	texts                                      float64
	list                                       bool
}

func newSimulate() *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate --scenario NAME --seed N --lake DIR",
		Short: "make traffic of known truth",
		Long: `Write simulated traffic whose true effects are known into a lake, and beside it
the release spec to analyse it with. The same scenario, seed and size give the
same rows on every machine. --list says what each scenario is about.`,
		Example: `  weir simulate --scenario better --seed 1 --lake lake
  weir analyze --lake lake --spec lake/weir.yaml`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.scenario, "scenario", "", "what happens; --list shows them")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of all chance")
	flags.IntVar(&f.sessions, "sessions", 0, "how many sessions (default: the scenario's own)")
	flags.StringVar(&f.lake, "lake", "", "folder of the lake; made where there is none")
	flags.StringVar(&f.spec, "spec", "", "where to write the spec (default: weir.yaml in the lake)")
	flags.StringVar(&f.app, "app", "", "application (default: the scenario's name)")
	flags.StringVar(&f.release, "release", "", "release (default: the scenario's)")
	flags.Float64Var(&f.texts, "texts", 0, "share of sessions whose texts are kept, from 0 to 1 (default: the scenario's)")
	flags.BoolVar(&f.list, "list", false, "list the scenarios")
	flags.StringVar(&f.format, "format", "table", "of --list: table, json")
	return cmd
}

// run writes a scenario's traffic, its spec and its truth.
func (f *simulateFlags) run(cmd *cobra.Command) error {
	if err := checkFormat(f.format, "table", "json"); err != nil {
		return err
	}
	if f.list {
		return listScenarios(cmd, f.format)
	}
	s, err := sim.Named(f.scenario)
	switch {
	case f.scenario == "":
		return usage("--scenario is missing; weir simulate --list shows them")
	case err != nil:
		return usage("--scenario: %v%s", err, hint(f.scenario, scenarioNames()))
	case f.lake == "":
		return usage("--lake is missing: name the folder of the lake; it is made where there is none")
	case f.sessions < 0:
		return usage("--sessions %d: a count, 0 for the scenario's own", f.sessions)
	case !(f.texts >= 0 && f.texts <= 1):
		return usage("--texts: %g is no share: between 0 and 1", f.texts)
	}
	if cmd.Flags().Changed("texts") {
		s = s.WithTexts(f.texts)
	}
	if f.app != "" {
		s.App = f.app
	}
	if f.release != "" {
		s.Release = f.release
	}
	bar := newProgress(cmd.ErrOrStderr(), "simulating", "sessions")
	err = app.Simulate(cmd.Context(), f.lake, s, f.seed, sim.Size(f.sessions), func(rows int64) { bar.set(rows, 0, rows) })
	bar.done()
	if err != nil {
		return err
	}
	if f.spec == "" {
		f.spec = filepath.Join(f.lake, "weir.yaml")
	}
	if err := atomicfile.Write(f.spec, []byte(sim.Spec(s)), 0o644); err != nil {
		return err
	}
	if err := app.WriteTruth(filepath.Join(f.lake, truthFile), s); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "weir: wrote %s, seed %d, into %s; its spec is %s\n", s.Name, f.seed, f.lake, f.spec)
	return nil
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
