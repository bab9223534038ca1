package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
)

// A source draws the random values of one block.
type source struct{ stream *rand.ChaCha8 }

// newSource returns the source of the block that begins with that session.
// Its seed is a hash, so that neighbouring blocks share nothing.
func newSource(tag string, first int) source {
	return source{stream: rand.NewChaCha8(sha256.Sum256(fmt.Appendf(nil, "%s/%d", tag, first)))}
}

// uniform draws from (0, 1), ends excluded.
func (s source) uniform() float64 { return openUnit(s.stream.Uint64()) }

// openUnit maps 52 bits of x to (0, 1), ends excluded, exactly.
func openUnit(x uint64) float64 { return mul(float64(x>>12)+0.5, 0x1p-52) }

// below draws from 0 to n-1.
func (s source) below(n int) int { return int(mul(s.uniform(), float64(n))) }

// chance is true with probability p.
func (s source) chance(p float64) bool { return p > 0 && s.uniform() < p }

// normal draws from the standard normal law.
func (s source) normal() float64 { return quantile(s.uniform()) }

// exponential draws from the exponential law of that mean, cut at limit.
func (s source) exponential(mean, limit float64) float64 {
	return min(mul(mean, -log(s.uniform())), limit)
}

// whole rounds x >= 0 up or down at random so that its expectation is x.
func (s source) whole(x float64) int64 { return int64(math.Floor(x + s.uniform())) }

// correlated joins two independent standard normal values into one whose
// correlation with x is rho.
func correlated(rho, x, y float64) float64 {
	return mul(rho, x) + mul(math.Sqrt(1-mul(rho, rho)), y)
}

// mix is one draw that belongs to (tag, n): the same for all sessions of a
// user, in whatever block they are.
func mix(tag, n uint64) uint64 {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], tag)
	binary.BigEndian.PutUint64(b[8:], n)
	sum := sha256.Sum256(b[:])
	return binary.BigEndian.Uint64(sum[:8])
}
