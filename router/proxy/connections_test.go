package proxy

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestStormOfEarlyHeads is over when they are as long as all may be together.
func TestStormOfEarlyHeads(t *testing.T) {
	const each = 64 << 10
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", strings.Repeat("a", each))
		for range 10 * maxEarly / each {
			w.WriteHeader(http.StatusEarlyHints)
		}
	}))
	defer s.Close()
	by := encrypted{&http.Transport{MaxResponseHeaderBytes: maxHead}}
	defer by.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	res, err := by.send(r, func(int, http.Header) { told++ })
	if err == nil {
		_ = res.Body.Close()
		t.Error("the answer came")
	}
	if told == 0 || told > maxEarly/each {
		t.Errorf("%d heads were told", told)
	}
}
