package main

import (
	"fmt"
	"strconv"
	"strings"

	"weir/internal/machine"
)

// A jobMemory is the flag that says what one job may have; 0: not said.
type jobMemory int64

// Least and most that a job gets where nobody says, in bytes.
const (
	leastJobMemory = 512 << 20
	mostJobMemory  = 4 << 30
)

// bytes is what one job may have.
func (m jobMemory) bytes() int64 {
	if m > 0 {
		return int64(m)
	}
	return max(leastJobMemory, min(machine.Memory()/2, mostJobMemory))
}

// String gives nothing where nothing is said.
func (m jobMemory) String() string {
	if m == 0 {
		return ""
	}
	return strconv.FormatInt(int64(m)>>20, 10) + "MiB"
}

// Type is what the help calls the value.
func (m jobMemory) Type() string { return "size" }

// Set reads a size in MiB or GiB.
func (m *jobMemory) Set(text string) error {
	number, shift := strings.TrimSuffix(text, "GiB"), 30
	if number == text {
		number, shift = strings.TrimSuffix(text, "MiB"), 20
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || number == text || n < 1 || n > 1<<20 || n<<shift < leastJobMemory {
		return fmt.Errorf("write a size such as 2GiB, 512MiB at the least")
	}
	*m = jobMemory(n << shift)
	return nil
}
