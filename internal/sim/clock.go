package sim

import (
	"sort"
	"time"
)

// Lengths of time in microseconds, the unit of all moments.
const (
	second     = 1e6
	hourMicros = int64(3600 * second)
)

// A clock knows, hour by hour of the window, the phase, the epoch and how much
// traffic begins. Times are microseconds since 1970.
type clock struct {
	start   int64
	phaseAt []int
	epochAt []int64
	before  []int64 // traffic before each hour, relative; one entry more than hours
}

func newClock(start time.Time, phases []phase) clock {
	c := clock{start: start.UnixMicro(), before: []int64{0}}
	numbers := epochs(phases)
	for i, p := range phases {
		for range p.hours {
			hour := len(c.phaseAt)
			weight := hourly[(start.UTC().Hour()+hour)%24] * daily[hour/24%7]
			c.before = append(c.before, c.before[hour]+int64(weight))
			c.phaseAt = append(c.phaseAt, i)
			c.epochAt = append(c.epochAt, numbers[i])
		}
	}
	return c
}

func (c clock) hours() int   { return len(c.phaseAt) }
func (c clock) total() int64 { return c.before[c.hours()] }

// hourStart is the beginning of an hour of the window.
func (c clock) hourStart(hour int) int64 { return c.start + int64(hour)*hourMicros }

// firstOf is the number of the first of n sessions that begins in or after hour.
func (c clock) firstOf(hour, n int) int {
	return int(int64(n) * c.before[hour] / c.total())
}

// traffic is the share of all sessions that begins in a phase.
func (c clock) traffic(phase int) float64 {
	var sum int64
	for hour, p := range c.phaseAt {
		if p == phase {
			sum += c.before[hour+1] - c.before[hour]
		}
	}
	return float64(sum) / float64(c.total())
}

// hourOf is the hour of the window that holds a moment; later ones belong to
// the last hour, so that a late request finds the allocation that came last.
func (c clock) hourOf(at int64) int {
	return min(int((at-c.start)/hourMicros), c.hours()-1)
}

// pick is the moment that lies at the fraction u of all traffic.
func (c clock) pick(u float64) int64 {
	target := mul(u, float64(c.total()))
	hour := sort.Search(c.hours()-1, func(h int) bool { return float64(c.before[h+1]) > target })
	begun := (target - float64(c.before[hour])) / float64(c.before[hour+1]-c.before[hour])
	return c.hourStart(hour) + int64(mul(begun, float64(hourMicros)))
}
