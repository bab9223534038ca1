package fault

import (
	"fmt"
	"io"
	"strings"
)

// Say writes what is wrong behind the program's name, each line of it: faults are told
// one a line, and each is whole by itself.
func Say(w io.Writer, program, message string) {
	for line := range strings.SplitSeq(strings.TrimRight(message, "\n"), "\n") {
		fmt.Fprintf(w, "%s: %s\n", program, line)
	}
}
