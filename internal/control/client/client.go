// Package client calls a control plane, for the command line.
package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"weir/internal/control"
)

// A Client calls the control plane of one application.
type Client struct {
	Server string // URL
	Token  string
	App    string
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 16 << 20

var transport = &http.Client{}

// An Error is an answer that says what is wrong.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Message }

// Deployment is what the release has come to.
func (c Client) Deployment(ctx context.Context) (d control.Deployment, err error) {
	return d, c.call(ctx, http.MethodGet, "deployments", nil, 0, &d)
}

// Verdict is the verdict of the latest look.
func (c Client) Verdict(ctx context.Context) (v control.Verdict, err error) {
	return v, c.call(ctx, http.MethodGet, "verdict", nil, 0, &v)
}

// Share sets the share of the candidate of a deployment that was read before;
// where it has changed since, that is an [Error].
func (c Client) Share(ctx context.Context, seen control.Deployment, share float64, reason string) (d control.Deployment, err error) {
	body := map[string]any{
		"version": seen.Version, "target_environment": seen.Environment, "enabled": share > 0, "reason": reason,
		"traffic_control": map[string]any{"strategy": "percentage", "value": share},
	}
	return d, c.call(ctx, http.MethodPatch, "deployments", body, seen.Changed.Seq, &d)
}

// Act takes an action: rollback, promote, pause, resume or reload.
func (c Client) Act(ctx context.Context, action, reason string) (d control.Deployment, err error) {
	var body any
	if reason != "" {
		body = map[string]string{"reason": reason}
	}
	return d, c.call(ctx, http.MethodPost, action, body, 0, &d)
}

// History gives the last changes, the newest first.
func (c Client) History(ctx context.Context, limit int) ([]control.Past, error) {
	var answer struct{ Changes []control.Past }
	err := c.call(ctx, http.MethodGet, fmt.Sprintf("history?limit=%d", limit), nil, 0, &answer)
	return answer.Changes, err
}

// Jobs are what is done beside the traffic, by name.
func (c Client) Jobs(ctx context.Context) ([]control.Job, error) {
	var answer struct{ Jobs []control.Job }
	err := c.call(ctx, http.MethodGet, "jobs", nil, 0, &answer)
	return answer.Jobs, err
}

// Webhooks are who is told what happens, in the order of the spec.
func (c Client) Webhooks(ctx context.Context) ([]control.Webhook, error) {
	var answer struct{ Webhooks []control.Webhook }
	err := c.call(ctx, http.MethodGet, "webhooks", nil, 0, &answer)
	return answer.Webhooks, err
}

// Forget erases a user. It may take minutes.
func (c Client) Forget(ctx context.Context, user string) (f control.Forgotten, err error) {
	return f, c.callWithin(ctx, time.Hour, http.MethodPost, "forget", map[string]string{"user": user}, 0, &f)
}

// usual is how long an answer may take.
const usual = 30 * time.Second

func (c Client) call(ctx context.Context, method, below string, body any, seen int64, into any) error {
	return c.callWithin(ctx, usual, method, below, body, seen, into)
}

// callWithin makes a call below the application's path. Seen is the change that it
// was decided on; 0: none.
func (c Client) callWithin(ctx context.Context, within time.Duration, method, below string, body any, seen int64, into any) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	r, err := c.request(ctx, method, below, body)
	if err != nil {
		return err
	}
	if seen != 0 {
		r.Header.Set("If-Match", fmt.Sprintf("%q", fmt.Sprint(seen)))
	}
	res, err := transport.Do(r)
	if err != nil {
		var in *url.Error
		if errors.As(err, &in) {
			err = in.Err
		}
		var unproven *tls.CertificateVerificationError
		if errors.As(err, &unproven) {
			return fmt.Errorf("%s shows a certificate that is not trusted here: %w; where its authority is your own, name the authority's file in SSL_CERT_FILE", c.Server, unproven.Err)
		}
		return fmt.Errorf("%s cannot be reached: %w; is weir serve running there, and is that its control plane?", c.Server, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s: the answer broke off: %w", c.Server, err)
	}
	if res.StatusCode != http.StatusOK {
		return c.failure(res.StatusCode, raw)
	}
	if res.Header.Get(control.Header) == "" || json.Unmarshal(raw, into) != nil {
		return fmt.Errorf("%s does not answer as a control plane of Weir does: is it the traffic's address?", c.Server)
	}
	return nil
}

func (c Client) request(ctx context.Context, method, below string, body any) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.Server, "/")+"/v1/applications/"+url.PathEscape(c.App)+"/"+below, reader)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.Token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// failure is what an answer says is wrong, with what the command line can do.
func (c Client) failure(status int, raw []byte) error {
	var answer struct{ Error Error }
	if json.Unmarshal(raw, &answer) != nil || answer.Error.Message == "" {
		return fmt.Errorf("%s answers %d, and not as a control plane of Weir does: is it the traffic's address?", c.Server, status)
	}
	e := answer.Error
	e.Status = status
	switch {
	case status == http.StatusUnauthorized && c.Token == "":
		e.Message = c.Server + " wants a token: give --token-file, or set WEIR_TOKEN"
	case status == http.StatusUnauthorized:
		e.Message = c.Server + " does not know this token: give the one of its own WEIR_TOKEN, or of its file of --tokens, by --token-file or WEIR_TOKEN"
	}
	return &e
}

// Drill takes a step of a drill: begin, rollback or end.
func (c Client) Drill(ctx context.Context, phase, mark string) (d control.Deployment, err error) {
	return d, c.call(ctx, http.MethodPost, "drill", map[string]string{"phase": phase, "mark": mark}, 0, &d)
}

// Autopilot is who steers, and what that waits for.
func (c Client) Autopilot(ctx context.Context) (a control.Autopilot, err error) {
	return a, c.call(ctx, http.MethodGet, "autopilot", nil, 0, &a)
}

// TakeHelm takes the helm for so long, or keeps it, and shows a course; nil: as it
// was shown before. Where another has it, that is an [Error] of code held.
func (c Client) TakeHelm(ctx context.Context, holder string, length time.Duration, course *control.Course) (a control.Autopilot, err error) {
	body := map[string]any{"holder": holder, "seconds": length.Seconds(), "course": course}
	return a, c.call(ctx, http.MethodPost, "autopilot", body, 0, &a)
}

// Steer takes an action of the autopilot at the helm, decided on the change seen.
func (c Client) Steer(ctx context.Context, holder string, seen int64, action map[string]any) (d control.Deployment, err error) {
	body := maps.Clone(action)
	body["holder"] = holder
	return d, c.call(ctx, http.MethodPost, "autopilot/act", body, seen, &d)
}
