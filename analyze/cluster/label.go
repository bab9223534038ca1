package cluster

// number replaces labels of n rows by 0, 1, ... in order of first appearance
// and counts them.
func number[L comparable](labels []L, n int) (numbers []int, count int) {
	if len(labels) != n {
		panic("cluster: rows and their clusters differ in number")
	}
	numbers = make([]int, n)
	seen := map[L]int{}
	for i, label := range labels {
		k, ok := seen[label]
		if !ok {
			k = len(seen)
			seen[label] = k
		}
		numbers[i] = k
	}
	return numbers, len(seen)
}

// table returns rows of zeros.
func table(rows, columns int) [][]float64 {
	t := make([][]float64, rows)
	for i := range t {
		t[i] = make([]float64, columns)
	}
	return t
}
