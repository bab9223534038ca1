package control

import (
	"strings"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"weir/trace"
)

// remembered is how many outcomes are remembered to tell doubled ones, and
// corrections.
const remembered = 100_000

// recent is the outcomes that came last: their ids, and the value that each
// subject and name came to.
type recent struct {
	mu     sync.Mutex
	ids    *lru.LRU[string, struct{}]
	values *lru.LRU[string, float64]
}

func newRecent() *recent {
	ids, err := lru.NewLRU[string, struct{}](remembered, nil)
	if err != nil {
		panic("control: " + err.Error())
	}
	values, err := lru.NewLRU[string, float64](remembered, nil)
	if err != nil {
		panic("control: " + err.Error())
	}
	return &recent{ids: ids, values: values}
}

// A seen says how an outcome stands to those before it.
type seen int

const (
	unseen    seen = iota
	doubled        // its id came before
	corrected      // its subject and name had another value
)

func (r *recent) see(o trace.Outcome) seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.ids.Get(o.OutcomeID); ok {
		return doubled
	}
	r.ids.Add(o.OutcomeID, struct{}{})
	subject := strings.Join([]string{o.TraceID, o.SessionID, o.UserID, o.Name}, "\x00")
	before, ok := r.values.Get(subject)
	r.values.Add(subject, o.Value)
	if ok && before != o.Value {
		return corrected
	}
	return unseen
}

// forget lets an outcome that could not be kept come again.
func (r *recent) forget(o trace.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids.Remove(o.OutcomeID)
}
