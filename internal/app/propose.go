package app

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"weir/rollout/plan"
	"weir/rollout/spec"
)

var (
	exampleSteps   = regexp.MustCompile(`(?m)(^    - \{to: [^\n]*\n)+`)
	exampleTraffic = regexp.MustCompile(`(?m)^  sessions_per_day: 2000 .*$`)
)

// Example is the annotated spec to begin with, its steps and its traffic for so many
// sessions a day; 0 leaves both as they are.
func Example(sessionsPerDay float64) []byte {
	text := spec.Example()
	if sessionsPerDay == 0 {
		return text
	}
	var steps strings.Builder
	for _, s := range plan.Propose(sessionsPerDay) {
		fmt.Fprintf(&steps, "    - {to: %s%%, ", strconv.FormatFloat(100*s.Share, 'g', -1, 64))
		if s.Hold > 0 {
			fmt.Fprintf(&steps, "hold: %gh, ", s.Hold.Hours())
		}
		fmt.Fprintf(&steps, "units: %d}\n", s.Units)
	}
	text = exampleSteps.ReplaceAll(text, []byte(steps.String()))
	traffic := "  sessions_per_day: " + strconv.FormatFloat(sessionsPerDay, 'f', -1, 64)
	if bytes.Equal(exampleTraffic.ReplaceAll(text, nil), text) || steps.Len() == 0 {
		panic("app: the example spec has no steps or no traffic to replace")
	}
	return exampleTraffic.ReplaceAll(text, []byte(traffic))
}
