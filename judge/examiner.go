package judge

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// A Cache keeps answers by the content of what was asked, so that nothing is
// asked twice. Implementations are safe for concurrent use. What cannot be kept
// or read is asked again: Get reports false, and Put's error is a warning.
type Cache interface {
	Get(key string) (value []byte, ok bool)
	// Put keeps a value; subject names whose dialogue it is about, so that what is
	// known of a person can be erased.
	Put(key, subject string, value []byte) error
}

// maxTokens bounds a reply: evidence, reason and level of each criterion.
const maxTokens = 400

// An examiner puts tasks to one member.
type examiner struct {
	member   Member
	hash     string // of the judge
	patience Patience
	account  *account
	pace     *pace
	clock    Clock
	cache    Cache
	random   *random
	count    *counters
	plain    atomic.Bool // the service knows no probabilities
	free     atomic.Bool // the service knows no schemas
	worked   atomic.Bool // it has answered
}

// counters are what a run did.
type counters struct {
	cached, retried, repaired, unkept atomic.Int64
	service                           timing // how long the service took to answer
	own                               timing // what a call took beside it
}

// probabilities says whether the member is asked for them.
func (e *examiner) probabilities() bool { return !e.member.NoLogProbs && !e.plain.Load() }

// answer gives the cached answer to a task, or asks. The error is an
// [*Exhausted], a [*Failure], errUnreadable, or the context's.
func (e *examiner) answer(ctx context.Context, t task, subject string, fresh bool) (answer, error) {
	key := t.key(e.hash + "/" + e.member.Name)
	if !fresh {
		if b, ok := e.cache.Get(key); ok {
			var a answer
			if json.Unmarshal(b, &a) == nil && len(a.Shares) == len(t.rubric.Criteria) {
				e.count.cached.Add(1)
				return a, nil
			}
		}
	}
	a, err := e.ask(ctx, t)
	if err != nil || fresh {
		return a, err
	}
	b, _ := json.Marshal(a)
	if e.cache.Put(key, subject, b) != nil {
		e.count.unkept.Add(1)
	}
	return a, nil
}

// errUnreadable says that no reply could be read, the repaired ones included.
var errUnreadable = errors.New("unparsable")

// ask puts the task until a reply can be read. A reply that cannot is sent back
// with what is wrong with it; one that was cut gets more room, once; one that was
// refused is asked for once more. A service that knows no probabilities, or no
// schemas, is asked without.
func (e *examiner) ask(ctx context.Context, t task) (answer, error) {
	tag := fresh(e.random.bits, t.shown...)
	r := Request{
		Messages: t.messages(tag), Schema: t.schema, SchemaName: "verdict", Words: t.words,
		MaxTokens: maxTokens * len(t.rubric.Criteria), Seed: t.sample,
	}
	if t.warm {
		r.Temperature = 1
	}
	asked := r.Messages
	spent := Spent{}
	longer, declined := false, false
	for repairs := 0; ; {
		if e.probabilities() {
			r.LogProbs = 20
		} else {
			r.LogProbs = 0
		}
		if e.free.Load() {
			r.Schema = nil
		}
		reply, cost, err := e.call(ctx, r)
		spent = spent.Add(cost)
		fault := faultOf(err)
		var problem error
		switch {
		case err == nil:
			var a answer
			if a, problem = t.read(reply); problem == nil {
				a.Spent, a.Repaired = spent, repairs > 0
				return a, nil
			}
		case fault == Unsupported && r.LogProbs > 0:
			e.plain.Store(true)
			continue
		case fault == Unsupported && r.Schema != nil && !e.worked.Load():
			e.free.Store(true)
			continue
		case fault == Cut && !longer:
			longer, r.MaxTokens = true, 4*r.MaxTokens
			continue
		case (fault == Refused || fault == Filtered) && !declined:
			declined = true
			continue
		default:
			return answer{Spent: spent}, err
		}
		if repairs == e.patience.Repairs {
			return answer{Spent: spent}, errUnreadable
		}
		repairs++
		e.count.repaired.Add(1)
		r.Messages = append(asked[:len(asked):len(asked)],
			Message{Assistant, head(clean(reply.Text), 4000)},
			Message{User, "Your reply cannot be used: " + problem.Error() + ". Reply again, with the JSON object alone."})
	}
}

// call makes attempts until the model answers.
func (e *examiner) call(ctx context.Context, r Request) (Reply, Spent, error) {
	var spent Spent
	for n := 1; ; n++ {
		reply, cost, err := e.attempt(ctx, r)
		spent = spent.Add(cost)
		var exhausted *Exhausted
		if err == nil {
			e.worked.Store(true)
		}
		if err == nil || errors.As(err, &exhausted) || ctx.Err() != nil {
			return reply, spent, err
		}
		var f *Failure
		errors.As(err, &f)
		wait := e.patience.wait(n, after(f), e.random.unit)
		e.pace.fail(faultOf(err) == Busy, wait)
		if n == e.patience.Attempts || !faultOf(err).again() || after(f) > e.patience.Most {
			return Reply{}, spent, err
		}
		if err := e.account.late(wait); err != nil {
			return Reply{}, spent, err
		}
		e.count.retried.Add(1)
		if err := e.clock.Sleep(ctx, wait); err != nil {
			return Reply{}, spent, err
		}
	}
}

// attempt makes one call within budget and pace. After a failure the caller
// leaves the pace.
func (e *examiner) attempt(ctx context.Context, r Request) (Reply, Spent, error) {
	began := e.clock.Now()
	if err := e.pace.enter(ctx); err != nil {
		return Reply{}, Spent{}, err
	}
	waited := e.clock.Now().Sub(began)
	most := e.member.largest(r)
	if err := e.account.reserve(most); err != nil {
		e.pace.leave()
		return Reply{}, Spent{}, err
	}
	timed, cancel := context.WithTimeout(ctx, e.patience.Timeout)
	defer cancel()
	reply, err := e.member.Model.Complete(timed, r)
	usage := reply.Usage
	if err != nil {
		usage = usageOf(err)
	}
	if err == nil && !usage.Known { // the service does not count: we do
		usage = Usage{Input: most.Tokens - int64(r.MaxTokens), Output: estimate(reply.Text)}
	}
	cost := e.member.spent(usage)
	e.account.settle(most, cost)
	if err == nil && reply.Took > 0 {
		cost.timed, cost.waited = 1, waited+reply.Took
		e.count.service.add(reply.Took)
	}
	if err == nil {
		e.pace.leave()
	}
	if ctx.Err() != nil {
		if err != nil {
			e.pace.leave()
		}
		return Reply{}, cost, ctx.Err()
	}
	return reply, cost, err
}

func after(f *Failure) (d time.Duration) {
	if f != nil {
		d = f.After
	}
	return d
}

func head(s string, most int) string {
	if len(s) > most {
		return s[:most]
	}
	return s
}

// A random is a source of chance for several goroutines.
type random struct {
	mu   sync.Mutex
	draw func() uint64
}

func (r *random) bits() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.draw()
}

// unit is uniform on [0, 1).
func (r *random) unit() float64 { return float64(r.bits()>>11) * 0x1p-53 }
