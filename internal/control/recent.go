package control

import (
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"weir/trace"
)

// remembered is how many outcomes are remembered to tell doubled ones, and
// corrections.
const remembered = 100_000

// recent is the outcomes that came last: their ids, and what was said last of
// each subject and name.
type recent struct {
	mu   sync.Mutex
	ids  *lru.LRU[string, struct{}]
	last *lru.LRU[string, said]
}

type said struct {
	id      string
	value   float64
	at      time.Time
	undated bool
}

func newRecent() *recent {
	ids, err := lru.NewLRU[string, struct{}](remembered, nil)
	if err != nil {
		panic("control: " + err.Error())
	}
	last, err := lru.NewLRU[string, said](remembered, nil)
	if err != nil {
		panic("control: " + err.Error())
	}
	return &recent{ids: ids, last: last}
}

// A seen says how an outcome stands to those before it.
type seen int

const (
	unseen    seen = iota
	doubled        // its id came before, or it says what was said last
	corrected      // its subject and name had another value
)

// see says how an outcome stands to those before it, and remembers it. Of one that
// is undated, with neither an id nor a time of its own, its order of arrival is
// its time: it occurred after the undated one before it, and where another value
// came last it is a new one, and gets an id of its own. undo lets one that could
// not be kept come again.
func (r *recent) see(o *trace.Outcome, undated bool) (s seen, undo func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	subject := strings.Join([]string{o.TraceID, o.SessionID, o.UserID, o.Name}, "\x00")
	last, known := r.last.Get(subject)
	if next := last.at.Add(time.Microsecond); undated && last.undated && o.OccurredAt.Before(next) {
		o.OccurredAt = next
	}
	if _, ok := r.ids.Get(o.OutcomeID); ok {
		if !undated || !known || last.value == o.Value {
			return doubled, nil
		}
		o.OutcomeID = derivedID(*o, true)
	}
	r.ids.Add(o.OutcomeID, struct{}{})
	now := said{o.OutcomeID, o.Value, o.OccurredAt, undated}
	r.last.Add(subject, now)
	if known && last.value != o.Value {
		s = corrected
	}
	return s, func() { r.unsee(subject, now, last, known) }
}

// unsee takes back what was said of a subject and name, for what was said before.
func (r *recent) unsee(subject string, now, before said, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids.Remove(now.id)
	switch last, _ := r.last.Peek(subject); {
	case last != now: // more was said meanwhile
	case known:
		r.last.Add(subject, before)
	default:
		r.last.Remove(subject)
	}
}
