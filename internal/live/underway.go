package live

import (
	"context"
	"net/http"
	"sync"
)

// underway counts the requests that a server answers, until they are over and
// recorded: also those of upgraded connections, which net/http does not wait for.
type underway struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed once there are none; nil: nobody waits
}

// counting has a handler counted.
func (u *underway) counting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.add(1)
		defer u.add(-1)
		h.ServeHTTP(w, r)
	})
}

func (u *underway) add(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n += n; u.n == 0 && u.none != nil {
		close(u.none)
		u.none = nil
	}
}

// wait waits until there are none, or ctx is done, and tells which.
func (u *underway) wait(ctx context.Context) (none bool) {
	u.mu.Lock()
	if u.n == 0 {
		u.mu.Unlock()
		return true
	}
	if u.none == nil {
		u.none = make(chan struct{})
	}
	over := u.none
	u.mu.Unlock()
	select {
	case <-over:
		return true
	case <-ctx.Done():
		return false
	}
}
