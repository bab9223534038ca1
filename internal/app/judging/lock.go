package judging

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// A held lock ends with its process, however that ends.
type held struct{ file *os.File }

// acquire takes the lock, or returns ErrBusy at once.
func acquire(path string) (held, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return held{}, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return held{}, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = fmt.Errorf("%w: wait until it is done (%s)", ErrBusy, path)
		}
		return held{}, errors.Join(err, f.Close())
	}
	return held{f}, nil
}

func (h held) release() { h.file.Close() }
