package parquet

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"weir/trace"
)

type partitionKey struct{ table, app, date string }

func (k partitionKey) folder() string { return trace.Partition(k.table, k.app, k.date) }

func (k partitionKey) compare(o partitionKey) int { return strings.Compare(k.folder(), o.folder()) }

func (k partitionKey) check() error {
	if err := trace.CheckName("app", k.app); err != nil {
		return err
	}
	if _, err := time.Parse(time.DateOnly, k.date); err != nil && k.date != trace.UnknownDate {
		return fmt.Errorf("date %q: allowed are YYYY-MM-DD and %q", k.date, trace.UnknownDate)
	}
	return nil
}

// A partition gathers the rows of one folder and writes them to files aside.
type partition struct {
	key     partitionKey
	session *session
	layout  *layout
	stem    string    // of its files' names
	group   *rowGroup // in memory
	writer  *writer   // nil between two files
	files   []aside   // whole ones
}

func newPartition(s *session, l *layout, key partitionKey, stem string) *partition {
	return &partition{key: key, session: s, layout: l, stem: stem, group: newRowGroup(l)}
}

func (p *partition) full() bool {
	limits := p.session.lake.limits
	return p.group.rows >= limits.groupRows || p.group.size >= limits.groupBytes
}

// take hands over the rows in memory.
func (p *partition) take() *rowGroup {
	g := p.group
	p.group = newRowGroup(p.layout)
	return g
}

// write appends the row group to the file being written, and begins one if need be.
func (p *partition) write(g *rowGroup) error {
	defer g.release()
	if p.writer == nil {
		p.writer = newWriter(p.session.lake, p.layout, p.session.aside(p.key.folder(), p.stem, len(p.files)))
	}
	if err := p.writer.write(g); err != nil {
		return err
	}
	if p.writer.sink.size >= p.session.lake.limits.fileBytes {
		return p.finish()
	}
	return nil
}

// finish completes the file being written, if any.
func (p *partition) finish() error {
	w := p.writer
	if w == nil {
		return nil
	}
	if err := w.finish(); err != nil {
		return err
	}
	f := File{
		Table: p.key.table, App: p.key.app, Date: p.key.date,
		Rows: w.rows, Bytes: w.sink.size, SHA256: hex.EncodeToString(w.sink.hash.Sum(nil)),
	}
	if w.earliest <= w.latest {
		f.First, f.Last = time.UnixMicro(w.earliest).UTC(), time.UnixMicro(w.latest).UTC()
	}
	if !isCompacted(p.stem) {
		f.Batch = p.stem
	}
	p.files = append(p.files, aside{name: w.sink.path, File: f})
	p.writer = nil
	return nil
}

// discard removes the files that still lie aside.
func (p *partition) discard() error {
	var errs []error
	disk := &p.session.lake.disk
	if p.writer != nil {
		errs = append(errs, p.writer.sink.rest(), disk.remove(p.writer.sink.path))
	}
	for _, f := range p.files {
		errs = append(errs, disk.remove(f.name))
	}
	disk.removeEmpty(p.session.lake.at(p.key.folder()), p.session.lake.dir)
	return errors.Join(errs...)
}
