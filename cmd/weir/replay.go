package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/judge/replay"
	"weir/rollout/spec"
	"weir/trace"
)

// replayFlags are those of weir replay.
type replayFlags struct {
	lake, state, spec, cases, release, request, format string
	fromVersion, fromOutcome, asOf                     string
	fromLake                                           int
	set                                                []string
	trials, inFlight                                   int
	perSecond                                          float64
	seed                                               uint64
	stream                                             bool
}

func newReplay() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay --spec FILE (--cases FILE | --from-lake N) --lake DIR --release NAME",
		Short: "run a set of cases against both versions",
		Long: `Put the same cases to both versions of the spec and bring what they answered
into the lake, where weir gate decides on it, paired by case. A case is a line
of JSON: what the user says, in one turn or several, and what is expected of the
answers.

  {"id": "refund", "input": "I want my money back", "expect": {"contains": "refund"}}
  {"id": "booking", "turns": [{"input": "A table, please"}, {"input": "At eight", "expect": {"regex": "8|eight"}}]}

What is expected is one of contains, lacks, exact, regex, or json (a dotted path,
with equals the value there); it decides the outcome resolved, or the one that
"outcome" names. A call that fails is a row with an error, and its case is not
resolved. Versions are asked side by side in an order drawn by --seed. A killed
run goes on where it stopped; a new run is a new --release.

With --from-lake, cases are what users said in N live sessions of the lake that
are over and have all their texts, drawn by a hash of their ids and --seed. They
expect nothing; weir judge compares the answers, pair by pair.`,
		Example: `  weir replay --spec weir.yaml --cases cases.jsonl --lake lake --release build-1207 --trials 3
  weir gate --spec weir.yaml --lake lake --release build-1207 --junit weir.xml
  weir replay --spec weir.yaml --lake lake --release real-1207 --from-lake 200 --from-outcome resolved=0`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.spec, "spec", "", "release spec, weir.yaml, with both versions")
	flags.StringVar(&f.cases, "cases", "", "cases, JSON lines")
	flags.IntVar(&f.fromLake, "from-lake", 0, "how many sessions of the lake to draw as cases, instead of --cases")
	flags.StringVar(&f.fromVersion, "from-version", "", "with --from-lake: draw from sessions of this version alone")
	flags.StringVar(&f.fromOutcome, "from-outcome", "", "with --from-lake: NAME=VALUE, draw from sessions with this outcome alone")
	flags.StringVar(&f.asOf, "as-of", "", "with --from-lake: clock, which sessions are over, RFC 3339 or YYYY-MM-DD (default: now)")
	flags.StringVar(&f.lake, "lake", "", "folder of the lake; made where there is none")
	flags.StringVar(&f.state, "state", "", "folder of what an interrupted run remembers (default: _state in the lake)")
	flags.StringVar(&f.release, "release", "", "release that the run is (default: the spec's)")
	flags.IntVar(&f.trials, "trials", 1, "how often each case is put to each version")
	flags.IntVar(&f.inFlight, "concurrency", 4, "conversations at a time, of both versions together")
	flags.Float64Var(&f.perSecond, "rate", 0, "conversations begun a second, of both versions together (default: no bound)")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of the order, and of what is drawn from the lake")
	flags.BoolVar(&f.stream, "stream", false, "ask for server-sent events, and measure the time to the first token (openai, dify)")
	flags.StringVar(&f.request, "request", "", "how to ask, JSON, instead of the protocol's own way")
	flags.StringSliceVar(&f.set, "set", nil, "NAME=VALUE for {{NAME}} in requests, such as model=gpt-4o-mini")
	flags.StringVar(&f.format, "format", "table", "summary: table on standard error, or json on standard output")
	return cmd
}

// run puts the cases to both versions, and says what came of it.
func (f *replayFlags) run(cmd *cobra.Command) error {
	j, err := f.job(cmd.Context())
	if err != nil {
		return err
	}
	bar := newProgress(cmd.ErrOrStderr(), "replaying", "runs")
	j.Options.Progress = func(done, all int) { bar.set(int64(done), int64(all), int64(done)) }
	s, err := app.RunCases(cmd.Context(), j)
	bar.done()
	switch {
	case errors.Is(err, replay.ErrBusy), errors.Is(err, replay.ErrChanged), errors.Is(err, replay.ErrUnreachable):
		return usage("%v", err)
	case err != nil && cmd.Context().Err() != nil:
		return fmt.Errorf("interrupted after %d of %d runs; the same command goes on there", s.Before+s.Done, s.Cases*s.Trials*len(s.Versions))
	case err != nil:
		return err
	}
	if f.format == "json" {
		return writeJSON(cmd.OutOrStdout(), s)
	}
	sayReplay(cmd.ErrOrStderr(), s)
	return nil
}

