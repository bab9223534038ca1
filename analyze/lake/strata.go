package lake

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/analyze"
)

// nameStrata lists the cells of constant propensity, in order of time.
func (r *reading) nameStrata() {
	if r.offline || r.query.History {
		r.data.Strata = []analyze.Stratum{{}}
		return
	}
	for _, key := range r.profile.Cells {
		r.addStratum(key)
	}
}

// addStratum appends a stratum.
func (r *reading) addStratum(key stratumKey) {
	s := analyze.Stratum{Rule: key.rule}
	if key.epoch != noEpoch {
		s.Epoch = &key.epoch
	}
	if key.share > 0 && key.share < 1 {
		s.Share, s.Known = key.share, true
	}
	r.strata[key] = len(r.data.Strata)
	r.data.Strata = append(r.data.Strata, s)
}

// noEpoch stands for an epoch that is not known.
const noEpoch = -1

// design says how the arms relate, and gives strata of unknown propensity
// their realised share.
func (r *reading) design(ctx context.Context) error {
	r.data.Design = analyze.Design{
		Unit: r.query.Unit, Method: r.query.Method, Alpha: r.query.Alpha, Offline: r.offline,
		Randomized: r.profile.Stated > 0,
	}
	if r.offline {
		return r.offlineDesign(ctx)
	}
	if slices.ContainsFunc(r.data.Strata, func(s analyze.Stratum) bool { return !s.Known }) {
		if err := r.realisedShares(ctx); err != nil {
			return err
		}
	}
	d := &r.data.Design
	d.Strata = len(r.data.Strata)
	d.Kind, d.Why = analyze.Independent, "arms of different units, one stratum of constant allocation"
	if d.Strata > 1 {
		d.Kind, d.Why = analyze.Stratified, fmt.Sprintf("the allocation has %d strata (epochs and rules of constant share), so arms are compared within them", d.Strata)
	}
	if !r.timed() {
		r.warn("rows have no times: maturity, order of assignment and traffic per day cannot be told")
		if d.Method == analyze.Sequential {
			d.Method = analyze.Fixed
			r.warn("without times the log is read at one look: method fixed")
		}
	}
	return nil
}

// realisedShares fills in the shares of strata whose propensity nobody states.
func (r *reading) realisedShares(ctx context.Context) error {
	rows, err := r.conn.QueryContext(ctx, "SELECT stratum, avg(treated::INTEGER) FROM units GROUP BY stratum")
	if err != nil {
		return r.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var stratum int
		var share float64
		if err := rows.Scan(&stratum, &share); err != nil {
			return r.explain(err)
		}
		if s := &r.data.Strata[stratum]; !s.Known {
			s.Share = share
		}
	}
	return rows.Err()
}

// shareSQL is a row's, or a unit's, probability of treatment; -1 where it is
// not known.
const shareSQL = "coalesce(round(CASE WHEN treated THEN propensity ELSE 1 - propensity END, 9), -1)"

// stratumSQL numbers the stratum of a row or a unit.
func (r *reading) stratumSQL() string {
	if len(r.strata) < 2 {
		return "0"
	}
	keys := slices.Collect(maps.Keys(r.strata))
	slices.SortFunc(keys, func(a, b stratumKey) int { return r.strata[a] - r.strata[b] })
	var b strings.Builder
	b.WriteString("CASE")
	for _, k := range keys {
		fmt.Fprintf(&b, " WHEN %s THEN %d", k.condition(keys), r.strata[k])
	}
	b.WriteString(" END")
	return b.String()
}

// condition is the SQL under which a row or a unit lies in a stratum, told from
// the other strata by as little as it takes.
func (k stratumKey) condition(all []stratumKey) string {
	alike := func(same func(stratumKey) bool) bool {
		return !slices.ContainsFunc(all, func(o stratumKey) bool { return o != k && same(o) })
	}
	epoch := fmt.Sprintf("coalesce(epoch, -1) = %d", k.epoch)
	rule := fmt.Sprintf("coalesce(rule, '') = %s", literal(k.rule))
	switch {
	case alike(func(o stratumKey) bool { return o.epoch == k.epoch }):
		return epoch
	case alike(func(o stratumKey) bool { return o.epoch == k.epoch && o.rule == k.rule }):
		return epoch + " AND " + rule
	default:
		return fmt.Sprintf("%s AND %s AND %s = %s", epoch, rule, shareSQL, number(k.share))
	}
}

// sharedCases is the part of each arm's cases that must have run on the other
// arm too for the design to be paired.
const sharedCases = .9

// offlineDesign decides whether the arms ran the same cases.
func (r *reading) offlineDesign(ctx context.Context) error {
	var control, treatment, both int64
	if err := r.conn.QueryRowContext(ctx, text("case_overlap", nil)).Scan(&control, &treatment, &both); err != nil {
		return r.explain(err)
	}
	d := &r.data.Design
	d.Unit, d.Strata = "case", 1
	d.Randomized = false
	if d.Method == analyze.Sequential {
		d.Method = analyze.Fixed
	}
	share := float64(control) / float64(control+treatment)
	r.data.Strata = []analyze.Stratum{{Share: share}}
	shared := float64(both) / float64(max(control, treatment))
	paired := shared >= sharedCases
	if r.query.Layout != "" {
		paired = r.query.Layout == analyze.Paired
	}
	said := fmt.Sprintf("%d cases ran under %s, %d under %s, %d under both", control, r.query.Control, treatment, r.query.Treatment, both)
	if paired {
		d.Kind, d.Why = analyze.Paired, "paired by case: "+said
		r.data.Service.Unmatched = analyze.ByArm{Control: control - both, Treatment: treatment - both}
	} else {
		d.Kind, d.Why = analyze.Independent, "independent cases: "+said+"; paired from 90 % shared on"
	}
	return nil
}
