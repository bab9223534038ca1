package judging

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/analyze/lake"
	"weir/collector/parquet"
	"weir/internal/answers"
	"weir/internal/app"
	"weir/internal/atomicfile"
	"weir/judge"
	"weir/rollout/spec"
)

// A Job says what to judge.
type Job struct {
	Lake  string // folder
	State string // folder; empty is _state in the lake
	Spec  *spec.Release
	// SpecText is the file that Spec was read from; rubrics that are files lie
	// relative to SpecDir.
	SpecText, SpecDir string
	// Since leaves out hours of assignment before; zero is the beginning.
	Since time.Time
	// AsOf is the clock, of which conversations are over and of when they were
	// judged; zero is the machine's.
	AsOf time.Time
	// Mode is empty for what the data suggest: pairwise where cases ran on both
	// versions, else pointwise.
	Mode judge.Mode
	// Unpriced allows models without a price.
	Unpriced bool
	// Whole judges on when there is enough to decide.
	Whole bool
	// AcceptChange goes on with a judge that scores its anchors otherwise than it
	// did: what it says from now on is a stratum of its own.
	AcceptChange bool
	// Model, where set, makes the models instead of the spec's endpoint.
	Model    func(name string) (judge.Model, error)
	Patience judge.Patience
	// MemoryMB and Threads bound queries; 0 is the default.
	MemoryMB, Threads int
	Progress          func(rubric string, p judge.Progress)

	judgedAt time.Time        // of rows, where the clock is not the machine's
	pace     func() time.Time // the clock by which looks are paced; nil is the machine's
	began    time.Time        // by the machine's clock
}

// ErrBusy says that another run judges on the same lake.
var ErrBusy = errors.New("another run is judging on this lake")

// ErrSetup says that the spec, a rubric or the environment does not allow to judge.
var ErrSetup = errors.New("the judge cannot begin")

// setup is an error of what the user has written.
func setup(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrSetup, fmt.Errorf(format, args...))
}

// A Report is what a run did, rubric by rubric.
type Report struct {
	App, Release string
	Job          string
	Summaries    []judge.Summary
}

// Run judges by every rubric of the spec. The budget is that of the whole run:
// what one rubric has used, the next has not. The report tells what was done also
// where there is an error.
func Run(ctx context.Context, j Job) (Report, error) {
	report := Report{App: j.Spec.App, Release: j.Spec.Release}
	if j.Spec.Judge == nil {
		return report, setup("the spec has no judge; add one, such as judge: {models: [gpt-4o-mini], rubrics: [support-quality]}")
	}
	j.began = time.Now()
	if j.pace == nil {
		j.pace = time.Now
	}
	if j.AsOf.IsZero() {
		j.AsOf = j.began.UTC()
	} else {
		j.judgedAt = j.AsOf
	}
	report.Job = "judge-" + j.AsOf.UTC().Format("20060102T150405Z")
	rubrics, err := j.rubrics()
	if err != nil {
		return report, err
	}
	panel, err := j.panel()
	if err != nil {
		return report, err
	}
	dir := j.stateDir()
	lock, err := acquire(filepath.Join(dir, "lock"))
	if err != nil {
		return report, err
	}
	defer lock.release()
	lakeFiles, err := parquet.Open(j.Lake)
	if err != nil {
		return report, err
	}
	l, err := app.OpenLake(ctx, j.Lake, lake.Options{MemoryMB: j.MemoryMB, Threads: j.Threads})
	if err != nil {
		return report, err
	}
	defer l.Close()
	cache := answers.Of(j.stateRoot(), j.Spec.App, j.Spec.Release).Since(j.began)
	if err := cache.Expire(j.AsOf.Add(-j.Spec.Retention.Contents)); err != nil {
		return report, err
	}
	left := budget(j.Spec.Judge.Budget)
	for _, r := range rubrics {
		s, err := j.one(ctx, r, panel, left, report.Job, l, lakeFiles, cache)
		if s.Hash != "" { // else it did not begin
			report.Summaries = append(report.Summaries, s)
		}
		if err != nil {
			return report, err
		}
		if left = less(left, s); s.Stopped == "budget" {
			break
		}
	}
	return report, report.keep(dir)
}

// lastRun is the file of a release's last report, beside what runs remember.
const lastRun = "last.json"

