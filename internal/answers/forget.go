package answers

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/collector/parquet"
	"weir/trace"
)

// SubjectsOf are the requests, conversations and cases of a user in the lake.
func SubjectsOf(ctx context.Context, l *parquet.Lake, app, user string) ([]string, error) {
	var subjects []string
	for e, err := range parquet.ReadAll[trace.Exchange](ctx, l, app) {
		if err != nil {
			return nil, err
		}
		if e.UserID != user {
			continue
		}
		subjects = append(subjects, e.TraceID)
		if e.SessionID != "" {
			subjects = append(subjects, e.SessionID)
		}
		if e.CaseID != "" {
			subjects = append(subjects, "case "+e.CaseID)
		}
	}
	return subjects, nil
}

// Forget removes what the state of an app keeps of these sessions, in all
// releases: the answers about them. Plans hold ids alone, until their hour is
// published. Answers that are on their way are not kept when they come. The caller
// ends the erasure when the rows are gone from the lake. It returns how many files.
func Forget(state, app string, sessions []string, now time.Time) (e *Erasure, removed int, err error) {
	if e, err = begin(state, app, sessions, now); err != nil { // before anything is removed: what comes later sees it
		return nil, 0, err
	}
	releases, err := os.ReadDir(filepath.Join(state, "judge", app))
	if errors.Is(err, fs.ErrNotExist) {
		return e, 0, nil
	}
	if err != nil {
		return e, 0, err
	}
	for _, r := range releases {
		s := Of(state, app, r.Name())
		err = errors.Join(err, s.each(func(path string, _ fs.DirEntry) error {
			raw, err := os.ReadFile(path)
			var k kept
			if err != nil || json.Unmarshal(raw, &k) == nil && !slices.Contains(sessions, k.Subject) {
				return nil
			}
			removed++
			return os.Remove(path)
		}))
	}
	return e, removed, err
}