// job turns the flags into what to run.
func (f *replayFlags) job(ctx context.Context) (app.CaseJob, error) {
	j := app.CaseJob{Lake: f.lake, State: f.state}
	switch {
	case f.spec == "":
		return j, usage("--spec is missing: name the release spec that says where both versions are")
	case f.fromLake < 0 || (f.cases == "") == (f.fromLake == 0):
		return j, usage("--cases is missing: name a file of cases, JSON lines, or with --from-lake how many sessions to draw, one of them")
	case f.fromLake == 0 && f.fromVersion+f.fromOutcome+f.asOf != "":
		return j, usage("--from-version, --from-outcome and --as-of go with --from-lake")
	case f.lake == "":
		return j, usage("--lake is missing: name the folder of the lake; it is made where there is none")
	case f.trials < 1 || f.inFlight < 1 || f.perSecond < 0:
		return j, usage("--trials %d, --concurrency %d, --rate %g: trials and concurrency are at least 1, a rate is positive", f.trials, f.inFlight, f.perSecond)
	}
	if err := checkFormat(f.format, "table", "json"); err != nil {
		return j, err
	}
	r, _, err := readSpec(f.spec)
	if err != nil {
		return j, err
	}
	if f.release != "" {
		if err := trace.CheckName("--release", f.release); err != nil {
			return j, usage("%v", err)
		}
		r.Release = f.release
	}
	request, err := f.ownRequest()
	if err != nil {
		return j, err
	}
	versions, err := app.ReplayVersions(r, request, f.stream)
	if err != nil {
		return j, usage("%s", inFile(f.spec, err))
	}
	set, err := pairs("--set", f.set)
	if err != nil {
		return j, err
	}
	if f.fromLake > 0 {
		j.Cases, err = f.drawn(ctx, r)
	} else {
		j.Cases, err = readCases(f.cases)
	}
	if err != nil {
		return j, err
	}
	j.Options = replay.Options{
		App: r.App, Release: r.Release, Versions: versions, Trials: f.trials, Seed: f.seed,
		InFlight: f.inFlight, PerSecond: f.perSecond, Set: set,
	}
	if err := app.Private(&j.Options, r.Privacy, f.fromLake > 0); err != nil {
		return j, usage("%s", inFile(f.spec, err))
	}
	return j, nil
}

// drawn draws cases from the lake.
func (f *replayFlags) drawn(ctx context.Context, r *spec.Release) ([]replay.Case, error) {
	if err := checkLake(f.lake); err != nil {
		return nil, err
	}
	d := app.CaseDraw{Count: f.fromLake, Version: f.fromVersion, Seed: f.seed}
	if f.fromOutcome != "" {
		name, value, _ := strings.Cut(f.fromOutcome, "=")
		x, err := strconv.ParseFloat(value, 64)
		if name == "" || err != nil {
			return nil, usage("--from-outcome %q: write NAME=VALUE, such as resolved=0", f.fromOutcome)
		}
		d.Outcome, d.Value = name, x
	}
	var err error
	if d.AsOf, err = moment("--as-of", f.asOf); err != nil {
		return nil, err
	}
	if d.AsOf.IsZero() {
		d.AsOf = time.Now().UTC()
	}
	cases, err := app.DrawCases(ctx, f.lake, f.state, r, d)
	if errors.Is(err, app.ErrDraw) {
		return nil, usage("--from-lake: %v", err)
	}
	return cases, err
}

// readCases reads a file of cases.
func readCases(path string) ([]replay.Case, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, usage("--cases: %v", err)
	}
	defer file.Close()
	return replay.ReadCases(path, file)
}

// ownRequest reads the request that takes the place of the protocols'; nil where there is none.
func (f *replayFlags) ownRequest() (*replay.Request, error) {
	if f.request == "" {
		return nil, nil
	}
	if f.stream {
		return nil, usage("--stream goes with a protocol's own request, not with --request")
	}
	text, err := os.ReadFile(f.request)
	if err != nil {
		return nil, usage("--request: %v", err)
	}
	r, err := replay.ParseRequest(text)
	if err != nil {
		return nil, usage("--request %s: %v", f.request, err)
	}
	return &r, nil
}

// pairs reads NAME=VALUE.
func pairs(flag string, list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, s := range list {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, usage("%s %q: write NAME=VALUE", flag, s)
		}
		out[name] = value
	}
	return out, nil
}

// sayReplay says what a replay came to.
func sayReplay(w io.Writer, s replay.Summary) {
	fmt.Fprintf(w, "weir: %s: %d cases, %d trials each; %d runs done now, %d before\n", s.Release, s.Cases, s.Trials, s.Done, s.Before)
	for _, v := range s.Versions {
		if v.Runs == 0 {
			continue
		}
		parts := []string{fmt.Sprintf("%d runs, %d requests", v.Runs, v.Requests)}
		for _, kind := range slices.Sorted(maps.Keys(v.Errors)) {
			parts = append(parts, fmt.Sprintf("%d ended in %s", v.Errors[kind], kind))
		}
		for _, name := range slices.Sorted(maps.Keys(v.Outcomes)) {
			p := v.Outcomes[name]
			parts = append(parts, fmt.Sprintf("%s %d of %d", name, p.Passed, p.Of))
		}
		fmt.Fprintf(w, "  %-10s %s\n", v.Version, strings.Join(parts, "; "))
	}
}
