package lake

import (
	"context"
	"database/sql"
)

// sampledRows is from how many rows on the user with most units is looked for among
// one in sixteen units only, by a hash of when they were assigned: one that holds a large share
// shows there, too.
const sampledRows = 500_000

// concentration counts users, and the units of the user with most, where every
// row names a user.
func (r *reading) concentration(ctx context.Context) error {
	if r.offline || r.query.Unit == "user" || r.profile.WithUser < r.profile.Rows {
		return nil
	}
	s := &r.data.Service
	factor, draw := int64(1), "hash(unit)"
	if r.profile.Rows > sampledRows {
		factor = 16
	}
	if r.profile.dated() { // of a unit's own, and cheaper than its name
		draw = "hash(assigned_at)"
	}
	var most sql.NullInt64
	err := r.conn.QueryRowContext(ctx, text("users", map[string]any{"Factor": factor, "Draw": draw})).Scan(&s.Users, &most)
	if err != nil {
		return r.explain(err)
	}
	units := r.data.Units.Control + r.data.Units.Treatment
	s.UnitsWithUser = units
	if top := most.Int64 * factor; top*100 >= units {
		s.TopUser = top
	}
	return nil
}
