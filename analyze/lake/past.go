package lake

import (
	"context"
	"fmt"
	"slices"

	"weir/analyze"
)

// userColumn is the column of units that names a unit's user.
func (r *reading) userColumn() string {
	if r.query.Unit == "user" {
		return "unit"
	}
	return "first_user"
}

// pastTable names the table of what the users of a metric did before the release.
func (r *reading) pastTable(m analyze.Metric) string {
	return fmt.Sprintf("past_%d", slices.IndexFunc(r.query.Metrics, func(x analyze.Metric) bool { return x.Name == m.Name }))
}

// pastSQL is a unit's covariate over measured: 0, the mean over users, where nothing is known.
func (r *reading) pastSQL(m analyze.Metric) string {
	if table := r.pastTable(m); slices.Contains(r.pasts, table) {
		return "coalesce(" + table + ", 0)"
	}
	return "0::DOUBLE"
}

// takePasts makes, of the history's units, the covariate of every metric that is adjusted by it: a row a user,
// the metric's tested figure over the user's units, less its mean over users.
func (r *reading) takePasts(ctx context.Context, h *reading) error {
	for _, m := range r.query.Metrics {
		if m.Tested.Covariate == 0 {
			continue
		}
		components, _ := h.vector(m)
		value := "avg(" + components[m.Tested.Num] + ")"
		if m.Tested.Den != analyze.Ones {
			value = fmt.Sprintf("sum(%[1]s) FILTER (%[2]s IS NOT NULL) / nullif(sum(%[2]s) FILTER (%[1]s IS NOT NULL), 0)", components[m.Tested.Num], components[m.Tested.Den])
		}
		table := r.pastTable(m)
		err := r.exec(ctx, "CREATE OR REPLACE TEMP TABLE "+table+" AS "+text("pasts", map[string]any{
			"User": h.userColumn(), "Value": value, "From": h.measured(everyUnit), "Mature": h.mature(m),
		}))
		if err != nil {
			return err
		}
		r.pasts = append(r.pasts, table)
	}
	return nil
}
