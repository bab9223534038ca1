package live

import (
	"context"
	"fmt"
	"time"

	"weir/internal/answers"
	"weir/internal/control"
)

// forget takes a user out of what judges answered, the memory of assignments,
// the journal and the lake. The lake comes last: in it the others are found.
func (l *Live) forget(ctx context.Context, user string) (control.Forgotten, error) {
	app := l.steering.Current().App
	if err := l.collector.Flush(); err != nil { // so that all conversations are found
		return control.Forgotten{}, fmt.Errorf("nothing is forgotten, as the journal could not be emptied: %w", err)
	}
	subjects, err := answers.SubjectsOf(ctx, l.lake, app, user)
	var erasure *answers.Erasure
	if err == nil {
		erasure, _, err = answers.Forget(l.options.State, app, subjects, time.Now())
	}
	if err != nil {
		return control.Forgotten{}, fmt.Errorf("nothing is forgotten, as the judge's answers could not be removed: %w", err)
	}
	if _, err := l.sticky.Forget(user, subjects); err != nil {
		return control.Forgotten{}, fmt.Errorf("nothing is erased from the lake, as the memory of assignments could not be rewritten: %w", err)
	}
	e, err := l.collector.Forget(ctx, user)
	if err == nil {
		err = erasure.End(time.Now())
	}
	rows := e.Rows
	if rows == nil {
		rows = map[string]int64{}
	}
	return control.Forgotten{Rows: rows, Files: e.Files, Kept: append([]string{}, e.Kept...)}, err
}
