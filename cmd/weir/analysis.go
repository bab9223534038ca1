package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/analyze"
	"weir/analyze/lake"
	"weir/internal/app"
	"weir/internal/atomicfile"
	"weir/reports"
	"weir/rollout"
	"weir/rollout/spec"
	"weir/trace"
)

// analysisFlags are those of the commands that analyse a lake.
type analysisFlags struct {
	lake, state, spec  string
	control, treatment string
	app, release       string
	method, design     string
	since, asOf        string
	format, output     string
	lang               string
	segments           []string
	querying
}

// add declares the flags; formats lists the formats, the default first.
func (f *analysisFlags) add(cmd *cobra.Command, formats ...string) {
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "folder of the lake")
	flags.StringVar(&f.spec, "spec", "", "release spec, weir.yaml")
	flags.StringVar(&f.state, "state", "", "folder of what looks remember (default: _state in the lake)")
	flags.StringVar(&f.control, "control", "", "version to compare with, without a spec")
	flags.StringVar(&f.treatment, "treatment", "", "version under test, without a spec")
	flags.StringVar(&f.app, "app", "", "application (default: the spec's, or the lake's only one)")
	flags.StringVar(&f.release, "release", "", "release (default: the spec's, or the lake's only one)")
	flags.StringVar(&f.method, "method", "", "sequential or fixed (default: the spec's)")
	flags.StringVar(&f.design, "design", "", "paired or independent (default: what the data suggest)")
	flags.StringSliceVar(&f.segments, "segments", nil, "show effects by these too, shared alpha: device, region, language, attributes.NAME")
	flags.StringVar(&f.since, "since", "", "explore: leave out units assigned before this time; gives no verdict")
	flags.StringVar(&f.asOf, "as-of", "", "clock of the analysis, RFC 3339 or YYYY-MM-DD (default: now)")
	flags.StringVar(&f.format, "format", formats[0], strings.Join(formats, ", "))
	flags.StringVar(&f.output, "output", "", "write to this file instead of standard output")
	flags.StringVar(&f.lang, "lang", "en", "language of what is shown: en or zh; what programs read stays as it is")
	f.querying.add(flags)
}

// job turns the flags into what to analyse.
func (f *analysisFlags) job() (app.Job, error) {
	j := app.Job{Lake: f.lake, State: f.state, Method: analyze.Method(f.method), MemoryMB: f.memoryMB, Threads: f.threads}
	if err := checkLake(f.lake); err != nil {
		return j, err
	}
	names := []flagName{{"--app", f.app}, {"--release", f.release}, {"--control", f.control}, {"--treatment", f.treatment}}
	if err := checkNames(names); err != nil {
		return j, err
	}
	if err := f.querying.check(); err != nil {
		return j, err
	}
	switch f.method {
	case "", string(analyze.Sequential), string(analyze.Fixed):
	default:
		return j, usage("--method %q: allowed are sequential and fixed", f.method)
	}
	switch f.design {
	case "":
	case "paired":
		j.Layout = analyze.Paired
	case "independent":
		j.Layout = analyze.Independent
	default:
		return j, usage("--design %q: allowed are paired and independent", f.design)
	}
	for _, s := range f.segments {
		if err := lake.CheckSegment(s); err != nil {
			return j, usage("--segments: %v", err)
		}
	}
	j.Segments = f.segments
	var err error
	if j.Since, err = moment("--since", f.since); err != nil {
		return j, err
	}
	if j.AsOf, err = moment("--as-of", f.asOf); err != nil {
		return j, err
	}
	if err := checkSince(j.Since, j.AsOf); err != nil {
		return j, err
	}
	j.Spec, j.SpecText, err = f.readRelease()
	return j, err
}

// checkSince refuses a beginning with nothing between it and the end; where that is zero, now.
func checkSince(since, end time.Time) error {
	if end.IsZero() {
		end = time.Now().UTC()
	}
	if since.IsZero() || since.Before(end) {
		return nil
	}
	return usage("--since %s is not before %s, the time of --as-of or now: name an earlier time", since.Format(time.RFC3339), end.Format(time.RFC3339))
}

// checkLake refuses a lake that is not there: commands that only read one make none.
func checkLake(dir string) error {
	if dir == "" {
		return usage("--lake is missing: name the folder of the lake")
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usage("--lake %s: is no folder", dir)
	}
	return nil
}

// A flagName is a name that a flag gives; empty where it is not given.
type flagName struct{ flag, name string }

