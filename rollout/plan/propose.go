package plan

import (
	"math"
	"time"
)

// Propose gives the steps of a ramp for so much traffic: early ones as small as they can be and
// still get their treated units, mature after a day, within three; then one half, which waits for proof.
func Propose(unitsPerDay float64) []Step {
	const dayLong = 24 * time.Hour
	var out []Step
	for _, s := range []Step{{.01, dayLong, 100}, {.05, dayLong, 100}, {.2, dayLong, 400}} {
		perDay := s.Share * unitsPerDay
		s.Units = int(math.Max(leastStep, math.Min(float64(s.Units), perDay)))
		if perDay <= 0 || float64(s.Units)/perDay+1 > slowStep || s.Share < .05 && unitsPerDay < muchTraffic {
			continue
		}
		out = append(out, s)
	}
	return append(out, Step{.5, 0, int(math.Max(leastStep, math.Min(1000, unitsPerDay/2)))})
}

const (
	leastStep   = 20     // treated units from which on harm is tested
	muchTraffic = 10_000 // units a day from which on a step of 1 % is worth its time
)
