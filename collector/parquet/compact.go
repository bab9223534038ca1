package parquet

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weir/trace"
)

const compactedPrefix = "compacted-"

func isCompacted(stem string) bool { return strings.HasPrefix(stem, compactedPrefix) }

// CompactOptions say how to compact.
type CompactOptions struct {
	// TargetBytes is the size that compacted files should have; 0 means 100 MB. A file of less
	// than half of it is small.
	TargetBytes int64
}

const defaultTarget = 100 << 20

// A Report says what compaction did.
type Report struct {
	Merged        int   // files that were merged
	Written       int   // files they were merged into
	Rows          int64 // in them
	Before, After int64 // bytes of the former, and of the latter
	// Skipped lists files that would have been merged, but hold columns which this version does
	// not know, or types which it would not write.
	Skipped []string
}

// Compact merges the small files of each table and date of an app. It may run beside writers,
// readers and other compactions. Where the context ends it stops; where a file cannot be read it
// goes on with the next date and returns the error at the end. In each case what is merged is
// merged, and everything else is as it was.
func (l *Lake) Compact(ctx context.Context, app string, options CompactOptions) (Report, error) {
	var r Report
	s, err := l.begin(true, func(*manifest) error { return nil })
	if err != nil {
		return r, err
	}
	c := &compaction{lake: l, session: s, target: cmp.Or(options.TargetBytes, defaultTarget), report: &r}
	var errs []error
	for _, t := range trace.Tables() {
		files, err := l.Files(t.Name, app)
		errs = append(errs, err)
		for _, group := range c.groups(files) {
			if ctx.Err() == nil {
				errs = append(errs, c.merge(ctx, group))
			}
		}
	}
	err = errors.Join(append(errs, ctx.Err())...)
	return r, errors.Join(err, s.end(err == nil))
}

type compaction struct {
	lake    *Lake
	session *session
	target  int64
	report  *Report
}

// groups returns sets of small files of one folder, two at least, that make about one target
// each.
func (c *compaction) groups(files []File) [][]File {
	small := slices.DeleteFunc(files, func(f File) bool { return f.Bytes >= c.target/2 })
	slices.SortStableFunc(small, func(a, b File) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), a.First.Compare(b.First))
	})
	var groups [][]File
	bytes := int64(0)
	for i, f := range small {
		if i == 0 || f.Date != small[i-1].Date || bytes >= c.target {
			groups = append(groups, nil)
			bytes = 0
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], f)
		bytes += f.Bytes
	}
	return slices.DeleteFunc(groups, func(g []File) bool { return len(g) < 2 })
}

// mergers rewrite files of each table.
var mergers = map[string]func(context.Context, *Lake, []File, *partition) error{
	"traces": copyAll[trace.Exchange], "contents": copyAll[trace.Content], "outcomes": copyAll[trace.Outcome],
	"judgments": copyAll[trace.Judgment], "labels": copyAll[trace.Label], "losses": copyAll[trace.Loss],
	"events": copyAll[trace.Event],
}

func copyAll[T Row](ctx context.Context, l *Lake, files []File, p *partition) error {
	_, err := copyRows(ctx, l, files, p, func(*T) bool { return true })
	return err
}

var errStale = errors.New("published again meanwhile")

// merge replaces the files of a group that can be rewritten by one.
func (c *compaction) merge(ctx context.Context, group []File) error {
	fit, err := c.fitting(group)
	if err != nil && c.stale(group) {
		return nil
	}
	if group = fit; err != nil || len(group) < 2 {
		return err
	}
	key := partitionKey{group[0].Table, group[0].App, group[0].Date}
	p := newPartition(c.session, layouts[key.table], key, compactedStem(group))
	err = mergers[key.table](ctx, c.lake, group, p)
	if err == nil {
		err = c.publish(p, group)
	}
	if err != nil && c.stale(group) {
		err = nil
	}
	return errors.Join(err, p.discard())
}

// stale reports whether a file of the group has been replaced since the group was made. Its
// files may be gone then, which is no error: the next compaction sees to the new ones.
func (c *compaction) stale(group []File) bool {
	m, err := c.lake.manifest()
	return err == nil && !m.has(group)
}

// has reports whether all files are live as they are described.
func (m *manifest) has(files []File) bool {
	return !slices.ContainsFunc(files, func(f File) bool {
		return !slices.ContainsFunc(m.Files, func(live File) bool { return live.Path == f.Path && live.SHA256 == f.SHA256 })
	})
}

// fitting leaves out the files that a rewrite would change.
func (c *compaction) fitting(group []File) ([]File, error) {
	var fit []File
	for _, f := range group {
		r, err := open(c.lake.Path(f))
		if err != nil {
			return nil, err
		}
		if r.fits(layouts[f.Table]) {
			fit = append(fit, f)
		} else {
			c.report.Skipped = append(c.report.Skipped, f.Path)
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	return fit, nil
}

// compactedStem names a compacted file after what it holds.
func compactedStem(group []File) string {
	h := sha256.New()
	for _, f := range group {
		fmt.Fprintf(h, "%d:%s %s\n", len(f.Path), f.Path, f.SHA256)
	}
	return compactedPrefix + hex.EncodeToString(h.Sum(nil)[:8])
}

// copyRows writes the rows of the files that are to be kept to the partition, and returns how
// many are not.
func copyRows[T Row](ctx context.Context, l *Lake, files []File, p *partition, keep func(*T) bool) (left int64, err error) {
	t := tableOf[T]()
	for _, f := range files {
		for row, err := range Read[T](l.Path(f)) {
			if err != nil {
				return left, err
			}
			if p.group.rows%blockRows == 0 && ctx.Err() != nil {
				return left, ctx.Err()
			}
			if !keep(&row) {
				left++
				continue
			}
			if err := t.check(&row); err != nil {
				return left, fmt.Errorf("%s cannot be rewritten: a row's %w", l.Path(f), err)
			}
			t.put(p.group, f.Date, &row)
			if p.full() {
				if err := p.write(p.take()); err != nil {
					return left, err
				}
			}
		}
	}
	if p.group.rows > 0 {
		return left, p.write(p.take())
	}
	return left, nil
}

// publish puts the merged file in the place of the group, unless one of the group was replaced
// meanwhile.
func (c *compaction) publish(p *partition, group []File) error {
	if err := p.finish(); err != nil {
		return err
	}
	var before, after, rows, bytes int64
	var swallow []string
	for _, f := range group {
		before += f.Rows
		bytes += f.Bytes
		if f.Batch != "" {
			swallow = append(swallow, f.Batch)
		}
	}
	for _, f := range p.files {
		rows += f.Rows
		after += f.Bytes
	}
	if rows != before {
		return fmt.Errorf("%d rows of %s became %d: nothing was compacted there; compare the files with %s", before, p.key.folder(), rows, manifestName)
	}
	err := c.lake.locked(func(m *manifest) error {
		if !m.has(group) {
			return errStale
		}
		return c.lake.publish(m, p.stem, p.files, group, swallow)
	})
	if err != nil {
		return err
	}
	c.report.Merged += len(group)
	c.report.Written += len(p.files)
	c.report.Rows += rows
	c.report.Before += bytes
	c.report.After += after
	return nil
}
