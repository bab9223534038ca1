package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/judge"
)

// What must never be seen outside a request.
const (
	secret   = "sk-SECRETKEY-0123456789"
	dialogue = "my card number is 4111 1111 1111 1111"
)

var request = judge.Request{
	Messages: []judge.Message{{Role: judge.System, Text: "judge"}, {Role: judge.User, Text: dialogue}},
	Schema:   json.RawMessage(`{"type":"object"}`), SchemaName: "verdict", MaxTokens: 100, LogProbs: 20,
}

// serve answers calls by a handler.
func serve(t *testing.T, model string, h http.HandlerFunc) *Model {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	m, err := New(Options{Endpoint: s.URL + "/v1/", Key: secret, Model: model})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const completion = `{"id":"1","object":"chat.completion","model":"m-2026-01-01","system_fingerprint":"fp1",
"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"{\"a\": 1}"},
"logprobs":{"content":[{"token":"{\"a\": ","logprob":0,"bytes":null,"top_logprobs":[]},{"token":"1","logprob":-0.1,"top_logprobs":[{"token":"1","logprob":-0.1},{"token":"0","logprob":-2.4}]},{"token":"}","logprob":0,"top_logprobs":[]}]}}],
"usage":{"prompt_tokens":11,"completion_tokens":4,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":3}}}`

func TestComplete(t *testing.T) {
	var got map[string]any
	m := serve(t, "gpt-4o-mini", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer "+secret {
			t.Errorf("%s %v", r.URL.Path, r.Header)
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Errorf("%v in %s", err, body)
		}
		io.WriteString(w, completion)
	})
	reply, err := m.Complete(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if reply.Text != `{"a": 1}` || reply.Model != "m-2026-01-01" || reply.Fingerprint != "fp1" ||
		reply.Usage != (judge.Usage{Known: true, Input: 11, Output: 4, Cached: 3}) || len(reply.Tokens) != 3 || reply.Tokens[1].Top[1].Text != "0" {
		t.Errorf("%+v", reply)
	}
	if got["temperature"] != 0. || got["seed"] != 0. || got["max_completion_tokens"] != 100. || got["logprobs"] != true || got["top_logprobs"] != 20. || got["stream"] != false {
		t.Errorf("sent %v", got)
	}
	format, _ := json.Marshal(got["response_format"])
	if !strings.Contains(string(format), `"strict":true`) || !strings.Contains(string(format), `"name":"verdict"`) {
		t.Errorf("sent %s", format)
	}
}

