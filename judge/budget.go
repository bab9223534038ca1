package judge

import (
	"fmt"
	"math"
	"sync"
	"time"
	"unicode"
)

// A Budget ends a run; what is exhausted first counts. A limit of 0 is none.
type Budget struct {
	USD    float64
	Calls  int64
	Tokens int64 // input and output
	Time   time.Duration
}

// A Price is what a token of a model costs, in dollars.
type Price struct {
	Input, Cached, Output float64
}

// cost of a usage.
func (p Price) cost(u Usage) float64 {
	return p.Input*float64(u.Input-u.Cached) + p.Cached*float64(u.Cached) + p.Output*float64(u.Output)
}

// Exhausted says that a budget is used up: no call may begin. It is no fault of
// what was to be judged, which stays to be judged.
type Exhausted struct {
	What  string // dollars, calls, tokens or minutes
	Limit float64
}

// Error says what is used up.
func (e *Exhausted) Error() string {
	return fmt.Sprintf("the budget of %g %s is used up", e.Limit, e.What)
}

// An account keeps what is spent and what is reserved. Before each call its
// largest cost is reserved, after it the real one is settled: the sum never
// passes the budget, whatever runs at the same time. Calls that failed or were
// repeated count too.
type account struct {
	budget Budget
	clock  Clock
	until  time.Time // zero for no limit

	mu       sync.Mutex
	spent    Spent
	reserved Spent
}

func newAccount(b Budget, clock Clock) *account {
	a := &account{budget: b, clock: clock}
	if b.Time > 0 {
		a.until = clock.Now().Add(b.Time)
	}
	return a
}

// reserve sets the largest cost of a call aside, or returns [*Exhausted].
func (a *account) reserve(s Spent) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.late(0); err != nil {
		return err
	}
	after := a.spent.Add(a.reserved).Add(s)
	switch b := a.budget; {
	case b.Calls > 0 && after.Calls > b.Calls:
		return &Exhausted{"calls", float64(b.Calls)}
	case b.Tokens > 0 && after.Tokens > b.Tokens:
		return &Exhausted{"tokens", float64(b.Tokens)}
	case b.USD > 0 && after.USD > b.USD:
		return &Exhausted{"dollars", b.USD}
	}
	a.reserved = a.reserved.Add(s)
	return nil
}

// late returns [*Exhausted] where the time is over after a wait.
func (a *account) late(wait time.Duration) error {
	if a.until.IsZero() || a.clock.Now().Add(wait).Before(a.until) {
		return nil
	}
	return &Exhausted{"minutes", a.budget.Time.Minutes()}
}

// settle replaces a reservation by what the call took.
func (a *account) settle(reserved, actual Spent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reserved = a.reserved.Add(Spent{Calls: -reserved.Calls, Tokens: -reserved.Tokens, USD: -reserved.USD})
	a.spent = a.spent.Add(actual)
}

// total is what is spent so far.
func (a *account) total() Spent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.spent
}

// estimate is the most that a text may come to in tokens: a third of its ASCII
// characters, and one and a half for each other one.
func estimate(text string) int64 {
	ascii, other := 0, 0
	for _, r := range text {
		if r <= unicode.MaxASCII {
			ascii++
		} else {
			other++
		}
	}
	return int64(math.Ceil(float64(ascii)/3 + 1.5*float64(other)))
}

// largest is the most that a request can take.
func (m Member) largest(r Request) Spent {
	u := Usage{Known: true, Input: estimate(string(r.Schema)), Output: int64(r.MaxTokens)}
	for _, message := range r.Messages {
		u.Input += estimate(message.Text) + 8
	}
	return m.spent(u)
}

// spent is what a call with that usage comes to; without a price its dollars
// are 0 in the account, and unknown in what is reported ([Member.known]).
func (m Member) spent(u Usage) Spent {
	s := Spent{Calls: 1, Tokens: u.Input + u.Output}
	if m.Price != nil {
		s.USD = m.Price.cost(u)
	}
	return s
}
