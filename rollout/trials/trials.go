// Package trials runs what is drawn by chance many times over, and says what share of
// it came out how.
package trials

import (
	"context"
	"math"
	"runtime"
	"sync"
)

// Run does trials 0 to n-1, as many at a time as there are processors, and gives
// their results in order: they do not depend on how many run at once where each has
// its own stream of chance. done, where it is not nil, is told after each how many are
// through, one call at a time. Where the context ends first its error is returned.
func Run[R any](ctx context.Context, n int, one func(i int) R, done func(int)) ([]R, error) {
	results := make([]R, n)
	var workers sync.WaitGroup
	jobs, through := make(chan int), make(chan struct{})
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range jobs {
				results[i] = one(i)
				through <- struct{}{}
			}
		})
	}
	go func() {
		defer close(jobs)
		for i := range n {
			select {
			case jobs <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	go func() { workers.Wait(); close(through) }()
	ended := 0
	for range through {
		if ended++; done != nil {
			done(ended)
		}
	}
	return results, ctx.Err()
}

// Share is k of n as a part, and the error that so few leave, sqrt(p(1-p)/n); NaN of
// none. Where all did, or nobody, p is (k+2)/(n+4) in the error (Agresti, Coull 1998): that
// it never came in so few does not say that it never would.
func Share(k, n int) (value, stdErr float64) {
	value = float64(k) / float64(n)
	p := value
	if n > 0 && (k == 0 || k == n) {
		p = float64(k+2) / float64(n+4)
	}
	return value, math.Sqrt(p * (1 - p) / float64(n))
}
