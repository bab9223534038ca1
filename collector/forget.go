package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"weir/collector/parquet"
	"weir/internal/wal"
)

// Forget takes a person out of all that is kept: what is still in the journal is
// brought into the lake first. A request of theirs that is under way is written
// when it ends.
func (c *Collector) Forget(ctx context.Context, user string) (parquet.Erased, error) {
	if err := c.Flush(); err != nil {
		return parquet.Erased{}, fmt.Errorf("nothing is forgotten, as the journal could not be emptied: %w", err)
	}
	return c.options.Lake.Erase(ctx, c.options.App, user)
}

// ForgetOptions say who is to be forgotten, and where.
type ForgetOptions struct {
	App, User string
	Lake      *parquet.Lake
	Journal   string        // of the process that serves the app, or did; need not be there
	Wait      time.Duration // for a running process to empty its journal; 0 means 2 minutes
}

const defaultWait = 2 * time.Minute

// Forget does the same for whoever has no collector. Where a process has the
// journal open, it waits until what is in it now is in the lake; where none has,
// it brings it there itself. If that fails the lake is worked on all the same, and
// the error says what may be left.
func Forget(ctx context.Context, o ForgetOptions) (parquet.Erased, error) {
	emptied := empty(ctx, o)
	if emptied != nil {
		emptied = fmt.Errorf("the journal may still hold rows of that user: %w", emptied)
	}
	e, err := o.Lake.Erase(ctx, o.App, o.User)
	return e, errors.Join(err, emptied)
}

func empty(ctx context.Context, o ForgetOptions) error {
	if _, err := os.Stat(o.Journal); o.Journal == "" || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	c, err := New(Options{App: o.App, Lake: o.Lake, Journal: o.Journal})
	if errors.Is(err, wal.ErrLocked) {
		return drained(ctx, o)
	}
	if err != nil {
		return err
	}
	return errors.Join(c.Flush(), c.Close())
}

// drained waits until a running process has published what its journal holds now.
func drained(ctx context.Context, o ForgetOptions) error {
	held, err := wal.List(o.Journal)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(o.Wait, defaultWait))
	defer cancel()
	for _, s := range held {
		for {
			if _, err := os.Stat(s.Path); errors.Is(err, fs.ErrNotExist) {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("the process that has %s open has not brought it into the lake: look at what it says, and try again: %w", o.Journal, ctx.Err())
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}
