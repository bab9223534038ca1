package live

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestReady(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
		w.Write([]byte("draining\n"))
	}))
	if err := Ready(context.Background(), server.URL+"/"); err != nil {
		t.Error(err)
	}
	status = http.StatusServiceUnavailable
	if err := Ready(context.Background(), server.URL); err == nil || !strings.Contains(err.Error(), "503 Service Unavailable: draining") {
		t.Error(err)
	}
	server.Close()
	if err := Ready(context.Background(), server.URL); err == nil || !strings.HasPrefix(err.Error(), "not ready: ") {
		t.Error(err)
	}
	var wrong SettingsError
	for _, url := range []string{"", "8081", "http://%"} {
		if err := Ready(context.Background(), url); !errors.As(err, &wrong) {
			t.Errorf("%q: %v", url, err)
		}
	}
}
