// Package dify stands in for a Dify installation as its service API shows it:
// applications, each with a key of its own; conversations, messages, tasks and
// runs that belong to one application and one end user; and every event of its
// streams.
//
// The wire facts are those of langgenius/dify-docs (api-reference) and of
// langgenius/dify. What follows from them for whoever stands between: a
// conversation of another application, or of another user, is answered with 404
// "Conversation Not Exists."; a stream has no [DONE]; a failure after its start
// keeps status 200; prices are strings; a chatflow's usage may be all zeros.
package dify

import (
	"net/http"
	"strings"

	"weir/internal/sim/standin"
)

// A Mode is a kind of application.
type Mode string

// The modes, in Dify's words.
const (
	Chat       Mode = "chat"
	Agent      Mode = "agent-chat"
	Chatflow   Mode = "advanced-chat"
	Completion Mode = "completion"
	Workflow   Mode = "workflow"
)

// An App is one application of the installation.
type App struct {
	Key       string // of its API, such as app-1
	Mode      Mode   // empty: Chat
	Behaviour standin.Behaviour
	// Workflows are published versions by their ids, each acting in its own way;
	// a call without an id runs Behaviour.
	Workflows map[string]standin.Behaviour

	ZeroUsage bool    // usage is all zeros, as chatflows have it
	Replaced  float64 // probability that moderation replaces the whole answer
	Paused    float64 // probability that a workflow waits for a person
	Reasoning bool    // the model's reasoning streams too
	Speech    bool    // answers are spoken too
}

// A Service is the installation, an http.Handler.
type Service struct {
	apps    map[string]*app
	state   state
	handler http.Handler
}

// An app is an application that runs.
type app struct {
	App
	*standin.Service
	workflows map[string]*standin.Service
}

// New returns an installation with these applications.
func New(apps ...App) *Service {
	s := &Service{apps: map[string]*app{}, state: newState()}
	for _, a := range apps {
		if a.Mode == "" {
			a.Mode = Chat
		}
		running := &app{App: a, Service: standin.New(a.Behaviour, refuse), workflows: map[string]*standin.Service{}}
		for id, b := range a.Workflows {
			running.workflows[id] = standin.New(b, refuse)
		}
		s.apps[a.Key] = running
	}
	s.handler = standin.Labelled("a Dify installation", s.routes())
	return s
}

func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// App returns what an application runs on, to change how it acts; nil where
// there is none of that key.
func (s *Service) App(key string) *standin.Service {
	if a := s.apps[key]; a != nil {
		return a.Service
	}
	return nil
}

// Workflow returns what a published version runs on; nil where there is none.
func (s *Service) Workflow(key, id string) *standin.Service {
	if a := s.apps[key]; a != nil {
		return a.workflows[id]
	}
	return nil
}

// An answerer answers a call to an application.
type answerer func(w http.ResponseWriter, r *http.Request, a *app)

func (s *Service) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]answerer{
		"POST /v1/chat-messages":                         s.chat,
		"POST /v1/chat-messages/{task}/stop":             s.stop,
		"POST /v1/completion-messages":                   s.complete,
		"POST /v1/completion-messages/{task}/stop":       s.stop,
		"POST /v1/workflows/run":                         s.run,
		"POST /v1/workflows/{workflow}/run":              s.run,
		"GET /v1/workflows/run/{run}":                    s.runDetail,
		"POST /v1/workflows/tasks/{task}/stop":           s.stop,
		"GET /v1/workflow/{run}/events":                  s.resume,
		"GET /v1/messages":                               s.messages,
		"POST /v1/messages/{message}/feedbacks":          s.feedback,
		"GET /v1/messages/{message}/suggested":           s.suggested,
		"GET /v1/app/feedbacks":                          s.feedbacks,
		"GET /v1/conversations":                          s.conversations,
		"DELETE /v1/conversations/{conversation}":        s.deleteConversation,
		"POST /v1/conversations/{conversation}/name":     s.rename,
		"GET /v1/conversations/{conversation}/variables": s.variables,
		"POST /v1/files/upload":                          s.upload,
		"POST /v1/audio-to-text":                         s.hear,
		"POST /v1/text-to-audio":                         s.speak,
		"GET /v1/info":                                   s.info,
		"GET /v1/parameters":                             s.parameters,
		"GET /v1/meta":                                   s.meta,
		"GET /v1/site":                                   s.info,
	} {
		mux.HandleFunc(pattern, s.authorised(answer))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusNotFound, "not_found", "The requested URL was not found on the server.")
	})
	return mux
}

func (s *Service) authorised(answer answerer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		a := s.apps[key]
		if !bearer || a == nil {
			fail(w, http.StatusUnauthorized, "unauthorized", "Access token is invalid")
			return
		}
		answer(w, r, a)
	}
}

func refuse(w http.ResponseWriter, status int, message string) {
	code := map[int]string{
		http.StatusBadRequest: "invalid_param", http.StatusNotFound: "not_found",
		http.StatusTooManyRequests: "too_many_requests", http.StatusInternalServerError: "internal_server_error",
	}[status]
	fail(w, status, code, message)
}

func fail(w http.ResponseWriter, status int, code, message string) {
	standin.Send(w, status, map[string]any{"code": code, "message": message, "status": status})
}

// conversationNotExists is the answer to an id that is another application's,
// another user's, or nobody's.
func conversationNotExists(w http.ResponseWriter) {
	refuse(w, http.StatusNotFound, "Conversation Not Exists.")
}
