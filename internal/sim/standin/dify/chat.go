package dify

import (
	"net/http"
	"time"

	"weir/internal/sim/standin"
)

type asked struct {
	Query        string
	Inputs       map[string]any
	User         string
	Mode         string `json:"response_mode"`
	Conversation string `json:"conversation_id"`
	Workflow     string `json:"workflow_id"`
	Files        []struct {
		Type     string
		Method   string `json:"transfer_method"`
		URL      string
		UploadID string `json:"upload_file_id"`
	}
}

func (q *asked) streams() bool { return q.Mode == "streaming" }

// read reads a request and refuses one that lacks what it must have.
func (s *Service) read(w http.ResponseWriter, r *http.Request, a *app, query bool) (q asked, ok bool) {
	if err := standin.Read(w, r, &q); err != nil {
		fail(w, http.StatusBadRequest, "bad_request", "The browser (or proxy) sent a request that this server could not understand.")
		return q, false
	}
	missing := ""
	switch {
	case q.User == "":
		missing = "user"
	case q.Inputs == nil:
		missing = "inputs"
	case query && q.Query == "":
		missing = "query"
	case q.Mode != "" && q.Mode != "streaming" && q.Mode != "blocking":
		missing = "response_mode"
	}
	if missing != "" {
		refuse(w, http.StatusBadRequest, missing+": invalid or missing (simulated)")
		return q, false
	}
	for _, f := range q.Files {
		if f.UploadID != "" && !s.state.ownsFile(f.UploadID, owner{a.Key, q.User}) {
			refuse(w, http.StatusBadRequest, "Invalid upload file")
			return q, false
		}
	}
	return q, true
}

// runner finds what answers: the published version that is asked for, or the
// application's own.
func (a *app) runner(w http.ResponseWriter, workflow string) (*standin.Service, bool) {
	if workflow == "" || a.Mode != Chatflow && a.Mode != Workflow {
		return a.Service, true
	}
	r, ok := a.workflows[workflow]
	if !ok {
		refuse(w, http.StatusNotFound, "Workflow not found with id: "+workflow)
	}
	return r, ok
}

func (s *Service) chat(w http.ResponseWriter, r *http.Request, a *app) {
	q, ok := s.read(w, r, a, true)
	if !ok {
		return
	}
	of := owner{a.Key, q.User}
	switch {
	case a.Mode == Completion || a.Mode == Workflow:
		fail(w, http.StatusBadRequest, "not_chat_app", "Please check if your app mode matches the right API route.")
		return
	case a.Mode == Agent && !q.streams():
		fail(w, http.StatusBadRequest, "bad_request", "Agent Chat App does not support blocking mode")
		return
	}
	if q.Conversation != "" {
		if _, ok := s.state.conversation(q.Conversation, of); !ok {
			conversationNotExists(w)
			return
		}
	}
	runner, ok := a.runner(w, q.Workflow)
	if !ok {
		return
	}
	if q.Conversation == "" {
		q.Conversation = standin.UUID(a.ID("conversation"))
	}
	s.answer(w, r, a, runner, q, of)
}

func (s *Service) complete(w http.ResponseWriter, r *http.Request, a *app) {
	q, ok := s.read(w, r, a, false)
	if !ok {
		return
	}
	if a.Mode != Completion {
		fail(w, http.StatusBadRequest, "app_unavailable", "App unavailable, please check your app configurations.")
		return
	}
	if said, ok := q.Inputs["query"].(string); ok && q.Query == "" {
		q.Query = said
	}
	q.Conversation = ""
	s.answer(w, r, a, a.Service, q, owner{a.Key, q.User})
}

// answer answers a message, streaming or not.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, a *app, runner *standin.Service, q asked, of owner) {
	x := runner.Next(q.Conversation, q.Query)
	t := newTurn(a, x, q)
	m := &message{id: t.message, conversation: q.Conversation, query: q.Query, answer: t.said(), owner: of, created: time.Now(), passages: x.Passages}
	ctx, done := s.state.begin(r.Context(), t.task, of)
	defer done()
	if !q.streams() {
		s.state.converse(m)
		runner.Whole(w, r.WithContext(ctx), x, "application/json", standin.JSON(t.blocking()))
		return
	}
	if x.Fault == "" || x.Fault == standin.InStream || x.Fault == standin.SlowHeaders {
		s.state.converse(m)
	}
	frames, rest := t.stream()
	if rest != nil {
		s.state.keepRun(&run{id: t.run, workflow: t.workflow, status: "paused", owner: of, rest: rest})
	}
	if !runner.Stream(w, r.WithContext(ctx), x, frames, t.failure()) && ctx.Err() != nil && r.Context().Err() == nil {
		for _, f := range t.end() { // stopped: what was said stands
			w.Write([]byte(f.Text))
		}
	}
}
