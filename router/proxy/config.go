package proxy

import (
	"crypto/rand"
	"io"
	"log/slog"
	"os"
	"time"

	"weir/rollout/spec"
	"weir/router"
	"weir/router/breaker"
	"weir/trace"
)

// Bounds of memory and patience.
const (
	// MaxBody is how much of one body is held to read it, and how much of its
	// texts is kept.
	MaxBody = 1 << 20
	// DefaultBudget bounds what is held of all bodies at a time, for either of
	// the two purposes: to decide, and to record.
	DefaultBudget = 256 << 20
	// DefaultStall is how long an upload may stand still.
	DefaultStall = 30 * time.Second
	// rememberedDialogues bounds the memory of turn numbers and of the dialogues
	// that ids belong to.
	rememberedDialogues = 200_000
)

// Plans gives the plan in force.
type Plans interface{ Plan() *router.Plan }

// A Recorder keeps what happens. Record returns once the record is where a
// killed process cannot lose it; what cannot be kept it counts by itself. What
// the record points to is the caller's again when it returns.
type Recorder interface{ Record(trace.Record) }

// An Observer is told what happens, for metrics. Its methods return at once.
type Observer interface {
	// Began counts a request that is sent to a version.
	Began(version string)
	// Ended counts one that is over. Each Began has one Ended.
	Ended(version string, o Observation)
	// Probed says whether a version answered a health probe.
	Probed(version string, up bool)
}

// An Observation is what became of one attempt at a version.
type Observation struct {
	Error string // an error of this package or of protocol; empty: none
	// Latency and TTFT are from arrival; TTFT is 0 where no token came.
	Latency, TTFT             time.Duration
	InputTokens, OutputTokens int64 // 0 where unknown
	// Session is the conversation; the unit where there is none.
	Session string
}

// A Config is what a proxy needs. Release, Plans, Memory and Recorder are
// required.
type Config struct {
	Release  *spec.Release
	Plans    Plans
	Memory   router.Store
	Recorder Recorder

	// Previous is the generation that this one takes over from: what it has
	// learned goes on, and what is still under way in it counts here. Nil: none.
	Previous *Proxy
	// Breakers are states of breakers to go on from, by version, where there is
	// no previous generation of the same release.
	Breakers map[string]breaker.State
	// Opened is called when a version's breaker opens, in the request that
	// opened it. The candidate's units are kept from it already. Nil: nobody is
	// told.
	Opened func(version string, s breaker.State)

	Observer Observer // nil: nobody observes
	// Hash is applied to ids of users, sessions and whatever versions hand out,
	// before anything else sees them. Nil: ids stay as they are.
	Hash func(id string) string
	// Environment resolves ${NAME} in the release; nil is os.LookupEnv.
	Environment func(name string) (string, bool)
	// Now is the clock that rows are dated by; nil is time.Now. Durations are
	// always real.
	Now func() time.Time
	// Random is where ids come from; nil is crypto/rand.Reader.
	Random io.Reader
	// Stall is how long, at least, a client may send nothing of a body while it is
	// waited for and nothing has been answered; a version's first_byte where that
	// is longer. The version holds the request as long. 0 is DefaultStall.
	Stall time.Duration
	// Budget bounds the memory for what is recorded of bodies under way, in
	// bytes; 0 is DefaultBudget.
	Budget int64
	// Log is where troubles go that no row tells of; nil discards them. Neither
	// ids nor texts go there.
	Log *slog.Logger
}

// complete fills in the defaults.
func (c Config) complete() Config {
	switch {
	case c.Release == nil:
		panic("proxy: a config without release")
	case c.Plans == nil || c.Memory == nil || c.Recorder == nil:
		panic("proxy: a config without plans, memory or recorder")
	}
	if c.Opened == nil {
		c.Opened = func(string, breaker.State) {}
	}
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	if c.Hash == nil {
		c.Hash = func(id string) string { return id }
	}
	if c.Environment == nil {
		c.Environment = os.LookupEnv
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Budget == 0 {
		c.Budget = DefaultBudget
	}
	if c.Stall == 0 {
		c.Stall = DefaultStall
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

type nobody struct{}

func (nobody) Began(string)              {}
func (nobody) Ended(string, Observation) {}
func (nobody) Probed(string, bool)       {}
