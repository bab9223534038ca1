package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// A Version is how one version of the application is asked.
type Version struct {
	Name     string
	Upstream string            // URL; paths of requests are put behind its own
	Headers  map[string]string // set on every request, over the request's own
	Request  Request

	Connect   time.Duration // bounds of a call; 0 is none
	FirstByte time.Duration
	Total     time.Duration
	InFlight  int // calls at a time; 0: as many as the run allows

	Texts    float64 // share of runs whose texts are kept
	Metadata bool    // model and token counts are kept
	// Price gives what a call cost where the version does not say; nil: unknown.
	Price func(model string, input, cached, output int64) *float64
}

// client makes the version's HTTP client: its own pool, no redirects, and no
// keys in what a proxy of the environment sees.
func (v Version) client() *http.Client {
	dialer := net.Dialer{Timeout: v.Connect}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ResponseHeaderTimeout: v.FirstByte,
			MaxIdleConnsPerHost: max(v.InFlight, 64), ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// A call is one request to a version and what came of it.
type call struct {
	status  *int64
	started time.Time
	ended   time.Time
	reply   reply
}

// A caller puts turns to one version.
type caller struct {
	version Version
	http    *http.Client
	now     func() time.Time
}

// call sends one turn. What goes wrong is in the reply; an error is a fault of the
// request itself, which no version can answer.
func (c caller) call(ctx context.Context, values map[string]any, traceID string) (call, error) {
	v := c.version
	out := call{started: c.now()}
	if v.Total > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, v.Total)
		defer cancel()
	}
	request, err := c.request(ctx, values, traceID)
	if err != nil {
		return out, err
	}
	response, err := c.http.Do(request)
	if err == nil {
		status := int64(response.StatusCode)
		out.status = &status
		if response.StatusCode/100 == 2 {
			err = out.reply.take(v.Request, response, c.now)
		} else {
			out.reply.failure = fmt.Sprintf("status_%d", response.StatusCode)
		}
		io.Copy(io.Discard, io.LimitReader(response.Body, maxReply))
		response.Body.Close()
	}
	if err != nil {
		out.reply.failure = kindOf(err)
	}
	out.ended = c.now()
	return out, nil
}

// take reads the reply, as a stream where it is one.
func (p *reply) take(r Request, response *http.Response, now func() time.Time) error {
	if r.stream != nil && strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		return p.streamed(r, response.Body, now)
	}
	return p.whole(r, response.Body)
}

// request fills in the version's request.
func (c caller) request(ctx context.Context, values map[string]any, traceID string) (*http.Request, error) {
	r := c.version.Request
	path, err := fillText(r.Path, values)
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	body, err := fill(r.Body, values)
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		payload = bytes.NewReader(b)
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, strings.TrimSuffix(c.version.Upstream, "/")+written(path), payload)
	if err != nil {
		return nil, errors.New("the upstream and the path make no URL")
	}
	if payload != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("X-Weir-Version", c.version.Name)
	request.Header.Set("Traceparent", "00-"+traceID+"-"+traceID[:16]+"-01")
	for name, value := range r.Headers {
		filled, err := fillText(value, values)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", name, err)
		}
		request.Header.Set(name, written(filled))
	}
	for name, value := range c.version.Headers {
		request.Header.Set(name, value)
	}
	return request, nil
}

// kindOf names why a call failed.
func kindOf(err error) string {
	var timeout net.Error
	var dial *net.OpError
	switch {
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &dial) && dial.Op == "dial":
		return "connect"
	}
	return "broken_connection"
}
