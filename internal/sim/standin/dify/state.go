package dify

import (
	"context"
	"sync"
	"time"

	"weir/internal/sim/standin"
)

// maxKept bounds each kind of thing that is remembered; past it the oldest is
// forgotten.
const maxKept = 50_000

// An owner is whom things belong to: an end user of an application.
type owner struct{ key, user string }

type conversation struct {
	id, name string
	owner    owner
	created  time.Time
	updated  time.Time
	messages []*message
}

type message struct {
	id, conversation, query, answer string
	owner                           owner
	created                         time.Time
	rating, comment                 string // like or dislike; empty: none
	passages                        []standin.Passage
}

// A task is an answer under way.
type task struct {
	owner owner
	stop  context.CancelFunc
}

// A run is a workflow that ran, or waits.
type run struct {
	id, workflow, status, answer string
	owner                        owner
	rest                         []standin.Frame // of one that waits for a person
}

// state is what the installation remembers.
type state struct {
	mu            sync.Mutex
	conversations *kept[*conversation]
	messages      *kept[*message]
	runs          *kept[*run]
	files         *kept[owner]
	tasks         map[string]task
}

func newState() state {
	return state{
		conversations: newKept[*conversation](), messages: newKept[*message](),
		runs: newKept[*run](), files: newKept[owner](), tasks: map[string]task{},
	}
}

// kept is a bounded map that forgets the oldest.
type kept[T any] struct {
	of    map[string]T
	order []string
}

func newKept[T any]() *kept[T] { return &kept[T]{of: map[string]T{}} }

func (k *kept[T]) put(id string, v T) {
	if _, known := k.of[id]; !known {
		k.order = append(k.order, id)
	}
	k.of[id] = v
	for len(k.of) > maxKept {
		delete(k.of, k.order[0])
		k.order = k.order[1:]
	}
}

// conversation finds one of its owner's.
func (s *state) conversation(id string, of owner) (*conversation, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.conversations.of[id]
	return c, ok && c.owner == of
}

// converse adds a message, and its conversation where that is new.
func (s *state) converse(m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages.put(m.id, m)
	if m.conversation == "" {
		return
	}
	c, ok := s.conversations.of[m.conversation]
	if !ok {
		c = &conversation{id: m.conversation, name: "New conversation", owner: m.owner, created: m.created}
		s.conversations.put(c.id, c)
	}
	c.updated = m.created
	c.messages = append(c.messages, m)
}

// begin notes a task, and returns the context that ends with it and what forgets it.
func (s *state) begin(ctx context.Context, id string, of owner) (context.Context, func()) {
	ctx, stop := context.WithCancel(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tasks[id] = task{of, stop}
	return ctx, func() {
		s.mu.Lock()
		delete(s.tasks, id)
		s.mu.Unlock()
		stop()
	}
}

// stop ends a task of its owner's; of another's, nothing happens.
func (s *state) stop(id string, of owner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.tasks[id]; ok && t.owner == of {
		t.stop()
	}
}
