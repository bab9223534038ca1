package app

import (
	"errors"
	"os"
	"path/filepath"
)

// WriteFile replaces a file whole: it is written aside, synced and renamed, so
// that a reader, or a crash, sees the old or the new content and nothing between.
func WriteFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	aside := f.Name()
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Chmod(0o644), f.Close())
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
	return errors.Join(folder.Sync(), folder.Close()) // the new name is durable, too
}