// keep leaves the report for those who ask what the last run did; one that had nothing to
// do is not kept.
func (r Report) keep(dir string) error {
	if !slices.ContainsFunc(r.Summaries, func(s judge.Summary) bool { return s.Spent.Calls > 0 }) {
		return nil
	}
	var b bytes.Buffer
	if err := r.JSON(&b); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, lastRun), b.Bytes(), 0o644)
}

// one judges by one rubric.
func (j Job) one(ctx context.Context, r *judge.Rubric, p judge.Panel, b judge.Budget, job string, l *lake.Lake, files *parquet.Lake, c judge.Cache) (judge.Summary, error) {
	s, err := j.source(ctx, r, l, files)
	if err != nil {
		return judge.Summary{Rubric: r.Name}, err
	}
	memory := &anchorMemory{path: filepath.Join(j.stateDir(), app.AnchorsFile), accept: j.AcceptChange}
	generation, err := memory.generation(r.Name)
	if err != nil {
		return judge.Summary{Rubric: r.Name}, err
	}
	anchors, err := j.anchors()
	if err != nil {
		return judge.Summary{Rubric: r.Name}, err
	}
	memory.rubric = r.Name
	config := judge.Config{
		App: j.Spec.App, Release: j.Spec.Release, Job: job, Rubric: r, Mode: s.mode, Panel: p,
		Samples: j.Spec.Judge.Samples, Concurrency: j.Spec.Judge.Concurrency, Budget: b, Patience: j.Patience,
		Unpriced: j.Unpriced, Generation: generation, Source: s, Sink: &sink{job: j, rubric: r, source: s, lake: files},
		Cache: c, Anchors: anchors, Memory: memory, Draw: rand.Uint64,
	}
	if !j.Whole {
		config.Stopper = &stopper{job: j, rubric: r.Name, now: j.pace}
	}
	if j.Progress != nil {
		config.Progress = func(p judge.Progress) { j.Progress(r.Name, p) }
	}
	runner, err := judge.New(config)
	if err != nil {
		return judge.Summary{Rubric: r.Name}, fmt.Errorf("%w: %w", ErrSetup, err)
	}
	summary, err := runner.Run(ctx)
	summary.Warnings = append(summary.Warnings, s.warnings...)
	return summary, err
}

// stateRoot is the folder of what runs remember, of all apps.
func (j Job) stateRoot() string {
	return cmp.Or(j.State, filepath.Join(j.Lake, "_state"))
}

func (j Job) stateDir() string {
	return filepath.Join(j.stateRoot(), "judge", j.Spec.App, j.Spec.Release)
}

// rubrics reads those of the spec: built in, or files.
func (j Job) rubrics() ([]*judge.Rubric, error) {
	var out []*judge.Rubric
	for _, name := range j.Spec.Judge.Rubrics {
		r, err := j.rubric(name)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSetup, err)
		}
		for _, o := range out {
			if o.Name == r.Name {
				return nil, setup("judge.rubrics: two rubrics are called %s", r.Name)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

func (j Job) rubric(name string) (*judge.Rubric, error) {
	if !spec.IsFile(name) {
		return judge.Builtin(name, j.Spec.Judge.Language.String())
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(j.SpecDir, path)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("judge.rubrics: %w", err)
	}
	return judge.Parse(path, src)
}

func budget(b spec.Budget) judge.Budget {
	return judge.Budget{USD: b.USD, Calls: int64(b.Calls), Tokens: int64(b.Tokens), Time: time.Duration(b.Minutes * float64(time.Minute))}
}

// less is what a rubric has left over. A limit that is reached to the last is as
// good as none left, which a limit of 0 is not: it keeps a crumb.
func less(b judge.Budget, s judge.Summary) judge.Budget {
	if b.USD > 0 && !math.IsNaN(s.Spent.USD) {
		b.USD = math.Max(b.USD-s.Spent.USD, 1e-12)
	}
	if b.Calls > 0 {
		b.Calls = max(b.Calls-s.Spent.Calls, 1)
	}
	if b.Tokens > 0 {
		b.Tokens = max(b.Tokens-s.Spent.Tokens, 1)
	}
	if b.Time > 0 {
		b.Time = max(b.Time-s.Took, time.Nanosecond)
	}
	return b
}
