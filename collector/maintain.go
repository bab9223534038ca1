package collector

import (
	"context"
	"errors"
	"time"

	"weir/collector/parquet"
)

// A Maintained says what Maintain did.
type Maintained struct {
	Expired parquet.Expired
	Merged  parquet.Report
}

// Maintain removes the rows of an app that are older than their retention, and
// merges small files. It is for a job that runs every hour or day, in any process,
// beside those that write.
func Maintain(ctx context.Context, lake *parquet.Lake, app string, r parquet.Retention, now time.Time) (m Maintained, err error) {
	var expired, compacted error
	m.Expired, expired = lake.Expire(app, r, now)
	m.Merged, compacted = lake.Compact(ctx, app, parquet.CompactOptions{})
	return m, errors.Join(expired, compacted)
}
