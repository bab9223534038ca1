package live

import (
	"context"

	"weir/internal/control"
)

// forget takes a user out of the journal and the lake. What is remembered to keep
// conversations on their version goes when it is idle.
func (l *Live) forget(ctx context.Context, user string) (control.Forgotten, error) {
	e, err := l.collector.Forget(ctx, user)
	rows := e.Rows
	if rows == nil {
		rows = map[string]int64{}
	}
	return control.Forgotten{Rows: rows, Files: e.Files, Kept: append([]string{}, e.Kept...)}, err
}
