package app

import (
	"fmt"
	"os"
	"strconv"

	"weir/analyze/lake"
)

// What queries may use where no flag says it, by the environment: whoever starts a
// process beside live traffic bounds it so, whatever the command. GOMEMLIMIT holds
// Go's own heap and knows nothing of DuckDB's.
const (
	MemoryEnv  = "WEIR_QUERY_MEMORY_MB"
	ThreadsEnv = "WEIR_QUERY_THREADS"
)

// Bounded fills in what the options leave open.
func Bounded(o lake.Options) (lake.Options, error) {
	for name, value := range map[string]*int{MemoryEnv: &o.MemoryMB, ThreadsEnv: &o.Threads} {
		text := os.Getenv(name)
		if *value != 0 || text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return o, fmt.Errorf("%s is %q: write a whole number above 0, or unset it", name, text)
		}
		*value = n
	}
	return o, nil
}
