package dify

import (
	"io"
	"net/http"
	"time"

	"weir/internal/sim/standin"
)

// upload takes a file of a user's; its id can be used by that user alone.
func (s *Service) upload(w http.ResponseWriter, r *http.Request, a *app) {
	r.Body = http.MaxBytesReader(w, r.Body, 15<<20)
	file, header, err := r.FormFile("file")
	if err != nil {
		fail(w, http.StatusBadRequest, "no_file_uploaded", "Please upload your file.")
		return
	}
	defer file.Close()
	size, err := io.Copy(io.Discard, file)
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, "file_too_large", "File size exceeded.")
		return
	}
	id := standin.UUID(a.ID("file"))
	s.state.mu.Lock()
	s.state.files.put(id, owner{a.Key, r.FormValue("user")})
	s.state.mu.Unlock()
	standin.Send(w, http.StatusCreated, map[string]any{
		"id": id, "name": header.Filename, "size": size, "mime_type": header.Header.Get("Content-Type"),
		"created_by": standin.UUID(standin.Digest("user", r.FormValue("user"))), "created_at": time.Now().Unix(),
	})
}

func (s *state) ownsFile(id string, of owner) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, ok := s.files.of[id]
	return ok && kept == of
}

func (s *Service) hear(w http.ResponseWriter, r *http.Request, _ *app) {
	r.Body = http.MaxBytesReader(w, r.Body, 30<<20)
	if _, _, err := r.FormFile("file"); err != nil {
		fail(w, http.StatusBadRequest, "no_audio_uploaded", "Please upload your audio.")
		return
	}
	standin.Send(w, http.StatusOK, map[string]any{"text": "How long does that take?"})
}

func (s *Service) speak(w http.ResponseWriter, r *http.Request, _ *app) {
	if _, ok := user(w, r); ok {
		w.Header().Set("Content-Type", "audio/mp3")
		w.Write([]byte("simulated speech"))
	}
}

func (s *Service) info(w http.ResponseWriter, _ *http.Request, a *app) {
	standin.Send(w, http.StatusOK, map[string]any{"name": "weir stand-in", "description": "Simulated: no model behind it.", "tags": []string{}, "mode": string(a.Mode)})
}

func (s *Service) parameters(w http.ResponseWriter, _ *http.Request, _ *app) {
	off := map[string]any{"enabled": false}
	standin.Send(w, http.StatusOK, map[string]any{
		"opening_statement": "", "suggested_questions": []string{}, "suggested_questions_after_answer": off, "speech_to_text": off,
		"text_to_speech": off, "retriever_resource": map[string]any{"enabled": true}, "annotation_reply": off, "user_input_form": []any{},
		"file_upload": map[string]any{"image": off}, "system_parameters": map[string]any{"file_size_limit": 15},
	})
}

func (s *Service) meta(w http.ResponseWriter, _ *http.Request, _ *app) {
	standin.Send(w, http.StatusOK, map[string]any{"tool_icons": map[string]any{}})
}
