// Package plain stands in for an HTTP application with a protocol of its own:
//
//	POST (any path) {"session": "s-1", "user": "u-1", "message": "..."}
//	200 {"session": "s-1", "answer": "...", "tokens": 17}
//
// With "Accept: text/event-stream" the answer streams, an event a word, and
// ends with an event done. Any other method answers with what this is.
package plain

import (
	"net/http"
	"strings"

	"weir/internal/sim/standin"
)

// A Service is the stand-in, an http.Handler.
type Service struct {
	*standin.Service
	handler http.Handler
}

// New returns a service that acts so.
func New(b standin.Behaviour) *Service {
	s := &Service{Service: standin.New(b, refuse)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /", s.chat)
	mux.HandleFunc("/", describe)
	s.handler = standin.Labelled("a plain HTTP application", mux)
	return s
}

func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func refuse(w http.ResponseWriter, status int, message string) {
	standin.Send(w, status, map[string]any{"error": message})
}

func describe(w http.ResponseWriter, r *http.Request) {
	standin.Send(w, http.StatusOK, map[string]any{"service": "weir stand-in", "path": r.URL.Path, "simulated": true})
}

func (s *Service) chat(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Session, User, Message string }
	if err := standin.Read(w, r, &asked); err != nil {
		refuse(w, http.StatusBadRequest, "the body is no JSON object with session, user and message")
		return
	}
	x := s.Next(standin.Dialogue(r, asked.Session), asked.Message)
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		s.Stream(w, r, x, frames(x), []standin.Frame{{Text: "event: error\ndata: {\"error\": \"simulated fault\"}\n\n"}})
		return
	}
	s.Whole(w, r, x, "application/json", standin.JSON(map[string]any{
		"session": asked.Session, "answer": x.Text(), "tokens": x.OutputTokens,
	}))
}

func frames(x *standin.Exchange) []standin.Frame {
	var all []standin.Frame
	for _, piece := range x.Pieces {
		all = append(all, standin.Event(standin.JSON(map[string]any{"piece": piece}), true))
	}
	return append(all, standin.Frame{Text: "event: done\ndata: {}\n\n"})
}
