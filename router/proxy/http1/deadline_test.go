package http1

import (
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// timed is a connection that notes the deadlines it is given.
type timed struct {
	net.Conn
	set []time.Time
}

func (c *timed) SetReadDeadline(at time.Time) error {
	c.set = append(c.set, at)
	return nil
}

// A deadline is set where the one that is set comes too late, and once that is
// over for nothing.
func TestDeadline(t *testing.T) {
	c, d, now := &timed{}, deadline{}, time.Now()
	expect := func(what string, want ...time.Time) {
		t.Helper()
		if len(c.set) != len(want) || len(want) == 1 && !c.set[0].Equal(want[0]) {
			t.Errorf("%s: set to %v, want %v", what, c.set, want)
		}
		c.set = nil
	}
	hour := now.Add(time.Hour)
	d.at(c, hour)
	expect("the first", hour)
	d.none()
	d.at(c, now.Add(2*time.Hour))
	expect("one that is later")
	if d.early(c, io.EOF) {
		t.Error("what is no deadline is early")
	}
	if !d.early(c, os.ErrDeadlineExceeded) {
		t.Error("one of two hours is over after one")
	}
	expect("found out to be early", now.Add(2*time.Hour))
	d.at(c, hour)
	expect("one that is earlier", hour)
	d.none()
	expect("none")
	if !d.early(c, os.ErrDeadlineExceeded) {
		t.Error("over, although there is none")
	}
	expect("taken away", time.Time{})
	d.at(c, now.Add(-time.Second))
	expect("after none", now.Add(-time.Second))
	if d.early(c, os.ErrDeadlineExceeded) {
		t.Error("one that is over is early")
	}
}
