package control

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/internal/jobs"
	"weir/internal/webhook"
	"weir/router"
	"weir/trace"
)

// A VerdictSource says what the latest look at the release came to.
type VerdictSource interface {
	// Verdict never waits for an analysis. Where there is none yet, or none can
	// be had, it is a hold that says why.
	Verdict(ctx context.Context) Verdict
}

// A Config is what a control plane needs. Steering, Plan, Memory and Keep
// are required.
type Config struct {
	Steering *steering.Steering
	Tokens   Tokens
	// Plan is the plan in force, and Memory what is remembered: for decisions
	// without forwarding.
	Plan   func() *router.Plan
	Memory router.Store
	// Keep keeps an outcome: when it returns nil a killed process cannot lose it.
	Keep func(*trace.Outcome) error
	// Resumed is called when a resume was written, so that breakers close; nil:
	// nobody is told.
	Resumed func()
	// Reload reads the spec again and puts it in force, under the name of who asked;
	// nil: it cannot be.
	Reload func(actor string) (ledger.Entry, error)
	// Forget takes a user, by the id that is on the rows, out of all that is kept;
	// nil: it cannot be done here.
	Forget  func(ctx context.Context, user string) (Forgotten, error)
	Verdict VerdictSource // nil: what the autopilot at the helm shows
	Helm    *Helm         // nil: one of its own
	// Live says how the traffic goes, and Underway how many conversations of the
	// release had a request since a time, by version; nil: no traffic passes here.
	Live     func() Live
	Underway func(since time.Time) map[string]int64
	// Jobs are what is done beside the traffic, by the clock; nil: nothing is.
	Jobs func() []jobs.Status
	// Webhooks are who is told what happens; nil: nobody is.
	Webhooks func() []webhook.Status
	// Ready says why traffic cannot be served, or nil; nil: it always can.
	Ready func() error
	// Hash is applied to ids of users, sessions and whatever versions hand out;
	// nil: they stay as they are.
	Hash func(id string) string

	Metrics http.Handler // answers /metrics; nil: there are none
	Ingest  http.Handler // answers POST /v1/traces; nil: it is not taken
	Pages   http.Handler // answers what is no API, without a token; nil: nothing
	// Dialogues answers the calls about dialogues, samples and labels, told under
	// [CallerHeader] who asks; nil: they are not taken.
	Dialogues http.Handler

	// Hosts are names by which the listener may be called, beside localhost and
	// addresses.
	Hosts []string
	// Rate is how many calls a second a token may make, with twice as many at
	// once; 0: DefaultRate.
	Rate     float64
	Now      func() time.Time // nil: time.Now
	Register prometheus.Registerer
	Log      *slog.Logger // of refused and failed calls; nil: none is written
}

// DefaultRate is how many calls a second a token may make unless told
// otherwise.
const DefaultRate = 1000

// complete fills in the defaults.
func (c Config) complete() Config {
	if c.Steering == nil || c.Plan == nil || c.Memory == nil || c.Keep == nil {
		panic("control: a config without steering, plan, memory or keeper of outcomes")
	}
	return c.filled()
}

// filled fills in what may be left out.
func (c Config) filled() Config {
	if c.Resumed == nil {
		c.Resumed = func() {}
	}
	if c.Helm == nil {
		c.Helm = &Helm{}
	}
	if c.Verdict == nil {
		c.Verdict = c.Helm
	}
	if c.Jobs == nil {
		c.Jobs = func() []jobs.Status { return nil }
	}
	if c.Webhooks == nil {
		c.Webhooks = func() []webhook.Status { return nil }
	}
	if c.Ready == nil {
		c.Ready = func() error { return nil }
	}
	if c.Hash == nil {
		c.Hash = func(id string) string { return id }
	}
	if c.Rate == 0 {
		c.Rate = DefaultRate
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Register == nil {
		c.Register = prometheus.NewRegistry()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
