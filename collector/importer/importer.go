package importer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"weir/trace"
)

// formats are the formats of sources.
var formats = []string{"csv", "jsonl", "parquet", "otlp", "langfuse", "tau-bench"}

// Formats returns the names of the formats that Run reads.
func Formats() []string { return slices.Clone(formats) }

// A Source is what to import.
type Source struct {
	Format  string   // one of Formats
	Mapping *Mapping // of the same format; nil for the ready-made one of otlp, langfuse or tau-bench
	Files   []string // in the order in which they are read; no file twice
	App     string   // that all rows belong to
	Release string   // of rows that name none; may be empty
}

// OnError says what a bad row does to a run.
type OnError int

const (
	Stop OnError = iota // the run ends with the row's error
	Skip                // the row is counted and left out
)

// Options say how to import. The zero value stops at the first bad row, into
// an empty lake.
type Options struct {
	OnError  OnError
	Named    int            // how many bad rows the report names, under Skip; 0: 20
	Progress func(Progress) // called every few thousand rows and at the end of each file; may be nil
	// Known returns the hash of the row of a table that the lake already holds
	// by that id, for the table contents the trace_id; nil is an empty lake.
	Known func(table, id string) (Hash, bool)
}

// Run reads a source into a sink. After an error, which is a *RowError, Faults
// of the mapping (what a file with a header lacks), the context's, a file's or
// the sink's, what the sink was given is to be thrown away; the report then says
// how far it came.
func Run(ctx context.Context, s Source, o Options, sink Sink) (Report, error) {
	report := newReport()
	jobs, total, err := s.prepare()
	if err != nil {
		return report, err
	}
	r := &run{
		ctx: ctx, options: o, source: s, progress: Progress{TotalBytes: total},
		writer: writer{app: s.App, release: s.Release, sink: sink, lake: o.Known, seen: occurrences{}, report: &report},
	}
	if r.writer.lake == nil {
		r.writer.lake = func(string, string) (Hash, bool) { return Hash{}, false }
	}
	for _, j := range jobs {
		if err := r.do(j); err != nil {
			return report, err
		}
	}
	return report, nil
}

// A job is files that are read by one mapping.
type job struct {
	mapping *Mapping
	files   []string
	read    func(r *run, j job, yield yield)
}

// prepare checks a source and says what there is to do, and how many bytes.
func (s Source) prepare() ([]job, int64, error) {
	if err := s.check(); err != nil {
		return nil, 0, err
	}
	total, err := measure(s.Files)
	if err != nil {
		return nil, 0, err
	}
	jobs, err := s.jobs()
	return jobs, total, err
}

func (s Source) check() error {
	switch {
	case !slices.Contains(formats, s.Format):
		return unknownFormat(s.Format)
	case len(s.Files) == 0:
		return errors.New("no file to import")
	case s.Mapping == nil && readyMade(s.Format, "") == nil:
		return fmt.Errorf("%s needs a mapping: nothing says what its columns mean", s.Format)
	case s.Mapping != nil && s.Mapping.format != s.Format:
		return fmt.Errorf("%s: the mapping was read for %s, not for %s", s.Mapping.file, s.Mapping.format, s.Format)
	}
	if err := trace.CheckName("app", s.App); err != nil || s.Release == "" {
		return err
	}
	return trace.CheckName("release", s.Release)
}

// measure adds up the files. The same file twice would import its rows twice.
func measure(files []string) (total int64, err error) {
	infos := make([]os.FileInfo, len(files))
	for i, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			return 0, err
		}
		if !info.Mode().IsRegular() {
			return 0, fmt.Errorf("%s: is no file", name)
		}
		for j, other := range infos[:i] {
			if os.SameFile(info, other) {
				return 0, fmt.Errorf("%s: is given twice, also as %s", name, files[j])
			}
		}
		infos[i] = info
		total += info.Size()
	}
	return total, nil
}

// jobs divides the files by what they hold.
func (s Source) jobs() ([]job, error) {
	m := s.Mapping
	if m == nil {
		m = readyMade(s.Format, "")
	}
	switch s.Format {
	case "otlp":
		return []job{{m, s.Files, readOTLP}}, nil
	case "tau-bench":
		return []job{{m, s.Files, readTauBench}}, nil
	case "langfuse":
		return langfuseJobs(m, s.Files)
	}
	return []job{{m, s.Files, readRows(s.Format)}}, nil
}

// readRows reads files whose rows are records as they stand.
func readRows(format string) func(*run, job, yield) {
	return func(r *run, j job, yield yield) { r.eachFile(j.files, format, yield) }
}

// eachFile reads files one after the other; an empty format is told by the
// content of each.
func (r *run) eachFile(files []string, format string, yield yield) {
	for _, name := range files {
		goOn := true
		one := func(rec *record, err error) bool {
			goOn = yield(rec, err)
			return goOn
		}
		r.progress.File = name
		r.readFile(name, format, one)
		if !goOn {
			return
		}
		r.tell()
	}
}

func (r *run) readFile(name, format string, yield yield) {
	var err error
	if format == "" {
		if format, err = sniff(name); err != nil {
			yield(nil, err)
			return
		}
	}
	switch format {
	case "csv":
		readCSV(name, r.count, maxRow, yield)
	case "jsonl":
		readJSON(name, r.count, maxRow, yield)
	case "parquet":
		readParquet(r.ctx, name, r.count, yield)
	}
}
