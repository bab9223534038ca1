package protocol

import (
	"slices"
	"sync/atomic"
	"unicode/utf8"
)

// A Pool is memory that many bodies share. It is safe for concurrent use; nil
// is without bound.
type Pool struct{ left atomic.Int64 }

// NewPool returns a pool of so many bytes.
func NewPool(bytes int64) *Pool {
	p := new(Pool)
	p.left.Store(bytes)
	return p
}

// take gives up to n bytes, and returns how many.
func (p *Pool) take(n int) int {
	if p == nil {
		return n
	}
	for {
		left := p.left.Load()
		n = min(n, int(max(left, 0)))
		if n == 0 || p.left.CompareAndSwap(left, left-int64(n)) {
			return n
		}
	}
}

func (p *Pool) give(n int) {
	if p != nil {
		p.left.Add(int64(n))
	}
}

// A Room is how much of one body may be kept: up to its own bound, and while
// the pool has memory left. A nil room keeps nothing, and is never short.
type Room struct {
	pool  *Pool
	left  int
	taken int
	short bool
}

// NewRoom returns a room of at most so many bytes, out of a pool.
func NewRoom(bytes int, pool *Pool) *Room { return new(Room).Of(bytes, pool) }

// Of makes r, whose memory is somebody's, what NewRoom returns.
func (r *Room) Of(bytes int, pool *Pool) *Room {
	*r = Room{pool: pool, left: bytes}
	return r
}

// Take reserves up to n bytes and returns how many; fewer make the room short.
func (r *Room) Take(n int) int {
	if r == nil {
		return 0
	}
	got := r.pool.take(min(n, r.left))
	r.left -= got
	r.taken += got
	if got < n {
		r.short = true
	}
	return got
}

// Text gives as much of a text as may be kept, whole characters.
func (r *Room) Text(s string) string {
	n := r.Take(len(s))
	for n < len(s) && n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Append appends to into as much of more as may be kept.
func (r *Room) Append(into, more []byte) []byte {
	n := r.Take(len(more))
	if len(into) > 0 && len(into)+n > cap(into) {
		into = slices.Grow(into, max(n, cap(into))) // bodies come in pieces and may be long
	}
	return append(into, more[:n]...)
}

// AppendText is Append for a text.
func (r *Room) AppendText(into []byte, more string) []byte {
	return append(into, more[:r.Take(len(more))]...)
}

// Short tells that something was not kept.
func (r *Room) Short() bool { return r != nil && r.short }

// Release gives everything back to the pool, once nothing is held any more.
// What was kept must not be added to afterwards.
func (r *Room) Release() {
	if r == nil {
		return
	}
	r.pool.give(r.taken)
	r.taken, r.left = 0, 0
}
