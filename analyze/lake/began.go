package lake

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Began is when the first unit of a release was assigned by chance, or seen; zero
// where none was until then, and where rows have no times. Offline runs do not count.
func (l *Lake) Began(ctx context.Context, app, release string, asOf time.Time) (time.Time, error) {
	var us sql.NullInt64
	err := l.conn.QueryRowContext(ctx, fmt.Sprintf(
		`SELECT epoch_us(min(coalesce(assigned_at, started_at))) FROM traces
		WHERE app = %s AND release = %s AND case_id IS NULL AND randomized IS DISTINCT FROM false AND coalesce(assigned_at, started_at) <= %s`,
		literal(app), literal(release), timestamp(asOf))).Scan(&us)
	if err != nil {
		return time.Time{}, l.explain(err)
	}
	if !us.Valid {
		return time.Time{}, nil
	}
	return time.UnixMicro(us.Int64).UTC(), nil
}
