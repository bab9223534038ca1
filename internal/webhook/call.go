package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// body is the event as it is sent.
func (e *Event) body() []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		panic("webhook: " + err.Error()) // events hold what JSON has
	}
	return bytes.TrimSpace(out.Bytes())
}

func newCall(ctx context.Context, x Receiver, id string, body []byte, now time.Time) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, x.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "weir")
	r.Header.Set(HeaderID, id)
	r.Header.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	if x.keys != nil {
		r.Header.Set(HeaderSignature, signature(x.keys, id, now, body))
	}
	return r, nil
}

// plain leaves the URL out of an error: it may hold a secret.
func plain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var in *url.Error
	if errors.As(err, &in) {
		return in.Err
	}
	return err
}

// drop reads a little of a body, so that the connection may serve again.
func drop(body io.Reader) { _, _ = io.CopyN(io.Discard, body, answerIgnored) }

// judge says what an answer means: 2xx takes the event.
func judge(res *http.Response, now time.Time) Answer {
	a := Answer{Status: res.StatusCode, Gone: res.StatusCode == http.StatusGone}
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return a
	case res.StatusCode >= 300 && res.StatusCode < 400:
		a.Err = fmt.Errorf("it answers %d, and redirects are not followed: write the URL that it means", res.StatusCode)
	default:
		a.Err = fmt.Errorf("it answers %d", res.StatusCode)
	}
	a.After = pause(res.Header.Get("Retry-After"), now)
	return a
}

// pause reads Retry-After: seconds, or a date.
func pause(text string, now time.Time) time.Duration {
	var d time.Duration
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		d = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), longestPause)
}
