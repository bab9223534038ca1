package wal

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how a log is kept.
type Options struct {
	// Fsync is how long what was appended may wait for the disk: the group
	// commit. 0 means that Append waits for the disk itself, together with all
	// who append at that time.
	Fsync time.Duration
	// Linger is how long a record of AppendSoon may wait in memory to be written
	// with another; 0 means not at all.
	Linger time.Duration
	// SegmentBytes is the size at which a new segment begins; 0 means 16 MiB.
	SegmentBytes int64
	// MaxRecord is the most bytes of a record; 0 means 16 MiB.
	MaxRecord int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Create makes a new file; nil means the operating system's.
	Create func(path string) (File, error)
}

const (
	defaultSegmentBytes = 16 << 20
	defaultMaxRecord    = 16 << 20
)

// A File is what the log needs of a file that it writes.
type File interface {
	WriteAt(p []byte, off int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

func create(path string) (File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

var (
	// ErrClosed is returned by the methods of a closed log.
	ErrClosed = errors.New("the log is closed")
	// ErrTooLarge is wrapped by Append's error for a record above MaxRecord.
	ErrTooLarge = errors.New("record too large")
)

// A Log is open for one process at a time. Its methods may be called from many
// goroutines at once.
type Log struct {
	dir     string
	options Options
	lock    *os.File

	mu      sync.Mutex // orders appends; never held while waiting for the disk
	closed  bool
	sealed  []Segment
	current *current // nil until something is appended
	number  uint64   // of the newest segment
	written uint64   // records appended in this life
	bytes   int64    // of all segments
	retired []*current
	timer   *time.Timer // of the group commit, where one is due

	frames    []byte // of records that wait to be written
	waiting   uint32 // how many they are
	lingering bool   // they will be

	syncing  sync.Mutex // held while waiting for the disk
	synced   uint64     // records of this life that are on the disk
	trusted  uint64     // the disk may have refused those after these,
	refused  uint64     // up to these,
	refusal  error      // and why
	failures atomic.Int64
}

// current is the segment that is appended to, or one that was and waits for
// the disk.
type current struct {
	Segment
	file  File
	salt  uint32
	index uint32 // of the next record
	began time.Time
	named bool // its name is on the disk; guarded by syncing
}

// Open opens the log in a directory, which it creates where it is absent, and
// locks it. It reads nothing and starts nothing: what earlier lives left is in
// Segments.
func Open(dir string, o Options) (*Log, error) {
	o.SegmentBytes = cmp.Or(o.SegmentBytes, defaultSegmentBytes)
	o.MaxRecord = cmp.Or(o.MaxRecord, defaultMaxRecord)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Create == nil {
		o.Create = create
	}
	if o.Fsync < 0 || o.Linger < 0 || o.SegmentBytes < 0 || o.MaxRecord < 0 {
		return nil, fmt.Errorf("log %s: no option may be negative", dir)
	}
	if err := makeDir(dir); err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	lock, err := lock(dir)
	if err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	l := &Log{dir: dir, options: o, lock: lock}
	if l.sealed, err = List(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("log: %w", err), lock.Close())
	}
	for _, s := range l.sealed {
		l.number = s.Number
		l.bytes += s.Bytes
	}
	return l, nil
}

// makeDir makes a folder, and those above it, to survive a power cut.
func makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	above := filepath.Dir(dir)
	if above != dir {
		if err := makeDir(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncDir(above)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Segments returns the segments that are no longer appended to and not yet
// dropped, oldest first.
func (l *Log) Segments() []Segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.sealed)
}

// Size returns the bytes of all segments on disk, also of the one appended to.
func (l *Log) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}

// Drop removes segments for good. A segment that is gone already is no error.
// It returns when their absence survives a power cut.
func (l *Log) Drop(segments ...Segment) error {
	var errs []error
	gone := map[string]bool{}
	for _, s := range segments {
		if err := os.Remove(s.Path); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
			continue
		}
		gone[s.Path] = true
	}
	l.mu.Lock()
	l.sealed = slices.DeleteFunc(l.sealed, func(s Segment) bool {
		if gone[s.Path] {
			l.bytes -= s.Bytes
		}
		return gone[s.Path]
	})
	l.mu.Unlock()
	if len(gone) > 0 {
		errs = append(errs, syncDir(l.dir))
	}
	return errors.Join(errs...)
}

// Close brings everything to the disk and unlocks the directory. It does
// nothing when called again.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.seal()
	l.mu.Unlock()
	return errors.Join(l.Sync(), l.lock.Close())
}
