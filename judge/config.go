package judge

import (
	"errors"
	"fmt"
	"strings"
)

// A Config is a run of one rubric.
type Config struct {
	App, Release string
	Job          string // names the run in rows
	Rubric       *Rubric
	Mode         Mode // default Pointwise
	Panel        Panel
	// Samples is how often a model without probabilities is asked; default 3.
	Samples     int
	Concurrency int // calls at a time; default 8
	Budget      Budget
	Patience    Patience
	// Unpriced allows models without a price: their dollars are unknown, and the
	// budget of dollars does not bound them.
	Unpriced bool
	// Generation is raised when a judge that is known to have changed is accepted:
	// what it says then is a stratum of its own.
	Generation int

	Source  Source
	Sink    Sink
	Stopper Stopper // nil: the budget ends the run, or the dialogues do
	Cache   Cache   // nil: nothing is kept
	Anchors []Anchor
	Memory  Memory // of anchors; required with them
	Clock   Clock  // nil: the machine's
	// Draw gives 64 random bits: for tags and for waits. Required.
	Draw func() uint64
	// Progress, where set, is told after each item. It is not called concurrently.
	Progress func(Progress)
}

// The defaults of Config.
const (
	DefaultSamples     = 3
	DefaultConcurrency = 8
)

// An Anchor is a frozen dialogue that every run scores again.
type Anchor struct {
	ID       string
	Dialogue Dialogue
}

// Hash names everything that configures the judge: models, families and where
// they are asked, rubric, mode, wording, samples, generation. Rows carry it, and
// cached answers are of one hash.
func (c Config) Hash() string {
	members := make([][2]string, len(c.Panel.Members))
	for i, m := range c.Panel.Members {
		members[i] = [2]string{m.Name, m.family()}
	}
	return fingerprint([]any{promptVersion, c.Rubric, c.Mode, members, c.Panel.Endpoint, c.Samples, c.Generation})[:32]
}

func (c Config) withDefaults() Config {
	if c.Mode == "" {
		c.Mode = Pointwise
	}
	if c.Samples == 0 {
		c.Samples = DefaultSamples
	}
	if c.Concurrency == 0 {
		c.Concurrency = DefaultConcurrency
	}
	if c.Clock == nil {
		c.Clock = SystemClock{}
	}
	if c.Cache == nil {
		c.Cache = noCache{}
	}
	c.Patience = c.Patience.withDefaults()
	return c
}

// check returns what cannot be run.
func (c Config) check() error {
	if c.Rubric == nil || c.Source == nil || c.Sink == nil || c.Draw == nil || len(c.Anchors) > 0 && c.Memory == nil {
		panic("judge: a Config needs Rubric, Source, Sink, Draw, and with Anchors a Memory")
	}
	if len(c.Panel.Members) == 0 {
		return errors.New("a panel has at least one model")
	}
	var unpriced []string
	for _, m := range c.Panel.Members {
		if m.Price == nil {
			unpriced = append(unpriced, m.Name)
		}
	}
	if len(unpriced) > 0 && !c.Unpriced {
		return &Unpriced{unpriced}
	}
	return nil
}

// Unpriced says that the price of models is not known, so that no budget of
// dollars could hold.
type Unpriced struct{ Models []string }

// Error says what to do.
func (u *Unpriced) Error() string {
	return fmt.Sprintf("no price is known of %s: state it under prices in the spec, or allow the run to go on without", strings.Join(u.Models, ", "))
}

type noCache struct{}

func (noCache) Get(string) ([]byte, bool)        { return nil, false }
func (noCache) Put(string, string, []byte) error { return nil }
