package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A run is one import under way.
type run struct {
	ctx      context.Context
	options  Options
	source   Source
	writer   writer
	progress Progress
}

// progressRows is after how many rows or lines the caller is told how far the
// run is, and asked by the context whether to go on.
const progressRows = 4096

// count counts bytes read from disk.
func (r *run) count(bytes int) { r.progress.Bytes += int64(bytes) }

func (r *run) tell() {
	if r.options.Progress != nil {
		r.options.Progress(r.progress)
	}
}

// alive returns the error of a context that is done; it looks now and then.
func (r *run) alive(steps int64) error {
	if steps%progressRows != 0 {
		return nil
	}
	r.tell()
	return r.ctx.Err()
}

// do reads the files of a job and writes their rows.
func (r *run) do(j job) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	c := &consumer{run: r, job: j, seen: map[string]*bool{}, names: map[string]bool{}}
	var failed error
	j.read(r, j, func(rec *record, err error) bool {
		failed = c.take(rec, err)
		return failed == nil
	})
	if failed == nil {
		c.warn()
	}
	return failed
}

// A consumer takes the records of one job.
type consumer struct {
	*run
	job
	plan     *plan
	rows     int64
	filtered int64
	late     int64            // rows whose first token came after their last
	seen     map[string]*bool // by step: whether any row had its column
	names    map[string]bool  // some of the names that objects had
}

// take deals with one record, or with the error of one. Its own error ends the run.
func (c *consumer) take(rec *record, err error) error {
	bad, fatal := badRowOf(err)
	if fatal != nil {
		return fatal
	}
	c.rows++
	c.progress.Rows++
	c.writer.report.Rows++
	if err := c.alive(c.progress.Rows); err != nil {
		return err
	}
	if rec.readable() {
		if err := c.ready(rec); err != nil {
			return err
		}
	}
	if bad == nil {
		bad, fatal = badRowOf(c.row(rec))
	}
	if fatal != nil || bad == nil {
		return fatal
	}
	return c.bad(rec, bad)
}

// badRowOf tells the error of a row from one that ends the run.
func badRowOf(err error) (bad *RowError, fatal error) {
	if err == nil {
		return nil, nil
	}
	var row *RowError
	if errors.As(err, &row) {
		return row, nil
	}
	return nil, err
}

// ready makes the plan for records with other columns than those before.
func (c *consumer) ready(rec *record) error {
	if rec.header == nil && len(c.names) < 100 {
		for name := range rec.object {
			c.names[name] = true
		}
	}
	if c.plan != nil && c.plan.header == rec.header {
		return nil
	}
	plan, err := c.mapping.compile(rec.file, rec.header, c.seen)
	if err != nil {
		return err
	}
	c.plan = plan
	return nil
}

// row writes one row; a bad one comes back as *RowError.
func (c *consumer) row(rec *record) error {
	wanted, bad := c.plan.read(rec)
	switch {
	case bad != nil:
		return bad
	case !wanted:
		c.filtered++
		c.writer.report.Filtered++
		return nil
	}
	if rec.amend != nil {
		rec.amend(&c.plan.scratch.exchange)
	}
	if e := &c.plan.scratch.exchange; e.TTFTMS != nil && e.LatencyMS != nil && *e.TTFTMS > *e.LatencyMS {
		c.late++
	}
	return c.writer.write(c.plan, rec)
}

// bad stops the run, or counts the row and goes on.
func (c *consumer) bad(rec *record, bad *RowError) error {
	if c.options.OnError == Stop {
		return bad
	}
	report := c.writer.report
	report.Skipped++
	if bad.Changed {
		report.Changed++
	}
	if len(report.Bad) < cmp.Or(c.options.Named, maxBad) {
		report.Bad = append(report.Bad, bad)
	}
	if !exchanges(c.mapping.rows) {
		return nil
	}
	return c.writer.loss(c.plan, rec)
}

// warn adds what may not be as it was meant.
func (c *consumer) warn() {
	report := c.writer.report
	add := func(format string, args ...any) {
		report.Warnings = append(report.Warnings, fmt.Sprintf(format, args...))
	}
	switch {
	case c.rows == 0:
		add("there are no rows in %s", strings.Join(c.files, ", "))
	case c.filtered == c.rows:
		add("%s:%d:%d: where leaves out all %d rows", c.mapping.file, c.mapping.whereAt.line, c.mapping.whereAt.column, c.rows)
	case c.plan != nil:
		c.warnUnseen(add)
	}
	if c.late > 0 {
		add("%d rows have their first token after their last (ttft_ms above latency_ms): are the units right?", c.late)
	}
}

// warnUnseen tells of columns that no object had. Files with a header that
// lacks a column are faults before.
func (c *consumer) warnUnseen(add func(string, ...any)) {
	names := slices.Sorted(maps.Keys(c.names))
	for _, s := range slices.Concat(c.plan.steps, c.plan.outcomes, c.plan.attributes) {
		if *s.seen || s.optional || c.plan.header != nil || c.names[s.theirs()] {
			continue
		}
		add("%s:%d:%d: no row has %s: %s", s.file, s.source.at.line, s.source.at.column, s.theirs(), choose(s.theirs(), names))
	}
}
