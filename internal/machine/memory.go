package machine

import (
	"bufio"
	"bytes"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// Memory is how many bytes of memory this process could have: the machine's, or
// its control group's where that is less; 0 where neither is known.
func Memory() int64 {
	least := int64(math.MaxInt64)
	if raw, err := os.ReadFile("/proc/meminfo"); err == nil {
		for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
			if kb, ok := strings.CutPrefix(lines.Text(), "MemTotal:"); ok {
				if n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(kb, "kB")), 10, 64); err == nil {
					least = n << 10
				}
			}
		}
	}
	for _, limit := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		raw, err := os.ReadFile(limit)
		if n, perr := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64); err == nil && perr == nil && n > 0 {
			least = min(least, n)
		}
	}
	if least == math.MaxInt64 {
		return 0
	}
	return least
}

// Allowed is what this process may have, by the machine or by GOMEMLIMIT,
// whichever is less; 0 where nothing is known.
func Allowed() int64 {
	limit := debug.SetMemoryLimit(-1)
	if m := Memory(); m > 0 {
		return min(m, limit)
	}
	if limit == math.MaxInt64 {
		return 0
	}
	return limit
}
