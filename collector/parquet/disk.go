package parquet

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A disk makes every change of the lake's files, so that tests can stop the world before any of
// them.
type disk struct {
	before   func(change, path string) error // nil outside tests
	volatile bool                            // for tests during which no power is cut: wait for no disk
}

func (d *disk) about(change, path string) error {
	if d.before == nil {
		return nil
	}
	return d.before(change, path)
}

// makeFolder makes a folder and those above it as far as they are absent, to survive a power cut.
func (d *disk) makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if above := filepath.Dir(path); above != path {
		if err := d.makeFolder(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.sync(filepath.Dir(path))
}

// create makes a new file and, where they are absent, its folders.
func (d *disk) create(path string) (*os.File, error) {
	if err := d.about("create", path); err != nil {
		return nil, err
	}
	// Whoever removes the last file of a folder removes the folder, perhaps just after it was made.
	for try := 0; ; try++ {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if try == 10 || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
	}
}

// append opens a file to write at its end.
func (d *disk) append(path string) (*os.File, error) {
	if err := d.about("append", path); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
}

func (d *disk) rename(from, to string) error {
	if err := d.about("rename", to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// remove removes a file, which may be gone already.
func (d *disk) remove(path string) error {
	if err := d.about("remove", path); err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeEmpty removes a folder of the lake and those above it as far as they are empty.
func (d *disk) removeEmpty(folder, lake string) {
	for folder != lake && os.Remove(folder) == nil {
		folder = filepath.Dir(folder)
	}
}

// syncs is how many files are made durable at a time: the disk then waits once for many.
const syncs = 8

// sync makes the content of a file, or the names in a folder, survive a power cut.
func (d *disk) sync(path string) error {
	if err := d.about("sync", path); err != nil {
		return err
	}
	if d.volatile {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// replace gives the file of that name that content, at once or not at all.
func (d *disk) replace(path string, content []byte) error {
	aside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+inProgress)
	if err := d.about("write", aside); err != nil {
		return err
	}
	if err := os.WriteFile(aside, content, 0o644); err != nil {
		return err
	}
	if err := d.sync(aside); err != nil {
		return err
	}
	if err := d.rename(aside, path); err != nil {
		return err
	}
	return d.sync(filepath.Dir(path))
}
