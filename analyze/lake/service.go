package lake

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"weir/analyze"
)

// readArrivals counts the units of each stratum and hour.
func (r *reading) readArrivals(ctx context.Context) error {
	rows, err := r.conn.QueryContext(ctx, text("arrivals", nil))
	if err != nil {
		return r.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var a analyze.Arrival
		if err := rows.Scan(&a.Hour, &a.Stratum, &a.Control, &a.Treatment); err != nil {
			return r.explain(err)
		}
		r.arrivals = append(r.arrivals, a)
	}
	r.data.Arrived = r.arrivals
	return rows.Err()
}

// service counts units and what happened to them on their way.
func (r *reading) service(ctx context.Context) error {
	d := &r.data
	s := &d.Service
	err := r.conn.QueryRowContext(ctx, text("service", r.servedSQL())).Scan(
		&d.Units.Control, &d.Units.Treatment, &d.Units.Requests.Control, &d.Units.Requests.Treatment,
		&s.Served.Control, &s.Served.Treatment, &s.Complied.Control, &s.Complied.Treatment, &s.Crossed.Control, &s.Crossed.Treatment,
		&s.TopUnit.Control, &s.TopUnit.Treatment)
	if err != nil {
		return r.explain(err)
	}
	if r.offline {
		err := r.conn.QueryRowContext(ctx, "SELECT count(DISTINCT case_id) FILTER (NOT treated), count(DISTINCT case_id) FILTER (treated) FROM units").Scan(&d.Units.Control, &d.Units.Treatment)
		if err != nil {
			return r.explain(err)
		}
	}
	if err := r.losses(ctx); err != nil {
		return err
	}
	if err := r.excluded(ctx); err != nil {
		return err
	}
	return r.period(ctx)
}

// servedSQL says what units know of the versions that served them: a column
// only where it says more than the number of requests.
func (r *reading) servedSQL() map[string]any {
	served, complied := "0", "0"
	switch {
	case r.profile.Served == r.profile.Rows:
		served, complied = "requests", "requests"
	case r.profile.Served > 0:
		served, complied = "served", "served"
	}
	if r.profile.Misserved > 0 {
		complied = "complied"
	}
	return map[string]any{"Served": served, "Complied": complied}
}

// losses adds up what is known to be missing.
func (r *reading) losses(ctx context.Context) error {
	s := &r.data.Service
	err := r.conn.QueryRowContext(ctx, text("losses", r.names())).Scan(&s.Lost.Control, &s.Lost.Treatment, &s.LostUnknown)
	if err != nil {
		return r.explain(err)
	}
	return nil
}

// excluded counts the units that enter no test, by why their first request
// was sent where it was.
func (r *reading) excluded(ctx context.Context) error {
	if r.profile.NotRandomized == 0 {
		return nil
	}
	parameters := r.names()
	parameters["Unit"] = r.unitSQL()
	rows, err := r.conn.QueryContext(ctx, text("excluded", parameters))
	if err != nil {
		return r.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var e analyze.Excluded
		if err := rows.Scan(&e.Reason, &e.Control, &e.Treatment); err != nil {
			return r.explain(err)
		}
		r.data.Units.Excluded = append(r.data.Units.Excluded, e)
	}
	return rows.Err()
}

// recentTraffic is the stretch at the end of the period whose traffic counts
// as today's.
const recentTraffic = 7 * 24 * time.Hour

// period says what time the units span.
func (r *reading) period(ctx context.Context) error {
	p := &r.data.Period
	*p = analyze.Period{AsOf: r.query.AsOf.UTC(), UnitsPerDay: analyze.Unknown, TreatmentShare: analyze.Unknown}
	if n := len(r.data.Strata); n > 0 && !r.offline {
		p.TreatmentShare = analyze.Number(r.data.Strata[n-1].Share)
	}
	if !r.timed() {
		return nil
	}
	var first, last sql.NullTime
	err := r.conn.QueryRowContext(ctx, "SELECT min(assigned_at), max(assigned_at) FROM units").Scan(&first, &last)
	if err != nil {
		return r.explain(err)
	}
	if !first.Valid {
		return nil
	}
	f, l := first.Time.UTC(), last.Time.UTC()
	p.First, p.Last = &f, &l
	p.FullDays = fullDays(f, l)
	p.UnitsPerDay = unitsPerDay(r.arrivals, l)
	if !r.query.Ramp {
		return nil
	}
	if r.query.Unit == "user" {
		p.LastStep, err = r.lastCoverage(ctx)
		return err
	}
	p.LastStep = r.lastStep()
	return nil
}

// lastStep is the first hour in which traffic that no rule touched had the share of the
// ramp's last step; nil before.
func (r *reading) lastStep() *time.Time {
	for _, a := range r.arrivals {
		if r.unruled(a.Stratum) && r.data.Strata[a.Stratum].Share >= r.query.LastShare-shareSlack {
			return hourly(a.Hour)
		}
	}
	return nil
}

// lastCoverage is the same under unit user, where a share of s means that users are in the
// test whose number for exposure is below 2s, at a propensity of one half throughout: the first hour
// with a user in it who is nearer to the bound of the last step than to that of the step before. The router's
// numbers are computed anew from the ids; of a log that it did not write nothing is known.
func (r *reading) lastCoverage(ctx context.Context) (*time.Time, error) {
	var unruled []string
	for i := range r.data.Strata {
		if r.unruled(i) {
			unruled = append(unruled, strconv.Itoa(i))
		}
	}
	if !r.profile.own() || len(unruled) == 0 {
		return nil, nil
	}
	var hour int64
	err := r.conn.QueryRowContext(ctx, text("last_coverage", map[string]any{
		"Salt": literal(r.query.App + "/" + r.query.Release + "/exposure"), "Strata": strings.Join(unruled, ", "),
		"Least": number(r.query.ShareBefore + r.query.LastShare),
	})).Scan(&hour)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, r.explain(err)
	}
	return hourly(hour), nil
}

// unruled reports whether a stratum has a stated share that no rule gave it.
func (r *reading) unruled(stratum int) bool {
	s := r.data.Strata[stratum]
	return s.Known && s.Rule == ""
}

// hourly is the beginning of an hour counted from 1970.
func hourly(hour int64) *time.Time {
	at := time.Unix(hour*3600, 0).UTC()
	return &at
}

// shareSlack covers the rounding of shares.
const shareSlack = 1e-9

// fullDays counts the UTC days that lie wholly between two times.
func fullDays(first, last time.Time) int {
	const day = 24 * time.Hour
	start := first.Truncate(day)
	if start.Before(first) {
		start = start.Add(day)
	}
	return max(0, int(last.Sub(start)/day))
}

// unitsPerDay is the recent traffic; unknown under an hour of it.
func unitsPerDay(arrivals []analyze.Arrival, last time.Time) analyze.Number {
	if len(arrivals) == 0 {
		return analyze.Unknown
	}
	end := last.Unix()/3600 + 1
	start := max(arrivals[0].Hour, end-int64(recentTraffic/time.Hour))
	units := int64(0)
	for _, a := range arrivals {
		if a.Hour >= start {
			units += a.Control + a.Treatment
		}
	}
	return analyze.Number(float64(units) / float64(end-start) * 24)
}
