package replay

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// journalSchema names the layout of a journal.
const journalSchema = "weir.replay/1"

// A Journal is a file of finished runs, a JSON line each, that are not in the
// lake yet. A line is written before its run counts as done, so that a killed
// process repeats what was under way and nothing else. A last line that the
// death of its process cut off is dropped. One process at a time has it open.
type Journal struct {
	file  *os.File
	batch string
	known map[runID]string
	runs  []Run
}

var _ Store = (*Journal)(nil)

// A runID is what is to be run once.
type runID struct {
	caseID, version string
	trial           int64
}

// journalHead is the first line.
type journalHead struct {
	Schema string `json:"schema"`
	Batch  string `json:"batch"`
}

// ErrBusy says that another process has the journal open.
var ErrBusy = errors.New("another replay of this release is running")

// OpenJournal opens the journal at path, which is made where there is none.
func OpenJournal(path string) (*Journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{file: f, known: map[runID]string{}}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w (%s is locked): wait for it", ErrBusy, path), f.Close())
	}
	if err := j.read(path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

// read takes in what is there and cuts off a torn end.
func (j *Journal) read(path string) error {
	whole := int64(0)
	lines := bufio.NewReader(j.file)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break // what follows the last newline was cut off
		}
		if err != nil {
			return err
		}
		if err := j.line(n, bytes.TrimSpace(line)); err != nil {
			return fmt.Errorf("%s:%d: %w; move it away to run everything again", path, n, err)
		}
		whole += int64(len(line))
	}
	if err := j.file.Truncate(whole); err != nil {
		return err
	}
	if _, err := j.file.Seek(whole, io.SeekStart); err != nil {
		return err
	}
	if whole > 0 {
		return nil
	}
	j.batch = "replay-" + rand.Text()
	return j.append(journalHead{journalSchema, j.batch})
}

func (j *Journal) line(n int, text []byte) error {
	if n == 1 {
		var head journalHead
		if err := json.Unmarshal(text, &head); err != nil || head.Schema != journalSchema {
			return fmt.Errorf("this is no journal of layout %s", journalSchema)
		}
		j.batch = head.Batch
		return nil
	}
	var r Run
	if err := json.Unmarshal(text, &r); err != nil {
		return errors.New("the line is damaged")
	}
	j.take(r)
	return nil
}

func (j *Journal) take(r Run) {
	j.known[runID{r.CaseID, r.Version, r.Trial}] = r.Key
	j.runs = append(j.runs, r)
}

// Note says that a run is kept elsewhere, in the lake.
func (j *Journal) Note(caseID, version string, trial int64, key string) {
	j.known[runID{caseID, version, trial}] = key
}

// Has tells the key under which a run was kept.
func (j *Journal) Has(caseID, version string, trial int64) (string, bool) {
	key, ok := j.known[runID{caseID, version, trial}]
	return key, ok
}

// Keep writes the run down.
func (j *Journal) Keep(r Run) error {
	if err := j.append(r); err != nil {
		return fmt.Errorf("the run is not written down: %w", err)
	}
	j.take(r)
	return nil
}

func (j *Journal) append(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(b, '\n'))
	return err
}

// Runs are those of the journal, in the order in which they ended.
func (j *Journal) Runs() []Run { return j.runs }

// Batch names what the journal holds: the name under which its rows enter the
// lake, the same after a restart, so that they enter once.
func (j *Journal) Batch() string { return j.batch }

// Discard closes the journal and removes it: its rows are in the lake.
func (j *Journal) Discard() error {
	return errors.Join(os.Remove(j.file.Name()), j.Close())
}

// Close closes the journal. It is idempotent.
func (j *Journal) Close() error {
	err := j.file.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
