//go:build unix

package http1

import "golang.org/x/sys/unix"

// A look is how an unused connection is looked at.
type look struct {
	at  [1]unix.PollFd
	see func(fd uintptr)
	err error
}

// quiet tells whether an unused connection is still open and its server has
// said nothing on it: nothing that would be taken for the next answer.
func (c *conn) quiet() bool {
	if c.raw == nil {
		return true
	}
	l := &c.look
	if l.see == nil {
		l.see = func(fd uintptr) {
			l.at[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
			_, l.err = unix.Poll(l.at[:], 0)
		}
	}
	return c.raw.Control(l.see) == nil && (l.err == nil || l.err == unix.EINTR) && l.at[0].Revents == 0
}
