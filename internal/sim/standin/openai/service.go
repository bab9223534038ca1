// Package openai stands in for a service that speaks OpenAI's wire format:
//
//	POST /v1/chat/completions   streamed or not, include_usage, tool calls
//	POST /v1/completions        streamed or not
//	POST /v1/responses          typed events, previous_response_id, conversation
//	GET, DELETE /v1/responses/{id}
//	POST /v1/conversations, GET and DELETE /v1/conversations/{id}
//	POST /v1/embeddings
//	GET /v1/models, /v1/models/{id}
//
// The wire facts are those of openai/openai-openapi 2.3.0.
package openai

import (
	"net/http"
	"strings"
	"time"

	"weir/internal/sim/standin"
)

// Options are what differs between services that call themselves compatible.
type Options struct {
	Behaviour standin.Behaviour
	// Key is the bearer token wanted; empty: any, or none.
	Key string
	// NoStreamOptions answers 400 where stream_options is sent, as servers do
	// that do not know it.
	NoStreamOptions bool
	// NoUsage leaves usage out of every answer.
	NoUsage bool
}

// A Service is the stand-in, an http.Handler.
type Service struct {
	*standin.Service
	options Options
	states  states
	handler http.Handler
}

// New returns a service.
func New(o Options) *Service {
	s := &Service{Service: standin.New(o.Behaviour, refuse), options: o}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.chat)
	mux.HandleFunc("POST /v1/completions", s.complete)
	mux.HandleFunc("POST /v1/embeddings", s.embed)
	mux.HandleFunc("POST /v1/responses", s.respond)
	mux.HandleFunc("GET /v1/responses/{id}", s.response)
	mux.HandleFunc("DELETE /v1/responses/{id}", s.forget)
	mux.HandleFunc("POST /v1/conversations", s.converse)
	mux.HandleFunc("GET /v1/conversations/{id}", s.conversation)
	mux.HandleFunc("DELETE /v1/conversations/{id}", s.forget)
	mux.HandleFunc("GET /v1/models", s.models)
	mux.HandleFunc("GET /v1/models/{id}", s.models)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "Unknown request URL: "+r.Method+" "+r.URL.Path)
	})
	s.handler = standin.Labelled("an OpenAI-compatible service", s.authorised(mux))
	return s
}

func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func (s *Service) authorised(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if s.options.Key != "" && key != s.options.Key {
			fail(w, http.StatusUnauthorized, "Incorrect API key provided.", "invalid_request_error", nil, "invalid_api_key")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, status int, message string) {
	kind, code := "invalid_request_error", any(nil)
	switch {
	case status == http.StatusTooManyRequests:
		kind, code = "requests", "rate_limit_exceeded"
	case status >= 500:
		kind = "server_error"
	}
	fail(w, status, message, kind, nil, code)
}

func fail(w http.ResponseWriter, status int, message, kind string, param, code any) {
	standin.Send(w, status, map[string]any{"error": errorOf(message, kind, param, code)})
}

func errorOf(message, kind string, param, code any) map[string]any {
	return map[string]any{"message": message, "type": kind, "param": param, "code": code}
}

func (s *Service) models(w http.ResponseWriter, r *http.Request) {
	b := s.Behaviour()
	name := b.Model
	if name == "" {
		name = "sim-model"
	}
	model := map[string]any{"id": name, "object": "model", "created": 1764000000, "owned_by": "weir-stand-in"}
	switch id := r.PathValue("id"); id {
	case "":
		standin.Send(w, http.StatusOK, map[string]any{"object": "list", "data": []any{model}})
	case name:
		standin.Send(w, http.StatusOK, model)
	default:
		fail(w, http.StatusNotFound, "The model '"+id+"' does not exist", "invalid_request_error", "model", "model_not_found")
	}
}

// now is the time of an answer, in seconds.
func now() int64 { return time.Now().Unix() }

// failure is an error in the middle of a stream.
var failure = []standin.Frame{standin.Event(standin.JSON(map[string]any{
	"error": errorOf("The server had an error while processing your request (simulated fault)", "server_error", nil, nil),
}), false)}
