package lake

import (
	"context"
	"fmt"
	"maps"
	"time"

	"weir/analyze"
)

// historyDays is how far back before a release control's rows count as its past.
const historyDays = 14

// readHistory reduces control's rows from before the release's first randomised
// unit, of whatever release: what is fixed before the test is taken from them, and
// control is later compared with them. Rows that a rule forced are left out, and what
// was not mature at the start. A log that was imported is read as it is.
func (r *reading) readHistory(ctx context.Context) error {
	if !r.profile.own() || !r.timed() || r.offline || r.profile.Begun == nil || r.query.History {
		return nil
	}
	h := r.historyReading(*r.profile.Begun)
	var err error
	if h.profile, err = h.readProfile(ctx); err != nil {
		return err
	}
	if h.profile.Rows < baselineUnits || !h.timed() {
		return nil
	}
	h.plan = newPlan(h.query, h.profile)
	for _, step := range []func(context.Context) error{h.rows, h.freezeThresholds, h.units, h.readOutcomes, h.readArrivals, h.freezeLevels} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return r.takeHistory(ctx, h)
}

// historyReading is a reading of control's rows before a time.
func (r *reading) historyReading(before time.Time) *reading {
	q := r.query
	q.AsOf, q.Since = before, time.Time{}
	h := newReading(r.Lake, q)
	h.before = &before
	h.data.Strata = []analyze.Stratum{{}}
	h.data.Design.Method = q.Method
	return h
}

// takeHistory keeps, of every metric that enough units of the past have a value of, their
// moments, and what they fix unless an earlier look fixed it.
func (r *reading) takeHistory(ctx context.Context, h *reading) error {
	if err := r.takePasts(ctx, h); err != nil {
		return err
	}
	given := maps.Clone(r.query.Frozen)
	if given == nil {
		given = map[string]analyze.Frozen{}
	}
	for i, m := range r.query.Metrics {
		past, err := h.baselineMoments(ctx, i, m)
		if err != nil {
			return err
		}
		if past.N < baselineUnits {
			continue
		}
		r.past[m.Name] = past
		if _, ok := given[m.Name]; !ok && (h.frozen[m.Name].Spread.Known() || h.query.Method == analyze.Fixed) {
			given[m.Name] = h.frozen[m.Name]
		}
	}
	r.query.Frozen = given
	return nil
}

// historyBaseline is all of the history's units.
func (r *reading) historyBaseline() baseline {
	return baseline{words: fmt.Sprintf("%s's rows from before the release, of at most %d days", r.query.Control, historyDays)}
}

// historyPerDay is the history's traffic, in units a day.
func (r *reading) historyPerDay() float64 {
	units := int64(0)
	for _, a := range r.arrivals {
		units += a.Control
	}
	days := r.before.Sub(*r.profile.First).Hours() / 24
	return float64(units) / max(days, 1)
}
