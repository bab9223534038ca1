package calculator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"weir/analyze/cluster"
)

// list and table are numbers that are all there.
type (
	list  []float64
	table [][]float64
)

// width refuses rows that do not have n numbers each.
func (t table) width(n int) error {
	for i, row := range t {
		if len(row) != n {
			return fmt.Errorf("%w: row %d has %d numbers, not %d", ErrInput, i+1, len(row), n)
		}
	}
	return nil
}

// An arm is given by rows, one a unit, or by sums over units.
type arm struct {
	rows table
	sums map[string]float64
}

func (a *arm) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("[")) {
		return json.Unmarshal(b, &a.rows)
	}
	return json.Unmarshal(b, &a.sums)
}

// moments returns the moments of the named components. Rows give them in that
// order; sums under n, <name>_sum, <name>_sum_squares and
// <name>_<name>_sum_products, of which a lone component needs no name.
func (a arm) moments(names ...string) (cluster.Moments, error) {
	if a.sums == nil {
		if err := a.rows.width(len(names)); err != nil {
			return cluster.Moments{}, err
		}
		return cluster.MomentsOf(a.rows), nil
	}
	keys := sumKeys{given: a.sums}
	n := keys.take("n")
	sums := make([]float64, len(names))
	products := mat.NewSymDense(len(names), nil)
	for i, x := range names {
		sums[i] = keys.take(x+"_sum", "sum")
		products.SetSym(i, i, keys.take(x+"_sum_squares", "sum_squares"))
		for j, y := range names[:i] {
			products.SetSym(i, j, keys.take(
				y+"_"+x+"_sum_products", x+"_"+y+"_sum_products", y+x+"_sum_products", x+y+"_sum_products"))
		}
	}
	if err := keys.check(); err != nil {
		return cluster.Moments{}, err
	}
	return cluster.MomentsFromSums(n, sums, products), nil
}

// successes counts the ones among n outcomes of 0 and 1; false if there are
// others.
func (a arm) successes() (ones, n float64, ok bool) {
	if a.sums != nil {
		return a.sums["sum"], a.sums["n"], a.sums["sum"] == a.sums["sum_squares"]
	}
	for _, row := range a.rows {
		if row[0] != 0 && row[0] != 1 {
			return 0, 0, false
		}
		ones += row[0]
	}
	return ones, float64(len(a.rows)), true
}

// sumKeys takes numbers out of an object and knows which were missing or
// left.
type sumKeys struct {
	given   map[string]float64
	taken   []string
	missing []string
}

// take returns the number under the first of the names that is given.
func (k *sumKeys) take(names ...string) float64 {
	for _, name := range names {
		if x, ok := k.given[name]; ok && !slices.Contains(k.taken, name) {
			k.taken = append(k.taken, name)
			return x
		}
	}
	k.missing = append(k.missing, names[0])
	return 0
}

func (k *sumKeys) check() error {
	for name := range k.given {
		if !slices.Contains(k.taken, name) {
			return fmt.Errorf("%w: unknown sum %q", ErrInput, name)
		}
	}
	if len(k.missing) > 0 {
		return fmt.Errorf("%w: sum %q is missing", ErrInput, k.missing[0])
	}
	return nil
}

// arms are the input of the comparisons of two arms.
type arms struct {
	A     arm       `json:"a"`
	B     arm       `json:"b"`
	Alpha errorRate `json:"alpha"`
}

func (in arms) moments(names ...string) (a, b cluster.Moments, err error) {
	if a, err = in.A.moments(names...); err != nil {
		return a, b, fmt.Errorf("arm a: %w", err)
	}
	if b, err = in.B.moments(names...); err != nil {
		return a, b, fmt.Errorf("arm b: %w", err)
	}
	return a, b, nil
}
