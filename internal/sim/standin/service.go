package standin

import (
	"net/http"
	"strconv"
	"sync/atomic"
)

// Header is the response header that says what a stand-in is.
const Header = "X-Simulated"

// A Service is what all stand-ins have: a behaviour, and a count of requests.
type Service struct {
	behaviour atomic.Pointer[Behaviour]
	requests  atomic.Uint64
	ids       atomic.Uint64
	refuse    Refusal
}

// A Refusal answers with a status that is no success, in a protocol's words.
type Refusal func(w http.ResponseWriter, status int, message string)

// New returns a service that acts so.
func New(b Behaviour, refuse Refusal) *Service {
	s := &Service{refuse: refuse}
	s.Set(b)
	return s
}

// Set changes how the service acts from the next request on.
func (s *Service) Set(b Behaviour) { s.behaviour.Store(&b) }

// Behaviour returns how the service acts.
func (s *Service) Behaviour() Behaviour { return *s.behaviour.Load() }

// Requests counts the exchanges that have begun.
func (s *Service) Requests() uint64 { return s.requests.Load() }

// Next draws the answer to what is said in a dialogue. A dialogue without a
// name is one of its own.
func (s *Service) Next(dialogue, said string) *Exchange {
	number := s.requests.Add(1)
	b := s.behaviour.Load()
	if dialogue == "" {
		dialogue = Digest("request", strconv.FormatUint(number, 10))
	}
	return b.exchange(number, dialogue, said)
}

// ID makes up an id that was not there before, of 32 hexadecimal digits.
func (s *Service) ID(kind string) string { return s.behaviour.Load().id(kind, s.ids.Add(1)) }

// Labelled adds the header that says what answers.
func Labelled(kind string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(Header, "weir stand-in for "+kind+"; every answer is made up")
		h.ServeHTTP(w, r)
	})
}
