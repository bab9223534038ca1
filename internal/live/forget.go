package live

import (
	"context"
	"fmt"

	"weir/internal/answers"
	"weir/internal/control"
)

// forget takes a user out of what judges answered, the journal and the lake. What is
// remembered to keep conversations on their version goes when it is idle.
func (l *Live) forget(ctx context.Context, user string) (control.Forgotten, error) {
	app := l.steering.Current().App
	if err := l.collector.Flush(); err != nil { // so that all conversations are found
		return control.Forgotten{}, fmt.Errorf("nothing is forgotten, as the journal could not be emptied: %w", err)
	}
	if err := answers.ForgetUser(ctx, l.lake, l.options.State, app, user); err != nil {
		return control.Forgotten{}, fmt.Errorf("nothing is forgotten, as the judge's answers could not be removed: %w", err)
	}
	e, err := l.collector.Forget(ctx, user)
	rows := e.Rows
	if rows == nil {
		rows = map[string]int64{}
	}
	return control.Forgotten{Rows: rows, Files: e.Files, Kept: append([]string{}, e.Kept...)}, err
}
