package lake

import (
	"context"
	"database/sql"
	"time"
)

// A profile is what a look at the columns of the release's rows found.
type profile struct {
	Live, Offline int64    // rows
	Rows          int64    // of the kind that is analysed
	ByArm         [2]int64 // of these, by assigned version
	Assigned      int64    // with assigned_at
	Started       int64
	Stated        int64 // with a propensity, or stated to be randomised
	NotRandomized int64
	Ruled         int64 // matched by a rule
	Promised      int64 // written by Weir's router
	Served        int64 // with a served version
	Misserved     int64 // of those, served another than the assigned one
	First, Last   *time.Time
	// Begun is when the first unit that enters a test was assigned.
	Begun    *time.Time
	WithUser int64 // rows that name a user
	// Oldest is the longest time from a unit's assignment to one of its
	// requests, where rows say when their unit was assigned.
	Oldest time.Duration
	// Released rows name a release; the others belong to any.
	Released int64
	// Cells are those of constant propensity that rows of tests lie in.
	Cells []stratumKey
}

// A way is one row of the profile query.
type way struct {
	treated, offline bool
	key              stratumKey
	randomized       sql.NullBool

	total, assigned, started, promises, served, misserved int64
	first, last                                           sql.NullTime
	oldest, users, released                               int64
}

// readProfile looks at the columns of both versions' rows.
func (r *reading) readProfile(ctx context.Context) (profile, error) {
	rows, err := r.conn.QueryContext(ctx, text("profile", r.names()))
	if err != nil {
		return profile{}, r.explain(err)
	}
	defer rows.Close()
	var ways []way
	for rows.Next() {
		var w way
		err := rows.Scan(&w.treated, &w.offline, &w.key.epoch, &w.key.rule, &w.key.share, &w.randomized, &w.total, &w.assigned, &w.started,
			&w.promises, &w.served, &w.misserved, &w.first, &w.last, &w.oldest, &w.users, &w.released)
		if err != nil {
			return profile{}, r.explain(err)
		}
		ways = append(ways, w)
	}
	if err := rows.Err(); err != nil {
		return profile{}, r.explain(err)
	}
	return profileOf(ways), nil
}

// profileOf adds up the ways that are analysed: the live ones, or, where there
// are none, the offline ones.
func profileOf(ways []way) profile {
	var p profile
	for _, w := range ways {
		if w.offline {
			p.Offline += w.total
		} else {
			p.Live += w.total
		}
	}
	for _, w := range ways {
		if w.offline == (p.Live == 0) {
			p.add(w)
		}
	}
	return p
}

func (p *profile) add(w way) {
	p.Rows += w.total
	arm := 0
	if w.treated {
		arm = 1
	}
	p.ByArm[arm] += w.total
	p.Assigned += w.assigned
	p.Started += w.started
	p.Promised += w.promises
	p.Served += w.served
	p.Misserved += w.misserved
	p.WithUser += w.users
	p.Released += w.released
	p.Oldest = max(p.Oldest, time.Duration(w.oldest)*time.Microsecond)
	if w.first.Valid && (p.First == nil || w.first.Time.Before(*p.First)) {
		p.First = &w.first.Time
	}
	if w.last.Valid && (p.Last == nil || w.last.Time.After(*p.Last)) {
		p.Last = &w.last.Time
	}
	if w.randomized.Valid && !w.randomized.Bool {
		p.NotRandomized += w.total
		return
	}
	if w.first.Valid && (p.Begun == nil || w.first.Time.Before(*p.Begun)) {
		p.Begun = &w.first.Time
	}
	if w.key.rule != "" {
		p.Ruled += w.total
	}
	if w.randomized.Valid || w.key.share >= 0 {
		p.Stated += w.total
	}
	for _, k := range p.Cells {
		if k == w.key {
			return
		}
	}
	p.Cells = append(p.Cells, w.key)
}

// own reports whether Weir's router wrote all rows.
func (p profile) own() bool { return p.Promised > 0 && p.Promised == p.Rows }

// timed reports whether every row has a time to order it by.
func (p profile) timed() bool { return p.Started == p.Rows }

// dated reports whether every row says when its unit was assigned.
func (p profile) dated() bool { return p.timed() && p.Assigned == p.Rows }
