package traffic

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"weir/internal/sim"
)

// Options say who comes, and where to.
type Options struct {
	Target   string   // URL of the application, or of the router before it
	Protocol Protocol // that it speaks
	Control  string   // URL that outcomes are reported to, at /v1/outcomes; empty: they are not
	Token    string   // for it

	Clock    *Clock
	Seed     uint64
	First    int // number of the first session; a later run of the same seed goes on from there
	Sessions int
	Span     time.Duration // of the clock, over which sessions begin, evenly but for chance
	Users    int           // that sessions come from; 0: each its own

	Turns       float64       // mean of a dialogue; 0: 3
	Think       time.Duration // of the clock, between an answer and the next request; 0: 20 s
	Chinese     float64       // share of dialogues in Chinese
	Streaming   float64       // share of dialogues whose answers stream
	Rated       float64       // share of dialogues that are rated
	ResolvedIn  time.Duration // mean time of the clock until a resolution is known, at most ten times that; 0: an hour
	Concurrency int           // dialogues at a time; 0: 64. More arrivals wait

	// Header is sent with every request, such as an attribute.
	Header http.Header
	// Answered, if set, is told of every turn; it is called by many goroutines.
	Answered func(Turn)
}

// A Turn is one request and what became of it.
type Turn struct {
	Session string // as outcomes name it; empty where it is not known
	User    string
	Number  int    // within the dialogue, from 1
	Version string // that answered, from X-Weir-Version; empty: not said
	Trace   string // id of its row, from X-Weir-Trace-Id; empty: not said
	Status  int    // 0: there was no answer
	Err     error  // nil: answered well, to the end
	Begun   time.Time
	Took    time.Duration
}

func (o Options) complete() (Options, error) {
	if o.Target == "" || o.Protocol == nil || o.Clock == nil || o.Sessions < 0 {
		return o, errors.New("traffic: Target, Protocol and Clock are required")
	}
	if o.Turns == 0 {
		o.Turns = 3
	}
	if o.Think == 0 {
		o.Think = 20 * time.Second
	}
	if o.ResolvedIn == 0 {
		o.ResolvedIn = time.Hour
	}
	if o.Concurrency == 0 {
		o.Concurrency = 64
	}
	return o, nil
}

// Run sends all sessions, waits for their ends and reports their outcomes when
// they are due. It returns early where ctx ends; what was counted until then
// stands. Errors of the application are counted, not returned.
func Run(ctx context.Context, o Options) (*Summary, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = o.Concurrency, o.Concurrency
	defer transport.CloseIdleConnections()
	r := &run{
		Options: o, client: &http.Client{Transport: transport}, summary: newSummary(),
		start: o.Clock.Now(),
	}
	r.outcomes = newReporter(r)
	var reporting, dialogues sync.WaitGroup
	reporting.Go(func() { r.outcomes.loop(ctx) })
	slots := make(chan struct{}, o.Concurrency)
	for n := o.First; n < o.First+o.Sessions; n++ {
		s := r.session(n)
		if !o.Clock.SleepUntil(ctx, s.at) {
			break
		}
		slots <- struct{}{}
		dialogues.Go(func() {
			defer func() { <-slots }()
			s.hold(ctx)
		})
	}
	dialogues.Wait()
	r.outcomes.close()
	reporting.Wait()
	return r.summary, errors.Join(ctx.Err(), r.outcomes.err)
}

// A run is what the sessions of one call share.
type run struct {
	Options
	client   *http.Client
	summary  *Summary
	outcomes *reporter
	start    time.Time
}

// A session is one user's visit, with all that is decided before it.
type session struct {
	*run
	Dialogue
	talk   sim.Talk
	at     time.Time
	random *rand.Rand
	rated  bool
	whim   float64 // uniform: how the user takes what comes
	known  time.Duration
}

func (r *run) session(n int) *session {
	random := rand.New(rand.NewPCG(r.Seed, uint64(n)))
	s := &session{run: r, random: random}
	tag := strconv.FormatUint(r.Seed, 36)
	user := n
	if r.Users > 0 {
		user = random.IntN(r.Users)
	}
	s.at = r.start.Add(time.Duration(float64(r.Span) * (float64(n-r.First) + random.Float64()) / float64(max(1, r.Sessions))))
	s.talk = sim.Talk{Chinese: random.Float64() < r.Chinese, Topic: random.IntN(1000), Order: 100_000 + random.IntN(900_000), Turns: 1}
	for s.talk.Turns < 20 && random.Float64() < 1-1/r.Turns {
		s.talk.Turns++
	}
	s.Dialogue = Dialogue{
		Name: fmt.Sprintf("s-%s-%d", tag, n), User: fmt.Sprintf("u-%s-%d", tag, user),
		Streaming: random.Float64() < r.Streaming, Header: r.Header,
	}
	s.rated, s.whim = random.Float64() < r.Rated, random.Float64()
	s.known = time.Duration(math.Min(10, random.ExpFloat64()) * float64(r.ResolvedIn))
	return s
}
