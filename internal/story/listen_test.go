package story

import (
	"net"
	"testing"
	"time"
)

// listen listens at an address, which may be one that was closed a moment ago.
func listen(t *testing.T, address string) (net.Listener, string) {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", address)
		if err == nil {
			return l, l.Addr().String()
		}
		if pause(t, 5*time.Millisecond) {
			break
		}
	}
	panic("nobody can listen at " + address)
}

// pause waits, and tells whether the test has ended.
func pause(t *testing.T, d time.Duration) bool {
	select {
	case <-t.Context().Done():
		return true
	case <-time.After(d):
		return false
	}
}
