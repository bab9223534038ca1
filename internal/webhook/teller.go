package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"weir/internal/clock"
	"weir/internal/control/ledger"
	"weir/rollout/spec"
)

// A Feed is what happens to a release.
type Feed interface {
	// Release is the one in force.
	Release() *spec.Release
	// Last is the number of the last change; 0: there is none.
	Last() int64
	// Changes are all changes, the first first; number n stands at n-1.
	Changes() ([]ledger.Entry, error)
	// Look is the latest. It is cheap, or remembers.
	Look(ctx context.Context) Look
}

// Options are what a Teller works with. Feed and Path are needed.
type Options struct {
	Feed Feed
	Path string           // file of the positions
	Now  func() time.Time // nil: time.Now
	// Wait waits until a time comes, and reports false where the context ended
	// first; nil: by the machine's clock.
	Wait   func(ctx context.Context, until time.Time) bool
	Client *http.Client // nil: NewClient
	Log    *slog.Logger // nil: nothing is written
}

// The pace.
const (
	// lookEvery is how often the ledger is looked at for news.
	lookEvery = 2 * time.Second
	// firstPause is between the first call and the second; each later pause is twice
	// as long, up to lastPause, and up to a fifth shorter or longer.
	firstPause = 5 * time.Second
	lastPause  = time.Hour
	// giveUp is how long an event is sent again.
	giveUp = 72 * time.Hour
	// maxBacklog is how many changes a receiver may lag behind; older ones are passed over.
	maxBacklog = 1000
)

// A Teller tells receivers what happens. Its methods may be called from several
// goroutines.
type Teller struct {
	o Options

	mu        sync.Mutex
	receivers []Receiver
	positions map[string]*position
	renew     chan struct{} // closed when the receivers change
}

// New reads the positions. Receivers that it has none of are told what happens from
// now on.
func New(o Options) (*Teller, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = clock.Wait
	}
	if o.Client == nil {
		o.Client = NewClient()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	positions, err := load(o.Path)
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w; move it away to begin with what happens from now on", err)
	}
	return &Teller{o: o, positions: positions, renew: make(chan struct{})}, nil
}

// Set replaces the receivers. One that stays goes on where it was; one that said that
// it wants no more is asked again; a new one is told what came after a change: the last
// before the specification that names it, whose own release may have begun with it.
func (t *Teller) Set(receivers []Receiver, after int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := map[string]*position{}
	for _, x := range receivers {
		p := t.positions[x.id]
		if p == nil {
			l := t.o.Feed.Look(context.Background())
			p = &position{Seq: after, Told: l.knowing(told{})}
		}
		p.Gone = false
		kept[x.id] = p
	}
	t.receivers, t.positions = receivers, kept
	t.save()
	close(t.renew)
	t.renew = make(chan struct{})
}

// save keeps the positions. Where it cannot, events may be told again after a restart.
func (t *Teller) save() {
	if len(t.positions) == 0 {
		return
	}
	if err := save(t.o.Path, t.positions); err != nil {
		t.o.Log.Warn("how far webhooks were told cannot be kept: after a restart they are told again", "error", err)
	}
}

// Run tells until the context is done.
func (t *Teller) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		t.mu.Lock()
		receivers, renew := t.receivers, t.renew
		t.mu.Unlock()
		telling, stop := context.WithCancel(ctx)
		var group sync.WaitGroup
		for _, x := range receivers {
			group.Go(func() { t.tell(telling, x) })
		}
		group.Go(func() { t.watch(telling) })
		select {
		case <-ctx.Done():
		case <-renew:
		}
		stop()
		group.Wait()
	}
	return nil
}

// watch keeps what looks come to for the receivers that are behind: the next look takes
// the place of this one.
func (t *Teller) watch(ctx context.Context) {
	for {
		look := t.o.Feed.Look(ctx)
		t.mu.Lock()
		news := false
		for _, x := range t.receivers {
			if p := t.positions[x.id]; p.Pending != nil && ctx.Err() == nil {
				news = t.hear(x, p, look) || news
			}
		}
		if news {
			t.save()
		}
		t.mu.Unlock()
		if !t.o.Wait(ctx, t.o.Now().Add(lookEvery)) {
			return
		}
	}
}

