package sim

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
)

// maxSize keeps session numbers within the digits that ids have for them, on
// every machine.
const maxSize Size = math.MaxInt32

// Run makes the scenario's traffic from seed and hands it to the sink, in the
// order of blocks; size 0 is the scenario's own. After each block progress, if
// it is not nil, is told how many exchanges have been delivered. The same
// scenario, seed and size give the same rows in the same order.
//
// Run returns the sink's error, the context's, or nil. Blocks are made by
// GOMAXPROCS goroutines, all of which have ended when Run returns; at most a
// few blocks a goroutine wait for delivery.
func Run(ctx context.Context, s Scenario, seed uint64, size Size, sink Sink, progress func(rows int64)) error {
	if size < 0 || size > maxSize {
		return fmt.Errorf("size %d of scenario %s: allowed are 0 (its own, %d) to %d sessions", size, s.Name, s.Sessions, maxSize)
	}
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()

	var rows int64
	for made := range newGenerator(s, seed, size).start(ctx, &workers) {
		var b *block
		select {
		case b = <-made:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := b.deliver(sink); err != nil {
			return err
		}
		rows += int64(len(b.rows))
		if progress != nil {
			progress(rows)
		}
	}
	return ctx.Err()
}

// A job is a span and where its block is to be left.
type job struct {
	span
	made chan *block
}

// start begins to make blocks and returns the places where they will be found,
// in order; the channel closes after the last or when ctx is done.
func (g *generator) start(ctx context.Context, workers *sync.WaitGroup) <-chan chan *block {
	n := runtime.GOMAXPROCS(0)
	jobs, order := make(chan job), make(chan chan *block, 2*n)
	for range n {
		workers.Go(func() {
			for j := range jobs {
				j.made <- g.block(j.span)
			}
		})
	}
	workers.Go(func() {
		defer close(order)
		defer close(jobs)
		for sp := range g.spans() {
			j := job{span: sp, made: make(chan *block, 1)}
			select {
			case order <- j.made:
			case <-ctx.Done():
				return
			}
			select {
			case jobs <- j:
			case <-ctx.Done():
				return
			}
		}
	})
	return order
}
