package parquet

import (
	"fmt"
	"slices"
	"time"
)

// Retention is how long rows are kept, counted from the end of the UTC day that they are dated;
// 0 means for ever. Rows without a date are kept.
type Retention struct {
	Contents time.Duration // texts
	Traces   time.Duration // rows of all tables, texts among them
}

// Expired says what retention removed.
type Expired struct {
	Files int
	Rows  map[string]int64 // by table
}

// Expire removes the rows of an app that are older than their retention, a day at a time. It may
// run beside writers and readers.
func (l *Lake) Expire(app string, r Retention, now time.Time) (Expired, error) {
	x := Expired{Rows: map[string]int64{}}
	if r.Contents < 0 || r.Traces < 0 {
		return x, fmt.Errorf("lake %s: a retention may not be negative", l.dir)
	}
	err := l.locked(func(m *manifest) error {
		old := slices.DeleteFunc(slices.Clone(m.Files), func(f File) bool {
			return f.App != app || !r.over(f, now)
		})
		for _, f := range old {
			x.Files++
			x.Rows[f.Table] += f.Rows
		}
		return l.publish(m, "", nil, old, nil)
	})
	return x, err
}

// over reports whether all rows of the file are older than they may become.
func (r Retention) over(f File, now time.Time) bool {
	day, err := time.Parse(time.DateOnly, f.Date)
	if err != nil {
		return false // trace.UnknownDate
	}
	end := day.Add(24 * time.Hour)
	over := func(d time.Duration) bool { return d > 0 && !now.Before(end.Add(d)) }
	return over(r.Traces) || f.Table == "contents" && over(r.Contents)
}
