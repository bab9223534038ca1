package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// A Ledger is the open ledger of one application. Its methods may be called
// from several goroutines.
type Ledger struct {
	path string

	mu   sync.Mutex
	file *os.File
	size int64 // of whole lines; what lies behind it was never acknowledged
	last Entry
	spec []byte // of the last entry that has one
	// Dropped is how many bytes of a line that was never finished Open found and
	// removed.
	Dropped int64
}

// A ConflictError says that the ledger is not where the caller thought.
type ConflictError struct{ Expected, Found int64 }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the state is at change %d and not at %d: read it again, and decide again", e.Found, e.Expected)
}

// ErrHeld says that another process serves the application.
var ErrHeld = errors.New("another process serves it")

// Open opens the ledger at path for the one process that writes it, and makes
// it where there is none. The lock ends with the process, however it ends.
func Open(path string) (*Ledger, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	l := &Ledger{path: path, file: f}
	if err := l.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("ledger %s: %w", path, err), f.Close())
	}
	return l, nil
}

// Read gives the changes of the ledger at path, the first first, and the last
// specification, without its lock: of whoever writes it, what was acknowledged so far.
// There are none where there is no file.
func Read(path string) (changes []Entry, spec []byte, err error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if changes, _, err = parse(raw); err != nil {
		return nil, nil, fmt.Errorf("ledger %s: %w", path, err)
	}
	for _, e := range changes {
		if e.Spec != nil {
			spec = e.Spec
		}
	}
	return changes, spec, nil
}

// load locks the file, reads it, and cuts a line that was never finished.
func (l *Ledger) load() error {
	if err := unix.Flock(int(l.file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			return fmt.Errorf("%w: one process serves one app; stop the other, or use another --state", ErrHeld)
		}
		return err
	}
	raw, err := io.ReadAll(l.file)
	if err != nil {
		return err
	}
	entries, size, err := parse(raw)
	if err != nil {
		return err
	}
	for _, e := range entries {
		l.accept(e)
	}
	l.size, l.Dropped = size, int64(len(raw))-size
	if l.Dropped > 0 {
		if err := errors.Join(l.file.Truncate(size), l.file.Sync()); err != nil {
			return err
		}
	}
	return syncFolder(filepath.Dir(l.path))
}

func (l *Ledger) accept(e Entry) {
	l.last = e
	if e.Spec != nil {
		l.spec = e.Spec
	}
}

// parse reads whole lines and gives their size; what follows the last line end
// is left out.
func parse(raw []byte) (entries []Entry, size int64, err error) {
	for n := int64(1); ; n++ {
		line, rest, whole := bytes.Cut(raw, []byte("\n"))
		if !whole {
			return entries, size, nil
		}
		e, err := decode(line)
		if err == nil && e.Seq != n {
			err = fmt.Errorf("it is change %d, and change %d is due", e.Seq, n)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("line %d is damaged: %w; restore the file from a copy, or cut it before that line to go on from the change before", n, err)
		}
		entries, size, raw = append(entries, e), size+int64(len(line))+1, rest
	}
}

// Last is the last change; its Seq is 0 where there is none.
func (l *Ledger) Last() Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Spec is the specification that the last change was made under, as [Entry.Spec]
// is; nil where there is none.
func (l *Ledger) Spec() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.spec
}

// Append writes a change as the one that follows change after, and returns it
// as written. When it returns, the change is on the disk. A *[ConflictError]
// says that another change came first; after any error the ledger is as before.
func (l *Ledger) Append(after int64, e Entry) (Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if after != l.last.Seq {
		return Entry{}, &ConflictError{Expected: after, Found: l.last.Seq}
	}
	e.Schema, e.Seq, e.At = schema, after+1, e.At.UTC()
	line, err := encode(e)
	if err != nil {
		return Entry{}, err
	}
	if err := l.write(line); err != nil {
		return Entry{}, fmt.Errorf("ledger %s: %w", l.path, err)
	}
	l.size += int64(len(line))
	l.accept(e)
	return e, nil
}

// write puts a line behind the whole ones. Where it fails, what it left is cut
// off; where that fails too, the next line is written over it, and what remains
// has no line end.
func (l *Ledger) write(line []byte) error {
	if l.file == nil {
		return os.ErrClosed
	}
	if err := l.file.Truncate(l.size); err != nil {
		return err
	}
	_, err := l.file.WriteAt(line, l.size)
	if err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		return errors.Join(err, l.file.Truncate(l.size))
	}
	return nil
}

// Entries are all changes, the first first.
func (l *Ledger) Entries() ([]Entry, error) {
	l.mu.Lock()
	size := l.size
	l.mu.Unlock()
	raw := make([]byte, size)
	f, err := os.Open(l.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := io.ReadFull(f, raw); err != nil {
		return nil, fmt.Errorf("ledger %s: %w", l.path, err)
	}
	entries, _, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return entries, nil
}

// Close gives the ledger up.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// syncFolder makes a new file's name durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
