package dify

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"weir/internal/sim/standin"
)

func success(w http.ResponseWriter) {
	standin.Send(w, http.StatusOK, map[string]any{"result": "success"})
}

// user reads the end user of a call that is about something.
func user(w http.ResponseWriter, r *http.Request) (name string, ok bool) {
	var q struct{ User string }
	if name = r.URL.Query().Get("user"); name == "" && r.Method != http.MethodGet {
		if err := standin.Read(w, r, &q); err == nil {
			name = q.User
		}
	}
	if name == "" {
		refuse(w, http.StatusBadRequest, "Arg user must be provided.")
	}
	return name, name != ""
}

// stop says success whatever it did.
func (s *Service) stop(w http.ResponseWriter, r *http.Request, a *app) {
	if name, ok := user(w, r); ok {
		s.state.stop(r.PathValue("task"), owner{a.Key, name})
		success(w)
	}
}

// limit is how many rows of a list are wanted.
func limit(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || n < 1 || n > 100 {
		return 20
	}
	return n
}

func (s *Service) messages(w http.ResponseWriter, r *http.Request, a *app) {
	name, ok := user(w, r)
	if !ok {
		return
	}
	c, ok := s.state.conversation(r.URL.Query().Get("conversation_id"), owner{a.Key, name})
	if !ok {
		conversationNotExists(w)
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	n := min(limit(r), len(c.messages))
	rows := []any{}
	for _, m := range c.messages[len(c.messages)-n:] {
		rows = append(rows, map[string]any{
			"id": m.id, "conversation_id": m.conversation, "parent_message_id": nil, "inputs": map[string]any{}, "query": m.query,
			"answer": m.answer, "message_files": []any{}, "feedback": m.feedback(), "retriever_resources": []any{},
			"agent_thoughts": []any{}, "created_at": m.created.Unix(), "status": "normal", "error": nil,
		})
	}
	standin.Send(w, http.StatusOK, map[string]any{"limit": limit(r), "has_more": len(c.messages) > n, "data": rows})
}

func (m *message) feedback() any {
	if m.rating == "" {
		return nil
	}
	return map[string]any{"rating": m.rating}
}

// feedback rates a message of the user's: like, dislike, or null, which
// revokes what was there.
func (s *Service) feedback(w http.ResponseWriter, r *http.Request, a *app) {
	var q struct {
		Rating  *string
		User    string
		Content string
	}
	if err := standin.Read(w, r, &q); err != nil || q.User == "" || q.Rating != nil && *q.Rating != "like" && *q.Rating != "dislike" {
		refuse(w, http.StatusBadRequest, "rating must be like, dislike or null, and user a text")
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	m, ok := s.state.messages.of[r.PathValue("message")]
	switch {
	case !ok || m.owner != owner{a.Key, q.User}:
		refuse(w, http.StatusNotFound, "Message Not Exists.")
	case q.Rating == nil && m.rating == "":
		refuse(w, http.StatusBadRequest, "rating cannot be None when feedback not exists")
	default:
		if m.rating, m.comment = "", q.Content; q.Rating != nil {
			m.rating = *q.Rating
		}
		success(w)
	}
}

func (s *Service) feedbacks(w http.ResponseWriter, _ *http.Request, a *app) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	rows := []any{}
	for _, id := range s.state.messages.order {
		if m := s.state.messages.of[id]; m != nil && m.owner.key == a.Key && m.rating != "" {
			rows = append(rows, map[string]any{"id": "feedback-" + m.id, "message_id": m.id, "rating": m.rating, "content": m.comment})
		}
	}
	standin.Send(w, http.StatusOK, map[string]any{"data": rows})
}

func (s *Service) suggested(w http.ResponseWriter, r *http.Request, a *app) {
	name, ok := user(w, r)
	if !ok {
		return
	}
	s.state.mu.Lock()
	m, ok := s.state.messages.of[r.PathValue("message")]
	s.state.mu.Unlock()
	if !ok || m.owner != (owner{a.Key, name}) {
		refuse(w, http.StatusNotFound, "Message Not Exists.")
		return
	}
	standin.Send(w, http.StatusOK, map[string]any{"result": "success", "data": []string{"And what if I am not at home?", "How long does that take?"}})
}

// conversations lists those of the user in this application, the last first.
func (s *Service) conversations(w http.ResponseWriter, r *http.Request, a *app) {
	name, ok := user(w, r)
	if !ok {
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	var own []*conversation
	for _, c := range s.state.conversations.of {
		if c.owner == (owner{a.Key, name}) {
			own = append(own, c)
		}
	}
	slices.SortFunc(own, func(a, b *conversation) int { return cmp.Or(b.updated.Compare(a.updated), cmp.Compare(a.id, b.id)) })
	if last := r.URL.Query().Get("last_id"); last != "" {
		i := slices.IndexFunc(own, func(c *conversation) bool { return c.id == last })
		if i < 0 {
			refuse(w, http.StatusNotFound, "Last Conversation Not Exists.")
			return
		}
		own = own[i+1:]
	}
	rows := []any{}
	for _, c := range own[:min(limit(r), len(own))] {
		rows = append(rows, c.row())
	}
	standin.Send(w, http.StatusOK, map[string]any{"limit": limit(r), "has_more": len(own) > limit(r), "data": rows})
}

func (c *conversation) row() map[string]any {
	return map[string]any{
		"id": c.id, "name": c.name, "inputs": map[string]any{}, "status": "normal", "introduction": "",
		"created_at": c.created.Unix(), "updated_at": c.updated.Unix(),
	}
}

// owned finds the conversation that a path names, of the user that the body names.
func (s *Service) owned(w http.ResponseWriter, r *http.Request, a *app, into any) (*conversation, bool) {
	var body json.RawMessage
	var q struct{ User string }
	standin.Read(w, r, &body)
	json.Unmarshal(body, &q)
	if into != nil {
		json.Unmarshal(body, into)
	}
	if q.User == "" {
		q.User = r.URL.Query().Get("user")
	}
	c, ok := s.state.conversation(r.PathValue("conversation"), owner{a.Key, q.User})
	if !ok {
		conversationNotExists(w)
	}
	return c, ok
}

func (s *Service) deleteConversation(w http.ResponseWriter, r *http.Request, a *app) {
	if c, ok := s.owned(w, r, a, nil); ok {
		s.state.mu.Lock()
		delete(s.state.conversations.of, c.id)
		s.state.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *Service) rename(w http.ResponseWriter, r *http.Request, a *app) {
	var q struct {
		Name string
		Auto bool `json:"auto_generate"`
	}
	c, ok := s.owned(w, r, a, &q)
	if !ok {
		return
	}
	if q.Auto {
		q.Name = "About an order"
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	c.name, c.updated = q.Name, time.Now()
	standin.Send(w, http.StatusOK, c.row())
}

func (s *Service) variables(w http.ResponseWriter, r *http.Request, a *app) {
	if _, ok := s.owned(w, r, a, nil); ok {
		standin.Send(w, http.StatusOK, map[string]any{"limit": limit(r), "has_more": false, "data": []any{}})
	}
}