// TestReasoning holds that the client's own refusals are not met.
func TestReasoning(t *testing.T) {
	for _, name := range []string{"o3-mini", "gpt-5", "gpt-5-chat-latest", "openai/gpt-5"} {
		var got map[string]any
		m := serve(t, name, func(w http.ResponseWriter, r *http.Request) {
			json.NewDecoder(r.Body).Decode(&got)
			io.WriteString(w, completion)
		})
		r := request
		r.Temperature = 1
		if _, err := m.Complete(t.Context(), r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		r.Temperature = 0
		if _, err := m.Complete(t.Context(), r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, sent := got["temperature"]; sent && m.reasons {
			t.Errorf("%s was sent a temperature", name)
		}
	}
}

// TestFaults goes through the ways in which services misbehave. None may show
// the key or the dialogue, though every body here repeats both.
func TestFaults(t *testing.T) {
	leak := secret + " " + dialogue
	body := func(code string) string {
		return fmt.Sprintf(`{"error":{"message":%q,"type":"x","code":%q}}`, leak, code)
	}
	choice := func(finish, content, refusal string) string {
		return fmt.Sprintf(`{"choices":[{"finish_reason":%q,"message":{"role":"assistant","content":%q,"refusal":%q}}],"usage":{"prompt_tokens":9,"completion_tokens":1}}`, finish, content, refusal)
	}
	for name, c := range map[string]struct {
		status int
		header [2]string
		body   string
		want   judge.Fault
		after  time.Duration
	}{
		"429":                        {429, [2]string{"Retry-After", "7"}, body("rate_limit_exceeded"), judge.Busy, 7 * time.Second},
		"429 in milliseconds":        {429, [2]string{"Retry-After-Ms", "250"}, body("rate_limit_exceeded"), judge.Busy, 250 * time.Millisecond},
		"429 without a number":       {429, [2]string{"Retry-After", "soon"}, "busy", judge.Busy, 0},
		"429 for want of money":      {429, [2]string{}, body("insufficient_quota"), judge.Unauthorized, 0},
		"401":                        {401, [2]string{}, body("invalid_api_key"), judge.Unauthorized, 0},
		"403 HTML":                   {403, [2]string{}, "<html>" + leak, judge.Unauthorized, 0},
		"404":                        {404, [2]string{}, body("model_not_found"), judge.Unsupported, 0},
		"301":                        {301, [2]string{"Location", "http://127.0.0.1:1/"}, leak, judge.Unsupported, 0},
		"500":                        {500, [2]string{}, body("server_error"), judge.Unavailable, 0},
		"502 HTML":                   {502, [2]string{"Retry-After", "3"}, "<html>" + leak, judge.Unavailable, 3 * time.Second},
		"503 without a body":         {503, [2]string{}, "", judge.Unavailable, 0},
		"504":                        {504, [2]string{}, leak, judge.Slow, 0},
		"400":                        {400, [2]string{}, body("invalid_request_error"), judge.Unsupported, 0},
		"400 too long":               {400, [2]string{}, body("context_length_exceeded"), judge.TooLong, 0},
		"400 Azure filter":           {400, [2]string{}, `{"error":{"message":"` + leak + `","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}`, judge.Filtered, 0},
		"413":                        {413, [2]string{}, "", judge.TooLong, 0},
		"flat vLLM":                  {400, [2]string{}, `{"object":"error","message":"` + leak + `","type":"BadRequestError","code":400}`, judge.Unsupported, 0},
		"error is a text":            {500, [2]string{}, `{"error":"` + leak + `"}`, judge.Unavailable, 0},
		"numeric code":               {500, [2]string{}, `{"error":{"message":"` + leak + `","code":500}}`, judge.Unavailable, 0},
		"200 with an error":          {200, [2]string{}, body("server_error"), judge.Unavailable, 0},
		"200 with a rate limit":      {200, [2]string{}, body("rate_limit_exceeded"), judge.Busy, 0},
		"200 with an error text":     {200, [2]string{}, `{"error":"` + leak + `"}`, judge.Unavailable, 0},
		"200 without choices":        {200, [2]string{}, `{"choices":[]}`, judge.Garbled, 0},
		"200 empty":                  {200, [2]string{}, "", judge.Garbled, 0},
		"200 HTML":                   {200, [2]string{}, "<html>" + leak, judge.Garbled, 0},
		"200 half":                   {200, [2]string{}, completion[:200], judge.Garbled, 0},
		"200 of wrong types":         {200, [2]string{}, `{"choices":"` + leak + `"}`, judge.Garbled, 0},
		"200 larger than all bounds": {200, [2]string{}, `{"x":"` + strings.Repeat("x", maxAnswer) + `"}`, judge.Garbled, 0},
		"refusal":                    {200, [2]string{}, choice("stop", "", leak), judge.Refused, 0},
		"content filter":             {200, [2]string{}, choice("content_filter", leak, ""), judge.Filtered, 0},
		"cut":                        {200, [2]string{}, choice("length", leak, ""), judge.Cut, 0},
		"no text":                    {200, [2]string{}, choice("stop", "", ""), judge.Garbled, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := serve(t, "m", func(w http.ResponseWriter, r *http.Request) {
				if c.header[0] != "" {
					w.Header().Set(c.header[0], c.header[1])
				}
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			_, err := m.Complete(t.Context(), request)
			wantFailure(t, err, c.want, c.after)
		})
	}
}

func wantFailure(t *testing.T, err error, want judge.Fault, after time.Duration) {
	t.Helper()
	var f *judge.Failure
	if !errors.As(err, &f) {
		t.Fatalf("not a failure: %v", err)
	}
	if f.Fault != want || f.After != after {
		t.Errorf("%s, %v; want %s, %v (%v)", f.Fault, f.After, want, after, err)
	}
	if shown := fmt.Sprintf("%v %+v %#v", err, err, f); strings.Contains(shown, "SECRET") || strings.Contains(shown, "4111") || strings.Contains(shown, "%!") {
		t.Errorf("shown: %s", shown)
	}
}

// TestBroken has connections that break, hang, or are not there.
func TestBroken(t *testing.T) {
	hijack := func(w http.ResponseWriter) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	}
	t.Run("reset", func(t *testing.T) {
		_, err := serve(t, "m", func(w http.ResponseWriter, _ *http.Request) { hijack(w) }).Complete(t.Context(), request)
		wantFailure(t, err, judge.Unavailable, 0)
	})
	t.Run("broken inside the answer", func(t *testing.T) {
		m := serve(t, "m", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			io.WriteString(w, completion[:100])
			w.(http.Flusher).Flush()
			hijack(w)
		})
		_, err := m.Complete(t.Context(), request)
		wantFailure(t, err, judge.Unavailable, 0)
	})
	t.Run("hangs", func(t *testing.T) {
		m := serve(t, "m", func(_ http.ResponseWriter, r *http.Request) { io.ReadAll(r.Body); <-r.Context().Done() })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := m.Complete(ctx, request)
		wantFailure(t, err, judge.Slow, 0)
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := serve(t, "m", func(_ http.ResponseWriter, r *http.Request) { io.ReadAll(r.Body); cancel(); <-r.Context().Done() })
		if _, err := m.Complete(ctx, request); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		m, err := New(Options{Endpoint: "http://127.0.0.1:1/v1", Key: secret, Model: "m"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Complete(t.Context(), request)
		wantFailure(t, err, judge.Unavailable, 0)
	})
}

// TestUnknownUsage holds that counts of zero are not taken for counts.
func TestUnknownUsage(t *testing.T) {
	m := serve(t, "m", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"choices":[{"finish_reason":"stop","message":{"content":"x"}}],"usage":{"prompt_tokens":0,"completion_tokens":0}}`)
	})
	if reply, err := m.Complete(t.Context(), request); err != nil || reply.Usage.Known || reply.Tokens != nil {
		t.Errorf("%v %+v", err, reply)
	}
}

func TestOptions(t *testing.T) {
	for _, endpoint := range []string{"", "localhost:8000/v1", "ftp://x/v1", "http://user:" + secret + "@x/v1", "http://x/v1?key=" + secret, "http://\x7f"} {
		_, err := New(Options{Endpoint: endpoint, Model: "m"})
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	if _, err := New(Options{Endpoint: "http://x/v1", Key: "a\nb", Model: "m"}); err == nil {
		t.Error("a key of two lines")
	}
}
