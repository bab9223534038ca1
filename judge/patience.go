package judge

import "time"

// Patience bounds what is done about calls that fail. The zero value of a field
// is its default.
type Patience struct {
	Attempts int           // at one request, the first included; default 6
	Timeout  time.Duration // of one attempt; default 2 minutes
	Base     time.Duration // of the wait after a failure, doubled each time; default 1 second
	Most     time.Duration // of a wait; default 1 minute. A service that asks for more is asked again later
	Repairs  int           // times that a reply which cannot be read is sent back; default 2
}

// The defaults of Patience.
const (
	DefaultAttempts = 6
	DefaultTimeout  = 2 * time.Minute
	DefaultBase     = time.Second
	DefaultMost     = time.Minute
	DefaultRepairs  = 2
)

func (p Patience) withDefaults() Patience {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&p.Timeout, DefaultTimeout)
	set(&p.Base, DefaultBase)
	set(&p.Most, DefaultMost)
	if p.Attempts == 0 {
		p.Attempts = DefaultAttempts
	}
	if p.Repairs == 0 {
		p.Repairs = DefaultRepairs
	}
	return p
}

// wait is how long to wait after the n-th failure in a row, from 1: a random part
// of what doubles each time, and at least what the service asks for.
func (p Patience) wait(n int, asked time.Duration, draw func() float64) time.Duration {
	most := min(p.Base<<min(n-1, 20), p.Most)
	return max(time.Duration((.5+.5*draw())*float64(most)), asked)
}

// again reports whether another attempt may help against a fault.
func (f Fault) again() bool {
	switch f {
	case Busy, Unavailable, Slow, Garbled:
		return true
	}
	return false
}