// checkNames refuses names that no row can have.
func checkNames(names []flagName) error {
	for _, n := range names {
		if n.name == "" {
			continue
		}
		if err := trace.CheckName(n.flag, n.name); err != nil {
			return usage("%v", err)
		}
	}
	return nil
}

// moment reads a time flag; empty is the zero time.
func moment(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usage("%s %q: write RFC 3339, such as 2026-11-23T14:00:00Z, or YYYY-MM-DD", flag, s)
}

// readRelease reads the spec, or makes one of the flags and the lake.
func (f *analysisFlags) readRelease() (*spec.Release, string, error) {
	if f.spec == "" {
		return f.implied()
	}
	if f.control != "" || f.treatment != "" {
		return nil, "", usage("--control and --treatment contradict --spec, which names stable and candidate")
	}
	r, text, err := readSpec(f.spec)
	if err != nil {
		return nil, "", err
	}
	if f.app != "" {
		r.App = f.app
	}
	if f.release != "" {
		r.Release = f.release
	}
	return r, text, nil
}

// readSpec reads a release spec and its text.
func readSpec(path string) (*spec.Release, string, error) {
	text, err := spec.ReadFile(path)
	if err != nil {
		return nil, "", usage("%v", err)
	}
	r, err := spec.Parse(path, text)
	return r, string(text), err
}

// inFile says of each line of an error in which file the fault is, where the line does not.
func inFile(path string, err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, path+":") {
			lines[i] = path + ": " + line
		}
	}
	return strings.Join(lines, "\n")
}

// implied makes a spec of default metrics for the versions that the flags
// name, with the app and release that the lake holds.
func (f *analysisFlags) implied() (*spec.Release, string, error) {
	if f.control == "" || f.treatment == "" {
		return nil, "", usage("name a spec with --spec, or both versions with --control and --treatment")
	}
	if f.control == f.treatment {
		return nil, "", usage("--control and --treatment are both %q", f.control)
	}
	name, release := f.app, f.release
	if name == "" {
		apps, err := app.Apps(f.lake)
		if err != nil {
			return nil, "", err
		}
		if len(apps) == 0 {
			return nil, "", fmt.Errorf("%w: the lake %s holds no traces; bring some in with weir import or simulate", lake.ErrNoData, f.lake)
		}
		if len(apps) > 1 {
			return nil, "", usage("the lake holds %d apps (%s): name one with --app", len(apps), strings.Join(apps, ", "))
		}
		name = apps[0]
	}
	if release == "" {
		releases, err := app.Releases(f.lake, name)
		if err != nil {
			return nil, "", err
		}
		switch len(releases) {
		case 0:
			release = "unnamed"
		case 1:
			release = releases[0]
		default:
			return nil, "", usage("app %s has %d releases (%s): name one with --release", name, len(releases), strings.Join(releases, ", "))
		}
	}
	return spec.Default(name, release, f.control, f.treatment), "", nil
}

// write renders a record in the format asked for.
func (f *analysisFlags) write(cmd *cobra.Command, r reports.Report) error {
	return writeOutput(f.output, cmd.OutOrStdout(), func(w io.Writer) error {
		switch f.format {
		case "table":
			return r.Table(w)
		case "json":
			return r.JSON(w)
		case "md":
			return r.Markdown(w)
		case "csv":
			return r.CSV(w)
		default:
			return r.HTML(w)
		}
	})
}

// writeOutput renders to a file, replaced whole, or to a stream. A path that is no
// file, such as /dev/null or a pipe, is written to and stays what it is.
func writeOutput(path string, stdout io.Writer, render func(io.Writer) error) error {
	if path == "" {
		return render(stdout)
	}
	var b bytes.Buffer
	if err := render(&b); err != nil {
		return err
	}
	write := func() error { return atomicfile.Write(path, b.Bytes(), 0o644) }
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		write = func() error { return os.WriteFile(path, b.Bytes(), 0o644) }
	}
	if err := write(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// checkFormat refuses a format that the command does not write, before
// anything is read.
func checkFormat(format string, allowed ...string) error {
	if slices.Contains(allowed, format) {
		return nil
	}
	return usage("--format %q: allowed are %s", format, strings.Join(allowed, ", "))
}

// view makes the report of a record for this terminal.
func view(cmd *cobra.Command, r rollout.Record, o reports.Options) reports.Report {
	o.Color, o.Width = terminal(cmd.OutOrStdout())
	return reports.New(r, o)
}
