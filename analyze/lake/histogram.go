package lake

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Quantiles are found in two cheap passes over their column. The first counts rows in bins
// of one percent of the value; the second fetches the few rows of the bins
// that the wanted order statistics lie in. Both are exact, and the same on
// every machine, whatever the number of threads.

// binSQL numbers the bin of a value: bins are a percent wide.
func binSQL(value string) string {
	return fmt.Sprintf("CASE WHEN %[1]s > 0 THEN floor(ln(%[1]s) * 100)::INTEGER ELSE %[2]d END", value, lowestBin)
}

// lowestBin holds zero: ln of the smallest double is -745.
const lowestBin = -100_000

// slack covers the rounding of logarithms at the edges of bins.
const slack = 1e-9

// edge is the lower end of a bin.
func edge(bin int) float64 {
	if bin <= lowestBin+1 {
		return 0
	}
	return math.Exp(float64(bin) / 100)
}

// A histogram counts one cell's rows by bin.
type histogram struct {
	bins   []int
	counts []int64
	rows   int64
}

// add takes in a bin; bins come in order.
func (h *histogram) add(bin int, n int64) {
	h.bins, h.counts, h.rows = append(h.bins, bin), append(h.counts, n), h.rows+n
}

// at gives the bin of the order statistic of a rank, from 0, and how many rows
// lie below that bin.
func (h *histogram) at(rank int64) (bin int, below int64) {
	for i, n := range h.counts {
		if rank < below+n {
			return h.bins[i], below
		}
		below += n
	}
	panic("lake: rank beyond the histogram")
}

// A rank is the pair of order statistics between which a quantile is interpolated
// (type 7 of Hyndman and Fan 1996).
type rank struct {
	low      int64
	fraction float64
}

func rankOf(p float64, rows int64) rank {
	at := min(max(p, 0), 1) * float64(rows-1)
	low := math.Floor(at)
	return rank{int64(low), at - low}
}

// binnedSource is what both passes read: a cell's number and a value.
type binnedSource struct {
	cell  string // SQL of an integer
	value string
	raw   string // the column that the value is copied from, if it is: files know its range
	from  string // table or subquery, with its conditions
}

// histograms counts every cell's rows by bin.
func (r *reading) histograms(ctx context.Context, s binnedSource) (map[int]*histogram, error) {
	rows, err := r.conn.QueryContext(ctx, fmt.Sprintf(
		"SELECT %s AS cell, %s AS bin, count(*) FROM %s GROUP BY cell, bin ORDER BY cell, bin", s.cell, binSQL(s.value), s.from))
	if err != nil {
		return nil, r.explain(err)
	}
	defer rows.Close()
	out := map[int]*histogram{}
	for rows.Next() {
		var cell, bin int
		var n int64
		if err := rows.Scan(&cell, &bin, &n); err != nil {
			return nil, r.explain(err)
		}
		if out[cell] == nil {
			out[cell] = &histogram{}
		}
		out[cell].add(bin, n)
	}
	return out, rows.Err()
}

// sampleQuantiles gives, for each cell, the sample quantiles of the wanted probabilities.
func (r *reading) sampleQuantiles(ctx context.Context, s binnedSource, counts map[int]*histogram, wanted map[int][]float64) (map[int][]float64, error) {
	values, err := r.orderStatistics(ctx, s, counts, wanted)
	if err != nil {
		return nil, err
	}
	out := map[int][]float64{}
	for cell, ps := range wanted {
		for _, p := range ps {
			k := rankOf(p, counts[cell].rows)
			low := values[statistic{cell, k.low}]
			q := low
			if k.fraction > 0 {
				q += k.fraction * (values[statistic{cell, k.low + 1}] - low)
			}
			out[cell] = append(out[cell], q)
		}
	}
	return out, nil
}

// A statistic is one cell's value of a rank.
type statistic struct {
	cell int
	rank int64
}

// orderStatistics fetches the values of all ranks that the wanted quantiles
// need, in one pass over the rows of their bins.
func (r *reading) orderStatistics(ctx context.Context, s binnedSource, counts map[int]*histogram, wanted map[int][]float64) (map[statistic]float64, error) {
	var bins, ranks []string
	least, most := math.MaxInt, math.MinInt
	for cell, ps := range wanted {
		h := counts[cell]
		seen := map[int]bool{}
		for _, p := range ps {
			low := rankOf(p, h.rows).low
			for _, at := range []int64{low, min(low+1, h.rows-1)} {
				bin, below := h.at(at)
				if !seen[bin] {
					seen[bin] = true
					least, most = min(least, bin), max(most, bin)
					bins = append(bins, fmt.Sprintf("(%d, %d, %d)", cell, bin, below))
				}
				ranks = append(ranks, fmt.Sprintf("(%d, %d)", cell, at))
			}
		}
	}
	if len(bins) == 0 {
		return nil, nil
	}
	slices.Sort(bins)
	slices.Sort(ranks)
	rows, err := r.conn.QueryContext(ctx, text("order_statistics", map[string]any{
		"Cell": s.cell, "Bin": binSQL(s.value), "Value": s.value, "Raw": s.raw, "From": s.from,
		"Least": number(edge(least) * (1 - slack)), "Most": number(edge(most+1) * (1 + slack)),
		"Bins": strings.Join(bins, ", "), "Ranks": strings.Join(slices.Compact(ranks), ", "),
	}))
	if err != nil {
		return nil, r.explain(err)
	}
	defer rows.Close()
	out := map[statistic]float64{}
	for rows.Next() {
		var at statistic
		var value float64
		if err := rows.Scan(&at.cell, &at.rank, &value); err != nil {
			return nil, r.explain(err)
		}
		out[at] = value
	}
	return out, rows.Err()
}
