package live

import "context"

// tellAloneUntil says in the log when assignments cannot be written down, and when
// they are again, until ctx is done.
func (l *Live) tellAloneUntil(ctx context.Context) error {
	told := false
	return everySecond(ctx, func() { told = l.tellAlone(l.sticky.Stats().Alone, told) })
}

// tellAlone says what is news, and returns what is told now.
func (l *Live) tellAlone(alone, told bool) bool {
	switch {
	case alone && !told:
		l.options.Log.Error("assignments cannot be written down and are in memory alone: were the process killed now, their conversations could change their version; make room in the state folder", "state", l.options.State)
	case !alone && told:
		l.options.Log.Info("all assignments are written down again")
	}
	return alone
}
