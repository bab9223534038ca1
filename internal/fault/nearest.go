package fault

import "strings"

// Nearest gives the option that a misspelt word most likely means, whatever
// its case: the one with the fewest edits, at most one in three characters,
// else the first that contains it.
func Nearest(word string, options []string) (string, bool) {
	best, found := "", false
	word = strings.ToLower(word)
	limit := max(1, len(word)/3)
	for _, option := range options {
		if n := edits(word, strings.ToLower(option)); n <= limit {
			best, found, limit = option, true, n-1
		}
	}
	for _, option := range options {
		if !found && len(word) > 2 && strings.Contains(strings.ToLower(option), word) {
			best, found = option, true
		}
	}
	return best, found
}

// edits counts the insertions, deletions, substitutions and swaps of
// neighbours that turn a into b (optimal string alignment distance).
func edits(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			substitution := row[j-1]
			if a[i-1] != b[j-1] {
				substitution++
			}
			next[j] = min(row[j]+1, next[j-1]+1, substitution)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
