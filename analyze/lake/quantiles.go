package lake

import (
	"context"
	"fmt"
	"math"
	"strings"

	"weir/analyze"
)

// A pilot is, for each cell, a point within a percent of its quantile, and
// the histogram that it was found with. The error of the distribution is measured there:
// any point near the quantile serves, and this one is found before units are summed up.
type pilot struct {
	points map[int]float64
	counts map[int]*histogram
}

// quantileColumn is the metric's column that is counted against each arm's own
// quantile.
func quantileColumn(m analyze.Metric) (analyze.Column, bool) {
	for _, c := range m.Columns {
		if c.Above != nil && c.Above.OwnQuantile {
			return c, true
		}
	}
	return analyze.Column{}, false
}

// cellSQL numbers a row's cell: twice its stratum, and one if it is treated.
func (r *reading) cellSQL() string {
	return "2 * (" + r.stratumSQL() + ") + treated::INTEGER"
}

// binned is what the passes of a metric read.
func (r *reading) binned(c analyze.Column, from string, conditions ...string) binnedSource {
	v := r.plan.valueName(c)
	where := append([]string{v + " IS NOT NULL", r.plan.inWindow(c)}, conditions...)
	return binnedSource{cell: r.cellSQL(), value: v, raw: r.plan.rawName(c), from: from + " WHERE " + strings.Join(where, " AND ")}
}

// findPilots finds the point of each cell of every quantile metric.
func (r *reading) findPilots(ctx context.Context) error {
	for _, m := range r.query.Metrics {
		c, ok := quantileColumn(m)
		if !ok {
			continue
		}
		counts, err := r.histograms(ctx, r.binned(c, "test_rows"))
		if err != nil {
			return err
		}
		p := pilot{points: map[int]float64{}, counts: counts}
		for cell, h := range counts {
			bin, _ := h.at(rankOf(m.Quantile, h.rows).low)
			p.points[cell] = math.Exp(float64(bin+1) / 100)
		}
		r.pilots[m.Name] = p
	}
	return nil
}

// pilotSQL gives the point of a row whose cell is in the column cell.
func (r *reading) pilotSQL(metric string) string {
	points := r.pilots[metric].points
	if len(points) == 0 {
		return "NULL::DOUBLE"
	}
	var b strings.Builder
	b.WriteString("CASE cell")
	for cell := range 2 * len(r.data.Strata) {
		if point, ok := points[cell]; ok {
			fmt.Fprintf(&b, " WHEN %d THEN %s", cell, number(point))
		}
	}
	b.WriteString(" END")
	return b.String()
}

// quantiles fetches, for quantile metrics, each arm's sample quantile and the
// limits of Woodruff's interval in each stratum.
func (r *reading) quantiles(ctx context.Context) error {
	for i := range r.data.Metrics {
		data := &r.data.Metrics[i]
		c, ok := quantileColumn(data.Metric)
		if !ok || data.Absent != "" {
			continue
		}
		if err := r.woodruff(ctx, data, c); err != nil {
			return err
		}
	}
	return nil
}

// woodruff fetches one metric's quantiles: of the rows that its moments count.
func (r *reading) woodruff(ctx context.Context, data *analyze.MetricData, c analyze.Column) error {
	source, counts := r.binned(c, "test_rows"), r.pilots[data.Metric.Name].counts
	if immature := data.Immature.Control+data.Immature.Treatment > 0; immature || r.crossed {
		from := "test_rows"
		if r.crossed {
			from = "(" + text("assigned_rows", nil) + ")"
		}
		source = r.binned(c, from, "unit IN (SELECT unit FROM units WHERE "+r.mature(data.Metric)+")")
		var err error
		if counts, err = r.histograms(ctx, source); err != nil {
			return err
		}
	}
	wanted, levels := map[int][]float64{}, map[int]analyze.QuantileLevel{}
	for _, l := range data.WoodruffLevels(r.data.Design) {
		cell := 2*l.Stratum + int(l.Arm)
		if counts[cell] != nil {
			levels[cell] = l
			wanted[cell] = []float64{data.Metric.Quantile, l.Lower, l.Upper}
		}
	}
	values, err := r.sampleQuantiles(ctx, source, counts, wanted)
	if err != nil {
		return err
	}
	for cell := range 2 * len(r.data.Strata) {
		if q, ok := values[cell]; ok {
			data.Quantiles = append(data.Quantiles, quantileCell(levels[cell], counts[cell].rows, q))
		}
	}
	return nil
}

// quantileCell is a cell with its quantile and, where both lie inside the data, its limits.
func quantileCell(l analyze.QuantileLevel, rows int64, q []float64) analyze.QuantileCell {
	out := analyze.QuantileCell{
		Stratum: l.Stratum, Arm: l.Arm, Rows: rows,
		Value: analyze.Number(q[0]), Lower: analyze.Unknown, Upper: analyze.Unknown,
	}
	if l.Lower > 0 && l.Upper < 1 {
		out.Lower, out.Upper = analyze.Number(q[1]), analyze.Number(q[2])
	}
	return out
}
