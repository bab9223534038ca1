package parquet

import (
	"crypto/sha256"
	"errors"
	"hash"
	"math"
	"os"

	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"golang.org/x/sync/errgroup"
)

// A writer writes one Parquet file, aside. Between two row groups it holds no open file, so
// there may be as many writers as there are dates.
type writer struct {
	layout   *layout
	sink     *sink
	encoders int          // columns that are encoded at a time
	out      *file.Writer // nil before the first row group

	rows             int64
	earliest, latest int64 // as in rowGroup
}

func newWriter(in *Lake, l *layout, path string) *writer {
	return &writer{
		layout: l, sink: &sink{disk: &in.disk, path: path, hash: sha256.New()}, encoders: in.encoders,
		earliest: math.MaxInt64, latest: math.MinInt64,
	}
}

// begin creates the file.
func (w *writer) begin() (err error) {
	if w.sink.file, err = w.sink.disk.create(w.sink.path); err != nil {
		return err
	}
	w.out, err = file.NewParquetWriterWithError(w.sink, w.layout.root,
		file.WithWriterProps(w.layout.props), file.WithWriteMetadata(w.layout.keyValues()))
	return err
}

// write writes a row group, its columns in parallel.
func (w *writer) write(g *rowGroup) error {
	if w.out == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	out, err := w.out.AppendBufferedRowGroupChecked()
	if err != nil {
		return err
	}
	var encoders errgroup.Group
	encoders.SetLimit(w.encoders)
	for leaf := range g.layout.schema.NumColumns() {
		column, err := out.Column(leaf)
		if err != nil {
			return errors.Join(err, encoders.Wait())
		}
		encoders.Go(func() error { return g.encode(leaf, column) })
	}
	if err := errors.Join(encoders.Wait(), out.Close(), w.sink.rest()); err != nil {
		return err
	}
	w.rows += int64(g.rows)
	w.earliest, w.latest = min(w.earliest, g.earliest), max(w.latest, g.latest)
	return nil
}

// finish writes the footer and makes the file durable.
func (w *writer) finish() error {
	if err := errors.Join(w.out.Close(), w.sink.rest()); err != nil {
		return err
	}
	return w.sink.disk.sync(w.sink.path)
}

// A chunk is a column chunk being written.
type chunk interface {
	file.ColumnChunkWriter
	FlushCurrentPage() error
}

// encode writes one leaf of all blocks, and cuts pages where blocks end. What is compressed
// here, in parallel, need not be when the row group is closed.
func (g *rowGroup) encode(leaf int, column file.ColumnChunkWriter) error {
	out := column.(chunk)
	var texts []pq.ByteArray
	page := 0
	for i, b := range g.blocks {
		l := &b.leaves[leaf]
		if err := l.write(out, &texts); err != nil {
			return err
		}
		if page += l.size(); page >= pageBytes || i == len(g.blocks)-1 {
			page = 0
			if err := out.FlushCurrentPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

// write hands the leaf's values over. Dictionaries want text in another form, for which texts is
// scratch.
func (l *leaf) write(out chunk, texts *[]pq.ByteArray) (err error) {
	defs, reps := l.defs, l.reps
	if l.max == 0 {
		defs = nil
	}
	if len(reps) == 0 {
		reps = nil
	}
	switch out := out.(type) {
	case *file.ByteArrayColumnChunkWriter:
		if out.SupportsArrowOffsets() {
			_, err = out.WriteBatchArrow(l.bytes, l.ends, defs, reps)
			break
		}
		*texts = (*texts)[:0]
		for i := range len(l.ends) - 1 {
			*texts = append(*texts, l.bytes[l.ends[i]:l.ends[i+1]])
		}
		_, err = out.WriteBatch(*texts, defs, reps)
	case *file.Int64ColumnChunkWriter:
		_, err = out.WriteBatch(l.ints, defs, reps)
	case *file.Float64ColumnChunkWriter:
		_, err = out.WriteBatch(l.doubles, defs, reps)
	case *file.BooleanColumnChunkWriter:
		_, err = out.WriteBatch(l.bools, defs, reps)
	}
	return err
}

// A sink appends to a file that is open only while it is written to.
type sink struct {
	disk *disk
	path string
	file *os.File // nil while at rest
	size int64
	hash hash.Hash
}

func (s *sink) Write(p []byte) (int, error) {
	if s.file == nil {
		f, err := s.disk.append(s.path)
		if err != nil {
			return 0, err
		}
		s.file = f
	}
	n, err := s.file.Write(p)
	s.size += int64(n)
	s.hash.Write(p[:n])
	return n, err
}

// rest closes the file until the next Write.
func (s *sink) rest() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}
