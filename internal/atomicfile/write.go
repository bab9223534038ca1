// Package atomicfile replaces files as a whole.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write gives a file, which it makes where there is none, a new content, and the mode
// whatever the umask. It writes aside, syncs, renames and syncs the name: a reader sees
// the old or the new content and nothing between, also after a crash or a power cut,
// and the new one for good once Write returns nil. The folder must be there. Several
// processes may write the same file; the last counts.
//
// A process that is killed meanwhile leaves a file beside it, named .NAME. and digits.
func Write(path string, content []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return named(path, err)
	}
	aside := f.Name()
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(aside, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// named says of the file that was asked for what is wrong with that beside it.
func named(path string, err error) error {
	if aside, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: aside.Op, Path: path, Err: aside.Err}
	}
	return err
}
