package main

import "github.com/spf13/pflag"

// A querying is what queries of a lake may use; 0 is the default.
type querying struct{ memoryMB, threads int }

func (q *querying) add(flags *pflag.FlagSet) {
	flags.IntVar(&q.memoryMB, "memory-mb", 0, "memory for queries (default 2400)")
	flags.IntVar(&q.threads, "threads", 0, "threads for queries (default: all cores)")
}

func (q querying) check() error {
	if q.memoryMB < 0 || q.threads < 0 {
		return usage("--memory-mb %d, --threads %d: neither can be negative; 0 is the default", q.memoryMB, q.threads)
	}
	return nil
}
