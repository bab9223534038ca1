package http1

import (
	"errors"
	"net"
	"os"
	"time"
)

// A deadline bounds reading from a connection. It is set on the connection only
// where the one that is set there would come too late: one that comes too early
// is found out when it is over, and set anew. So a connection that is used again
// and again is seldom touched for it.
//
// The caller serialises its methods, but for over.
type deadline struct {
	due time.Time // zero: there is none
	set time.Time // on the connection; zero: none
}

// at sets the deadline.
func (d *deadline) at(c net.Conn, due time.Time) {
	d.due = due
	if d.set.IsZero() || d.set.After(due) {
		d.renew(c)
	}
}

// none takes the deadline away.
func (d *deadline) none() { d.due = time.Time{} }

// early tells whether a read that failed did so because of a deadline that is
// not this one any more. Then it may be read again.
func (d *deadline) early(c net.Conn, err error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) || !d.due.IsZero() && !d.due.After(time.Now()) {
		return false
	}
	d.renew(c)
	return true
}

func (d *deadline) renew(c net.Conn) {
	if c.SetReadDeadline(d.due) == nil {
		d.set = d.due
	}
}
