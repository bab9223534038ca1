package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weir/analyze"
)

// ErrSegment says that effects cannot be shown by an attribute.
var ErrSegment = errors.New("segment")

// segmentColumns are the columns of traces that part units. What a version
// chooses, such as its model, parts by outcome and is none of them.
var segmentColumns = []string{"device", "region", "language"}

// attributePrefix begins the name of an attribute that the app declared.
const attributePrefix = "attributes."

// CheckSegment returns an error, wrapped around ErrSegment, for a name by which
// units cannot be parted.
func CheckSegment(name string) error {
	if slices.Contains(segmentColumns, name) || strings.HasPrefix(name, attributePrefix) && len(name) > len(attributePrefix) {
		return nil
	}
	return fmt.Errorf("%w: units cannot be parted by %q; allowed are %s and attributes.NAME", ErrSegment, name, strings.Join(segmentColumns, ", "))
}

// attributes lists the columns of test_rows that part units.
func (r *reading) attributes() []named {
	if r.offline || r.before != nil || !r.timed() {
		return nil
	}
	var out []named
	for i, name := range r.query.Segments {
		sql := quote(name)
		if rest, ok := strings.CutPrefix(name, attributePrefix); ok {
			sql = fmt.Sprintf("attributes[%s]", literal(rest))
		}
		out = append(out, named{fmt.Sprintf("by%d", i), sql})
	}
	return out
}

// maxSegments is the number of values of an attribute that are shown apart; the rest are joined.
const maxSegments = 8

// The names of units without a value, and of those with a rare one.
const (
	segmentNone  = "(none)"
	segmentOther = "(other)"
)

// segments reduces units by the values that attributes had at their first request, a
// cell a day.
func (r *reading) segments(ctx context.Context) error {
	if len(r.query.Segments) == 0 {
		return nil
	}
	if len(r.attributes()) == 0 {
		r.warn("effects are not shown by %s: that takes live rows with times", strings.Join(r.query.Segments, ", "))
		return nil
	}
	r.data.Attributes = r.query.Segments
	for i, a := range r.attributes() {
		if err := r.segment(ctx, r.query.Segments[i], a.Name); err != nil {
			return err
		}
	}
	return nil
}

// segment reduces units by the values of one attribute.
func (r *reading) segment(ctx context.Context, name, column string) error {
	part, err := r.partSQL(ctx, column)
	if err != nil {
		return err
	}
	if part == "" {
		r.warn("effects are not shown by %s: no unit has a value of it", name)
	}
	if part == "" || len(r.query.Metrics) == 0 {
		return nil
	}
	source := r.vectorsOf(part + " AS part, treated, stratum, hour // 24 * 24 AS hour")
	at := map[[2]string]int{}
	return r.sums(ctx, source, "part", func(c cell, i int, s summed) {
		m := &r.data.Metrics[i]
		if s.moments.N == 0 || m.Absent != "" {
			return
		}
		key := [2]string{m.Metric.Name, c.part}
		j, ok := at[key]
		if !ok {
			j = len(m.Segments)
			at[key] = j
			m.Segments = append(m.Segments, analyze.Segment{By: name, Name: c.part})
		}
		m.Segments[j].Cells = append(m.Segments[j].Cells, analyze.Cell{Stratum: c.stratum, Hour: c.hour, Arm: c.arm, Moments: s.moments})
	})
}

// partSQL names the part of units that a unit lies in by an attribute; empty where no unit has a value of it.
func (r *reading) partSQL(ctx context.Context, column string) (string, error) {
	common, err := r.commonValues(ctx, column)
	if err != nil || len(common) == 0 || len(common) == 1 && common[0] == segmentNone {
		return "", err
	}
	quoted := make([]string, len(common))
	for i, v := range common {
		quoted[i] = literal(v)
	}
	return fmt.Sprintf("CASE WHEN coalesce(%[1]s, %[2]s) IN (%[3]s) THEN coalesce(%[1]s, %[2]s) ELSE %[4]s END", column, literal(segmentNone), strings.Join(quoted, ", "), literal(segmentOther)), nil
}

// commonValues lists the values of an attribute that most units have.
func (r *reading) commonValues(ctx context.Context, column string) ([]string, error) {
	rows, err := r.conn.QueryContext(ctx, fmt.Sprintf(
		"SELECT coalesce(%s, %s) AS value FROM units GROUP BY value ORDER BY count(*) DESC, value LIMIT %d", column, literal(segmentNone), maxSegments))
	if err != nil {
		return nil, r.explain(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, r.explain(err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
