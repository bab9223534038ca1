package judging

import (
	"context"

	"weir/collector/parquet"
	"weir/trace"
)

// ForgetUser removes the judge's answers about a user's conversations. It finds
// them in the lake: call it before the lake forgets the user.
func ForgetUser(ctx context.Context, l *parquet.Lake, state, app, user string) error {
	files, err := l.Files("traces", app)
	if err != nil {
		return err
	}
	var subjects []string
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		for e, err := range parquet.Read[trace.Exchange](l.Path(f)) {
			if err != nil {
				return err
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
	}
	_, err = Forget(state, app, subjects)
	return err
}
