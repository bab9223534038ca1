package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/internal/atomicfile"
	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/internal/live"
	"weir/reports"
	"weir/rollout/autopilot"
	"weir/rollout/plan"
	"weir/rollout/spec"
)

const defaultSpec = "weir.yaml"

func newInit() *cobra.Command {
	var perDay perDay
	cmd := &cobra.Command{
		Use: "init [FILE]", Short: "write a release spec to start from",
		Long: `Write an annotated release spec to FILE, weir.yaml unless named. A file that is there already is not touched.
With --sessions-per-day the ramp has the steps that this traffic can fill.`,
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			path := specPath(args)
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				return usage("%s is there already; name another file, or move it away", path)
			}
			if err := atomicfile.Write(path, app.Example(float64(perDay)), 0o644); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "weir: wrote %s; fill in app and versions, then weir check %s\n", path, path)
			return nil
		},
	}
	cmd.Flags().Var(&perDay, "sessions-per-day", "your traffic (default: 2000 a day)")
	return cmd
}

func newCheck() *cobra.Command {
	var path, format, state string
	var f planFlags
	cmd := &cobra.Command{
		Use: "check [FILE]", Short: "validate a release spec",
		Long: `Validate a release spec, weir.yaml unless named, and say every fault at once with its place. The status is 2 where there is one.
What can hardly be meant is a warning, and so is a ${NAME} that is not set here: only what uses its value needs it.

With --lake or --sessions-per-day, say also whether the plan can decide at that traffic, and if not, which step or metric
keeps it from that; the status is then 1. weir power says more.

With --lake or --state, say also what speaks against it after what the server there has done: a unit that changes within a
release, a stable version that would undo a promotion. A server would refuse it; the status is 2.`,
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, "table", "json"); err != nil {
				return err
			}
			if path == "" {
				path = specPath(args)
			}
			r, _, err := readSpec(path)
			if err != nil {
				return err
			}
			doubts, err := doubtsOf(r, f.lake, state)
			if err != nil {
				return err
			}
			plan, err := autopilot.PlanOf(r)
			if err != nil {
				return err
			}
			if format == "json" {
				f.spec = path
				return f.checkJSON(cmd, path, r, plan, doubts)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is a valid spec\napp %s, release %s: %s against %s, %d metrics\nramp %s\npromise %s\n",
				path, r.App, r.Release, r.Candidate, r.Stable, len(r.Metrics), plan.Course(), r.Promise())
			for _, d := range doubts {
				fmt.Fprintf(cmd.ErrOrStderr(), "weir: %s: %s\n", path, d)
			}
			for _, u := range unset(r) {
				fmt.Fprintf(cmd.ErrOrStderr(), "weir: %s\n", u)
			}
			for _, w := range plan.Warnings() {
				fmt.Fprintf(cmd.ErrOrStderr(), "weir: %s: ramp: %s\n", path, w)
			}
			if f.lake == "" && f.perDay == 0 {
				return nil
			}
			f.spec = path
			return f.check(cmd)
		},
	}
	cmd.Flags().StringVar(&path, "spec", "", "the spec, instead of an argument")
	cmd.Flags().StringVar(&format, "format", "table", "table, json")
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "folder of a lake: can the plan decide at its traffic?")
	flags.StringVar(&state, "state", "", "folder of a server's state: would it take the spec? (default: _state in the lake)")
	flags.Var(&f.perDay, "sessions-per-day", "traffic: can the plan decide at it?")
	flags.StringArrayVar(&f.effects, "effect", nil, "what the candidate does, as of weir power")
	flags.StringArrayVar(&f.baselines, "baseline", nil, "what the stable version is like, as of weir power")
	f.releases, f.seed = 60, 1
	return cmd
}

// doubtsOf are what is allowed and cannot be meant: in the spec alone, and after what a
// server there has done, if a folder is named. The error is what the server would refuse.
func doubtsOf(r *spec.Release, lake, state string) ([]string, error) {
	doubts := append([]string{}, r.Doubts()...)
	if lake == "" && state == "" {
		return doubts, nil
	}
	changes, held, err := ledger.Read(live.StatePath(lake, state, r.App, live.Ledger))
	if err != nil {
		return nil, err
	}
	doubt, err := steering.Follow(r, changes, held)
	if doubt != "" {
		doubts = append(doubts, "stable: "+doubt)
	}
	return doubts, err
}

// outlook looks whether the plan decides.
func (f *planFlags) outlook(ctx context.Context) (plan.Outlook, error) {
	j, err := f.job()
	if err != nil {
		return plan.Outlook{}, err
	}
	o, err := app.Power(ctx, j, nil)
	if err != nil {
		return o, planFault(err)
	}
	return o, nil
}

// check says whether the plan decides.
func (f *planFlags) check(cmd *cobra.Command) error {
	o, err := f.outlook(cmd.Context())
	if err != nil {
		return err
	}
	if err := reports.NewPower(o, reports.Options{}).Answer(cmd.OutOrStdout()); err != nil {
		return err
	}
	if !o.Decides {
		return errChecked
	}
	return nil
}

// A checkedSpec is what weir check says, as JSON.
type checkedSpec struct {
	Spec      string   `json:"spec"`
	App       string   `json:"app"`
	Release   string   `json:"release"`
	Stable    string   `json:"stable"`
	Candidate string   `json:"candidate"`
	Metrics   []string `json:"metrics"`
	// Ramp says what the plan will do.
	Ramp    string `json:"ramp"`
	Promise string `json:"promise"`
	// Doubts are what is allowed and cannot be meant.
	Doubts []string `json:"doubts"`
	// Unset are the references to the environment that have no value here.
	Unset []string `json:"unset"`
	// Decides says whether the plan can decide at the traffic named; null where none was.
	Decides *bool `json:"decides"`
}

// unset says which references to the environment have no value here.
func unset(r *spec.Release) []string {
	out := []string{}
	for _, f := range r.Unset(os.LookupEnv) {
		out = append(out, f.Error()+", where it is used")
	}
	return out
}

// checkJSON says what check says as JSON.
func (f *planFlags) checkJSON(cmd *cobra.Command, path string, r *spec.Release, plan autopilot.Plan, doubts []string) error {
	out := checkedSpec{Spec: path, App: r.App, Release: r.Release, Stable: r.Stable, Candidate: r.Candidate, Ramp: plan.Course(), Promise: r.Promise(), Doubts: doubts, Unset: unset(r)}
	for _, m := range r.Metrics {
		out.Metrics = append(out.Metrics, m.Name)
	}
	if f.lake != "" || f.perDay != 0 {
		o, err := f.outlook(cmd.Context())
		if err != nil {
			return err
		}
		out.Decides = &o.Decides
	}
	if err := writeJSON(cmd.OutOrStdout(), out); err != nil {
		return err
	}
	if out.Decides != nil && !*out.Decides {
		return errChecked
	}
	return nil
}

func specPath(args []string) string {
	if len(args) == 1 {
		return args[0]
	}
	return defaultSpec
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "print the JSON Schema of the release spec", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(append(spec.Schema(), '\n'))
			return err
		},
	}
}
