package openai

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"weir/judge"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 8 << 20

// An exchange is what the transport sees of one call, for the caller.
type exchange struct {
	words  []string // whose alternatives are wanted; nil: all
	zero   bool     // a temperature of 0 is meant, which the client leaves out
	status int
	after  time.Duration
	tokens []judge.Token
	body   []byte        // of an answer that is none: to be classified, never shown
	took   time.Duration // from the request's first byte to the answer's last
}

type exchangeKey struct{}

// A transport completes requests, and notes what came back.
type transport struct{ next http.RoundTripper }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	seen, _ := r.Context().Value(exchangeKey{}).(*exchange)
	if seen == nil {
		return t.next.RoundTrip(r)
	}
	if seen.zero {
		var err error
		if r, err = withZero(r); err != nil {
			return nil, err
		}
	}
	var sent atomic.Pointer[time.Time]
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{WroteHeaders: func() {
		now := time.Now()
		sent.Store(&now)
	}}))
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	seen.status, seen.after = response.StatusCode, retryAfter(response.Header, time.Now())
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	response.Body.Close()
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	case len(body) > maxAnswer:
		return nil, errLarge
	}
	seen.body = body
	if at := sent.Load(); at != nil {
		seen.took = time.Since(*at)
	}
	seen.tokens, body = takeTokens(body, seen.words)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// withZero writes a temperature of 0, which the client leaves out, so that the
// service would take its default of 1.
func withZero(r *http.Request) (*http.Request, error) {
	if r.Body == nil {
		return r, nil
	}
	raw, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return nil, err
	}
	raw = append([]byte(`{"temperature":0,`), bytes.TrimPrefix(raw, []byte("{"))...)
	out := r.Clone(r.Context())
	out.Body = io.NopCloser(bytes.NewReader(raw))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
	out.ContentLength = int64(len(raw))
	return out, nil
}

// retryAfter reads how long to wait: milliseconds, seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	value := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 && s < 1e6 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}
