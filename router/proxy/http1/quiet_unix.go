//go:build unix

package http1

import "golang.org/x/sys/unix"

// quiet tells whether an unused connection is still open and its server has
// said nothing on it: nothing that would be taken for the next answer.
func (c *conn) quiet() bool {
	if c.raw == nil {
		return true
	}
	if c.look == nil {
		c.look = func(fd uintptr) {
			var b [1]byte
			_, _, c.looked = unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		}
	}
	return c.raw.Control(c.look) == nil && (c.looked == unix.EAGAIN || c.looked == unix.EINTR)
}