// tell tells one receiver, until the context is done.
func (t *Teller) tell(ctx context.Context, x Receiver) {
	for {
		e, until := t.due(ctx, x)
		if e == nil || until.After(t.o.Now()) {
			if !t.o.Wait(ctx, until) {
				return
			}
			continue
		}
		a := Call(ctx, t.o.Client, x, e, t.o.Now())
		if ctx.Err() != nil {
			return // it is sent again
		}
		t.note(x, e, a)
		if a.Gone {
			<-ctx.Done()
			return
		}
	}
}

// due is what a receiver is to be told next, and when; nothing: when to look again.
func (t *Teller) due(ctx context.Context, x Receiver) (*Event, time.Time) {
	look := t.o.Feed.Look(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.positions[x.id]
	if p == nil || ctx.Err() != nil {
		return nil, t.o.Now().Add(lookEvery)
	}
	if p.Pending == nil {
		if moved := t.change(x, p); p.Pending == nil {
			if t.hear(x, p, look) || moved {
				t.save()
			}
		}
		if p.Pending == nil {
			return nil, t.o.Now().Add(lookEvery)
		}
		p.Since, p.NextAt = t.o.Now(), time.Time{}
		t.save()
	}
	return p.Pending, p.NextAt
}

// hear takes what a look says into what a receiver is told, and reports whether it is
// news. Of many that nobody takes the oldest are dropped.
func (t *Teller) hear(x Receiver, p *position, look Look) bool {
	r := t.o.Feed.Release()
	if look.At.IsZero() || look.Release != r.Release {
		return false
	}
	now := look.knowing(p.Told)
	if now == p.Told {
		return false
	}
	for _, e := range looked(r, look, p.Told) {
		switch {
		case !slices.ContainsFunc(x.On, func(on spec.Event) bool { return on.String() == e.Type }):
		case p.Pending == nil:
			p.Pending = e
		default:
			p.Rest = append(p.Rest, e)
		}
	}
	if late := len(p.Rest) - maxBacklog; late > 0 {
		p.Rest, p.Dropped = p.Rest[late:], p.Dropped+int64(late)
	}
	p.Told = now
	return true
}

// change takes the next change that a receiver wants, and reports whether any was
// passed over.
func (t *Teller) change(x Receiver, p *position) (moved bool) {
	last := t.o.Feed.Last()
	if p.Seq > last { // another ledger: it begins anew
		p.Seq = last
		return true
	}
	if p.Seq == last {
		return false
	}
	changes, err := t.o.Feed.Changes()
	if err != nil {
		t.o.Log.Warn("a webhook waits: the changes cannot be read", "webhook", x.Name, "error", err)
		return false
	}
	if late := int64(len(changes)) - maxBacklog; p.Seq < late {
		p.Dropped += late - p.Seq
		p.Seq = late
	}
	for p.Seq < int64(len(changes)) {
		var before ledger.Entry
		if p.Seq > 0 {
			before = changes[p.Seq-1]
		}
		e := changes[p.Seq]
		p.Seq, moved = p.Seq+1, true
		for _, kind := range typesOf(before, e) {
			if x.wants(kind) {
				p.Pending = changed(t.releaseOf(changes[:p.Seq]), before, e, kind)
				return true
			}
		}
	}
	return moved
}

// releaseOf is the release of the last of some changes. It need not be the one in force.
func (t *Teller) releaseOf(changes []ledger.Entry) *spec.Release {
	r, last := t.o.Feed.Release(), changes[len(changes)-1]
	if last.Release == r.Release {
		return r
	}
	for _, e := range slices.Backward(changes) {
		if e.Spec == nil || e.Release != last.Release {
			continue
		}
		if old, err := spec.Parse("the ledger's spec", e.Spec); err == nil {
			return old
		}
	}
	return r
}

// note keeps what came of a call.
func (t *Teller) note(x Receiver, e *Event, a Answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.positions[x.id]
	if p == nil || p.Pending == nil || p.Pending.ID != e.ID {
		return // the receivers changed meanwhile
	}
	now := t.o.Now()
	p.TriedAt, p.Status, p.Error, p.Gone = now, a.Status, "", a.Gone
	log := t.o.Log.With("webhook", x.Name, "event", e.ID, "type", e.Type)
	if a.Err == nil {
		p.Delivered, p.DeliveredAt, p.Failures = p.Delivered+1, now, 0
		p.advance(now)
		t.save()
		return
	}
	p.Failures, p.Error = p.Failures+1, a.Err.Error()
	p.NextAt = now.Add(max(backoff(p.Failures, rand.Float64()), a.After))
	switch {
	case p.NextAt.Sub(p.Since) > giveUp && !a.Gone:
		p.Dropped++
		p.advance(p.NextAt)
		log.Error("an event is given up: the webhook's receiver did not take it", "error", a.Err, "since", e.At)
	case a.Gone:
		log.Error("the webhook's receiver wants no more events (410); a reload asks it again")
	default:
		log.Warn("the webhook's receiver did not take an event; it is sent again", "error", a.Err, "failures", p.Failures, "next", p.NextAt)
	}
	t.save()
}

// advance goes on behind the pending event.
func (p *position) advance(next time.Time) {
	p.NextAt = time.Time{}
	if len(p.Rest) > 0 {
		p.Pending, p.Rest, p.Since = p.Rest[0], p.Rest[1:], next
		return
	}
	p.Pending, p.Rest = nil, nil
}

// backoff is the pause after a number of failures in a row; chance in [0, 1) spreads it.
func backoff(failures int, chance float64) time.Duration {
	d := lastPause
	if shift := failures - 1; shift < 20 {
		d = min(firstPause<<shift, lastPause)
	}
	return time.Duration(float64(d) * (0.8 + 0.4*chance))
}

// A Status is how a receiver is told.
type Status struct {
	Name, Host  string
	On          []string
	Pending     int64 // events that it is to be told, as far as is known
	Delivered   int64
	DeliveredAt time.Time // zero: never
	Dropped     int64
	Failures    int // in a row
	TriedAt     time.Time
	NextAt      time.Time // of the next call; zero: nothing is due
	LastStatus  int
	Error       string
	Gone        bool
}

// Status gives the receivers in the order of the spec.
func (t *Teller) Status() []Status {
	last := t.o.Feed.Last()
	t.mu.Lock()
	defer t.mu.Unlock()
	var changes []ledger.Entry
	if slices.ContainsFunc(t.receivers, func(x Receiver) bool { return t.positions[x.id].Seq < last }) {
		changes, _ = t.o.Feed.Changes() // where they cannot be read, what waits here is all that is known
	}
	out := make([]Status, 0, len(t.receivers))
	for _, x := range t.receivers {
		p := t.positions[x.id]
		s := Status{
			Name: x.Name, Host: x.Host, Delivered: p.Delivered, DeliveredAt: p.DeliveredAt, Dropped: p.Dropped,
			Failures: p.Failures, TriedAt: p.TriedAt, LastStatus: p.Status, Error: p.Error, Gone: p.Gone,
		}
		for _, e := range x.On {
			s.On = append(s.On, e.String())
		}
		s.Pending = ahead(x, p, changes)
		if p.Pending != nil {
			s.Pending, s.NextAt = s.Pending+1+int64(len(p.Rest)), p.NextAt
		}
		out = append(out, s)
	}
	return out
}

// ahead counts the changes that a receiver is to be told behind its position.
func ahead(x Receiver, p *position, changes []ledger.Entry) (n int64) {
	for i := max(p.Seq, 0); i < int64(len(changes)); i++ {
		var before ledger.Entry
		if i > 0 {
			before = changes[i-1]
		}
		if slices.ContainsFunc(typesOf(before, changes[i]), x.wants) {
			n++
		}
	}
	return n
}
