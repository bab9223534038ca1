package traffic

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// An outcome is a line of POST /v1/outcomes.
type outcome struct {
	SessionID  string    `json:"session_id"`
	Name       string    `json:"name"`
	Value      float64   `json:"value"`
	Source     string    `json:"source"`
	OccurredAt time.Time `json:"occurred_at"`
}

// A reporter reports outcomes when they have occurred.
type reporter struct {
	*run
	mu     sync.Mutex
	due    dueOutcomes
	closed bool
	err    error
}

func newReporter(r *run) *reporter { return &reporter{run: r} }

// add takes an outcome. One without a session cannot be told of anything.
func (r *reporter) add(o outcome) {
	if r.Control == "" || o.SessionID == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	heap.Push(&r.due, o)
}

// close ends the run once nothing is due any more.
func (r *reporter) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

const (
	reportEvery = 20 * time.Millisecond
	batchSize   = 500
)

func (r *reporter) loop(ctx context.Context) {
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for {
		batch, done := r.next()
		if len(batch) > 0 {
			if err := r.post(ctx, batch); err != nil && r.err == nil {
				r.err = err
			}
			continue
		}
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// next takes what is due by now, and tells whether nothing will follow.
func (r *reporter) next() (batch []outcome, done bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Clock.Now()
	for len(r.due) > 0 && len(batch) < batchSize && !r.due[0].OccurredAt.After(now) {
		batch = append(batch, heap.Pop(&r.due).(outcome))
	}
	return batch, r.closed && len(r.due) == 0
}

// post reports a batch; again where the control plane is away for a moment.
func (r *reporter) post(ctx context.Context, batch []outcome) error {
	body, err := json.Marshal(map[string]any{"outcomes": batch})
	if err != nil {
		return err
	}
	for attempt := range 20 {
		if err = r.postOnce(ctx, body); err == nil {
			r.summary.reported(len(batch))
			return nil
		}
		select {
		case <-time.After(time.Duration(attempt+1) * 25 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
	return err
}

func (r *reporter) postOnce(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Control+"/v1/outcomes", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+r.Token)
	response, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("traffic: outcomes were answered with %d: %s", response.StatusCode, said)
	}
	return err
}

// dueOutcomes is a heap by time.
type dueOutcomes []outcome

func (d dueOutcomes) Len() int           { return len(d) }
func (d dueOutcomes) Less(i, j int) bool { return d[i].OccurredAt.Before(d[j].OccurredAt) }
func (d dueOutcomes) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dueOutcomes) Push(v any)        { *d = append(*d, v.(outcome)) }
func (d *dueOutcomes) Pop() any {
	last := len(*d) - 1
	v := (*d)[last]
	*d = (*d)[:last]
	return v
}
