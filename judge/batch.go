package judge

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// chunk is how many dialogues are read at a time; twice as many are in memory.
const chunk = 256

// batch judges every item of a batch, in the batch's order. Items that met a
// service out of order are tried once more at the end.
func (r *Runner) batch(ctx context.Context, b Batch) (_ [][]said, answers []string, _ error) {
	out := make([][]said, len(b.Items))
	all := make([]int, len(b.Items))
	for i := range all {
		all[i] = i
	}
	answers, err := r.survey(ctx, b, all)
	if err != nil {
		return nil, nil, err
	}
	if err := r.some(ctx, b, all, out, true); err != nil {
		return nil, nil, err
	}
	open := slices.DeleteFunc(all, func(i int) bool { return !undecided(out[i]) })
	if err := r.some(ctx, b, open, out, false); err != nil {
		return nil, nil, err
	}
	failed := 0
	for _, i := range open {
		if undecided(out[i]) {
			failed++
		}
	}
	if failed > 2 && 2*failed > len(b.Items) {
		return nil, nil, fmt.Errorf("%w: %d of %d dialogues got no answer, after every attempt (%s)", ErrOutage, failed, len(b.Items), out[open[0]][0].score.Error)
	}
	return out, answers, nil
}

// undecided reports whether an item got no score for want of an answer.
func undecided(s []said) bool {
	return slices.ContainsFunc(s, func(s said) bool { return Fault(s.score.Error).again() })
}

// survey counts the answers of a whole batch before any of it is judged, and names
// them.
func (r *Runner) survey(ctx context.Context, b Batch, which []int) ([]string, error) {
	answers := make([]string, len(b.Items))
	if r.Mode != Pointwise {
		return answers, nil
	}
	return answers, r.read(ctx, b, which, func(w work) bool {
		answers[w.at] = r.seen[w.item.Arm].add(w.dialogues[0])
		return true
	})
}

// A work is an item with its texts.
type work struct {
	at        int // in the batch
	item      Item
	dialogues []Dialogue
}

// read hands the items of these numbers on with their texts, in order, until one is
// not taken.
func (r *Runner) read(ctx context.Context, b Batch, which []int, take func(work) bool) error {
	for part := range slices.Chunk(which, chunk) {
		items := make([]Item, len(part))
		for n, i := range part {
			items[n] = b.Items[i]
		}
		dialogues, err := r.Source.Dialogues(ctx, items)
		if err != nil {
			return err
		}
		for n, i := range part {
			if !take(work{i, items[n], dialogues[n]}) {
				return nil
			}
		}
	}
	return nil
}

// some judges the items of these numbers, as many at a time as may be. Texts are
// read ahead, so that nobody who could ask waits for them. Where one fails, no
// other begins, and those under way end: what they cost is not lost.
func (r *Runner) some(ctx context.Context, b Batch, which []int, out [][]said, first bool) error {
	queue, stop := make(chan work, chunk), make(chan struct{})
	var (
		wait   sync.WaitGroup
		mu     sync.Mutex
		failed error
	)
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if failed == nil {
			failed = err
			close(stop)
		}
	}
	wait.Go(func() {
		defer close(queue)
		err := r.read(ctx, b, which, func(w work) bool {
			select {
			case queue <- w:
				return true
			case <-stop:
				return false
			}
		})
		if err != nil {
			fail(err)
		}
	})
	stopped := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return failed != nil
	}
	for range min(r.Concurrency, len(which)) {
		wait.Go(func() {
			for w := range queue {
				if stopped() {
					return
				}
				s, err := r.item(ctx, w.item, w.dialogues)
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					fail(err)
					return
				}
				mu.Lock()
				out[w.at] = s
				if first {
					r.done++
				}
				r.tell()
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return failed
}
