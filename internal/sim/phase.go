package sim

// The arms, as indices.
const (
	control = iota
	treatment
)

var versions = [2]string{"v1", "v2"}

// A phase is a stretch of time in which share and behaviours are constant. A
// session belongs to the phase in which it begins.
type phase struct {
	hours int
	share float64 // of the candidate; under unit user half of the coverage
	arms  [2]behaviour
}

// ramp is one phase a step, with the same two versions throughout.
func ramp(v1, v2 behaviour, steps ...step) []phase {
	phases := make([]phase, len(steps))
	for i, s := range steps {
		phases[i] = phase{hours: s.hours, share: s.share, arms: [2]behaviour{v1, v2}}
	}
	return phases
}

// A step is a share and how long it holds.
type step struct {
	share float64
	hours int
}

const day = 24

// gently is the ramp of most scenarios: ten days.
func gently() []step { return []step{{0.05, day}, {0.20, day}, {0.50, 8 * day}} }

// epochs numbers the stretches of constant share from 1, one number a phase.
func epochs(phases []phase) []int64 {
	numbers := make([]int64, len(phases))
	epoch := int64(1)
	for i, p := range phases {
		if i > 0 && p.share != phases[i-1].share {
			epoch++
		}
		numbers[i] = epoch
	}
	return numbers
}

// hourly is the traffic of an hour of the day (UTC), relative to the others.
var hourly = [24]int{4, 3, 2, 2, 2, 3, 5, 8, 12, 15, 16, 16, 14, 15, 16, 16, 15, 14, 13, 12, 11, 9, 7, 5}

// daily is the traffic of a day, relative to the others; the first is the day
// on which the scenario starts, and every sixth and seventh are quiet.
var daily = [7]int{10, 10, 10, 10, 10, 7, 7}
