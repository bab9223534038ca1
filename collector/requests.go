package collector

import "sync"

// requests are those that have a start in the log and are not known to have an
// end there. Their order with the appends is what makes a start that is carried
// into a later segment never come after its own end.
type requests struct {
	mu   sync.Mutex
	most int
	open map[string]phase // by trace id
}

type phase uint8

const (
	gone   phase = iota // an end is in the log, or will never be
	begun               // a start is in the log, or about to be
	ending              // an end is about to be
)

// begin remembers a request; not ok where there are too many.
func (r *requests) begin(id string) (ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.open) >= r.most {
		return false
	}
	if r.open == nil {
		r.open = map[string]phase{}
	}
	r.open[id] = begun
	return true
}

// end says that an end is about to be written, and whether the start was.
func (r *requests) end(id string) (known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[id] == gone {
		return false
	}
	r.open[id] = ending
	return true
}

func (r *requests) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, id)
}

// carry calls write, where the request is still open, before its end can be
// written. It returns the request's phase.
func (r *requests) carry(id string, write func() error) (phase, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.open[id]
	if p != begun {
		return p, nil
	}
	return p, write()
}

func (r *requests) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open)
}
