package client

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weir/internal/control"
)

func TestWhatAnswersIsNoControlPlane(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"an application": func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"answer":"hello"}`)) },
		"a page":         func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`<html>`)) },
		"another error":  func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadGateway) },
	} {
		s := httptest.NewServer(answer)
		_, err := Client{Server: s.URL, App: "bot"}.Deployment(context.Background())
		s.Close()
		if err == nil || !strings.Contains(err.Error(), "traffic's address") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Client{Server: "http://127.0.0.1:1", App: "bot"}).Deployment(context.Background()); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Error(err)
	}
}

func TestUntrustedCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	_, err := Client{Server: s.URL, App: "bot"}.Deployment(context.Background())
	if err == nil || !strings.Contains(err.Error(), "SSL_CERT_FILE") || strings.Contains(err.Error(), "cannot be reached") {
		t.Error(err)
	}
}

func TestErrorsAreSaid(t *testing.T) {
	status := http.StatusUnauthorized
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			t.Error("the token is not sent")
		}
		w.Header().Set(control.Header, "1")
		w.WriteHeader(status)
		w.Write([]byte(`{"error":{"code":"x","message":"what is wrong"}}`))
	}))
	defer s.Close()
	c := Client{Server: s.URL, App: "bot", Token: "secret"}
	if _, err := c.Act(context.Background(), "rollback", ""); err == nil || !strings.Contains(err.Error(), "WEIR_TOKEN") || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
	status = http.StatusConflict
	if _, err := c.Act(context.Background(), "rollback", "why"); err == nil || err.Error() != "what is wrong" {
		t.Error(err)
	}
}

// No token and a wrong one are told apart, and the token is in neither message.
func TestTokenIsMissingOrWrong(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"error": {"code": "x", "message": "y"}}`)
	}))
	defer server.Close()
	for token, want := range map[string]string{"": "wants a token", "secret-of-mine": "does not know this token"} {
		_, err := Client{Server: server.URL, Token: token, App: "bot"}.Deployment(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", token, err)
		}
	}
}
