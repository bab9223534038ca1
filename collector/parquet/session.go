package parquet

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"weir/trace"
)

// inProgress ends the name of a file that is being written. Such names are also hidden ones.
const inProgress = ".inprogress"

// A session is one batch or compaction under way. Its lock says that its process lives and that
// the files in progress which bear its token are not to be touched.
type session struct {
	lake  *Lake
	token string
	lock  *lock
}

const sessionPrefix = "batch-"

// begin starts a session, unless check objects to what the manifest says. It removes what dead
// sessions left behind; where thorough, also files in progress of which no lock file knows.
func (l *Lake) begin(thorough bool, check func(*manifest) error) (*session, error) {
	s := &session{lake: l, token: rand.Text()}
	err := l.locked(func(m *manifest) error {
		if err := check(m); err != nil {
			return err
		}
		if err := l.sweep(thorough); err != nil {
			return err
		}
		var err error
		s.lock, err = tryLock(filepath.Join(l.dir, lockFolder, sessionPrefix+s.token))
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// end ends the session. Unless it is tidy, its lock file stays, unlocked, as that of a dead one
// whose files are still to be removed.
func (s *session) end(tidy bool) error {
	if !tidy {
		return s.lock.release()
	}
	return s.lock.remove()
}

// aside names a file in progress.
func (s *session) aside(folder, stem string, number int) string {
	return filepath.Join(s.lake.at(folder), fmt.Sprintf(".%s-%d.%s%s", stem, number, s.token, inProgress))
}

// sweep removes the files of sessions whose process is dead. The caller holds the lake's lock,
// under which alone sessions begin.
func (l *Lake) sweep(thorough bool) error {
	entries, err := os.ReadDir(filepath.Join(l.dir, lockFolder))
	if err != nil {
		return err
	}
	live := map[string]bool{}
	var dead []*lock
	for _, e := range entries {
		token, ok := strings.CutPrefix(e.Name(), sessionPrefix)
		if !ok {
			continue
		}
		if k, err := tryLock(filepath.Join(l.dir, lockFolder, e.Name())); err == nil {
			dead = append(dead, k)
		} else {
			live[token] = true
		}
	}
	if thorough || len(dead) > 0 {
		err = l.removeInProgress(live)
	}
	for _, k := range dead {
		if err == nil {
			err = k.remove()
		} else {
			err = errors.Join(err, k.release())
		}
	}
	return err
}

func (l *Lake) removeInProgress(live map[string]bool) error {
	for _, t := range trace.Tables() {
		err := filepath.WalkDir(l.at(t.Name), func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // a table without rows, or a folder that a live session has just removed
			}
			stem, ok := strings.CutSuffix(name, inProgress)
			if err != nil || d.IsDir() || !ok || live[strings.TrimPrefix(filepath.Ext(stem), ".")] {
				return err
			}
			if err := l.disk.remove(name); err != nil {
				return err
			}
			l.disk.removeEmpty(filepath.Dir(name), l.dir)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
