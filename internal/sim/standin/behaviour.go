package standin

import (
	"math"
	"math/rand/v2"
	"time"
)

// A Behaviour says how a service acts. The zero value answers at once, in the
// words of the script, resolves nothing and never fails.
type Behaviour struct {
	Seed  uint64
	Name  string // goes into the ids it hands out; services that are used together differ in it, or in the seed
	Model string // that answers claim; empty: sim-model

	FirstToken Wait   // until the first piece of an answer
	Latency    Wait   // until its end; at least FirstToken
	Length     Length // of an answer in tokens; at least what the script says

	Resolved float64 // probability that a dialogue is resolved
	Handoff  float64 // probability that it is handed to a person; resolved and handed off exclude each other
	Quality  float64 // mean quality of a dialogue, in [0, 1]
	Verbose  bool    // answers are padded with words that say nothing

	Faults     map[Fault]float64 // probability of each, by request; at most 1 in all
	RetryAfter time.Duration     // that a 429 asks for; 0: a second
	Patience   time.Duration     // after which what hangs is dropped; 0: a minute
	FloodBytes int               // after which a flood ends; 0: 64 MiB

	PromptTokens int // of the prompt that is put together behind the service
}

// Usual is a service as one meets them, at a hundredth of their time.
func Usual() Behaviour {
	return Behaviour{
		FirstToken: Wait{4 * time.Millisecond, 0.3}, Latency: Wait{14 * time.Millisecond, 0.4},
		Resolved: 0.62, Handoff: 0.09, Quality: 0.6, PromptTokens: 400,
	}
}

// A Wait is a lognormal duration. The zero value is none.
type Wait struct {
	Median time.Duration
	Sigma  float64 // standard deviation of the logarithm
}

func (w Wait) draw(random *rand.Rand) time.Duration {
	return time.Duration(float64(w.Median) * math.Exp(w.Sigma*random.NormFloat64()))
}

// A Length is a lognormal count. The zero value is 0.
type Length struct {
	Median float64
	Sigma  float64 // standard deviation of the logarithm
}

func (l Length) draw(random *rand.Rand) int {
	return int(math.Round(l.Median * math.Exp(l.Sigma*random.NormFloat64())))
}

func (b *Behaviour) model() string {
	if b.Model == "" {
		return "sim-model"
	}
	return b.Model
}
