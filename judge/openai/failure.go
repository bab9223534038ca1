package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"weir/judge"
)

var errLarge = errors.New("the answer is larger than 8 MiB")

// failure says what went wrong. It uses nothing of the client's error but its
// kind: its text may hold the service's, and that whatever was sent.
func failure(ctx context.Context, err error, seen *exchange) error {
	f := &judge.Failure{Status: seen.status, After: seen.after}
	var network net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return context.Canceled
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		f.Fault = judge.Slow
	case errors.Is(err, errLarge):
		f.Fault, f.Detail = judge.Garbled, errLarge.Error()
	case seen.status == 0:
		f.Fault, f.Detail = judge.Unavailable, "no connection, or it broke"
	case seen.status < 300 && seen.body == nil:
		f.Fault, f.Detail = judge.Unavailable, "the connection broke inside the answer"
	case seen.status < 300:
		f.Fault, f.Detail = judge.Garbled, "the answer is not the JSON of a chat completion"
	default:
		f.Fault, f.Detail = ofStatus(seen.status, seen.body)
	}
	return f
}

// ofStatus tells faults by status, and by the code in the body.
func ofStatus(status int, body []byte) (judge.Fault, string) {
	code := codeOf(body)
	switch {
	case status == http.StatusTooManyRequests && code == "insufficient_quota":
		return judge.Unauthorized, "the account has no means left"
	case status == http.StatusTooManyRequests:
		return judge.Busy, ""
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusPaymentRequired:
		return judge.Unauthorized, "look at OPENAI_API_KEY or judge.key_file"
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return judge.Unsupported, "no such model, or judge.endpoint lacks its /v1"
	case status >= 300 && status < 400:
		return judge.Unsupported, "the service redirects; write its own URL as judge.endpoint"
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return judge.Slow, ""
	case status == http.StatusRequestEntityTooLarge, code == "context_length_exceeded", bytes.Contains(body, []byte("maximum context length")):
		return judge.TooLong, ""
	case code == "content_filter", bytes.Contains(body, []byte("ResponsibleAIPolicyViolation")):
		return judge.Filtered, ""
	case status >= 500:
		return judge.Unavailable, ""
	}
	if f, detail := inner(body); f != "" {
		return f, detail
	}
	return judge.Unsupported, "the service does not take such a request"
}

// inner tells faults of an error body: OpenAI's {"error": {...}}, a bare
// {"error": "text"}, vLLM's flat form. It is empty for what is no error.
func inner(body []byte) (judge.Fault, string) {
	var o map[string]json.RawMessage
	if json.Unmarshal(body, &o) != nil || o["error"] == nil && !strings.Contains(string(o["object"]), "error") {
		return "", ""
	}
	switch code := codeOf(body); {
	case strings.Contains(code, "rate_limit"), code == "429":
		return judge.Busy, "inside an answer of status 200"
	case strings.Contains(code, "auth"), strings.Contains(code, "api_key"), code == "insufficient_quota", code == "401":
		return judge.Unauthorized, "look at OPENAI_API_KEY or judge.key_file"
	case code == "content_filter":
		return judge.Filtered, ""
	case code == "context_length_exceeded":
		return judge.TooLong, ""
	case strings.HasPrefix(code, "invalid_request"), code == "unsupported_parameter", code == "unsupported_value", code == "model_not_found", strings.Contains(code, "badrequest"), code == "400":
		return judge.Unsupported, "the service does not take such a request"
	}
	return judge.Unavailable, "an error inside the answer"
}

// codeOf is the code of an error body, or its type; small letters.
func codeOf(body []byte) string {
	type fields struct {
		Code any    `json:"code"`
		Type string `json:"type"`
	}
	var flat fields
	var nested struct {
		Error fields `json:"error"`
	}
	json.Unmarshal(body, &flat)
	json.Unmarshal(body, &nested)
	for _, f := range []fields{nested.Error, flat} {
		if f.Code != nil {
			if code := strings.ToLower(fmt.Sprint(f.Code)); code != "" {
				return code
			}
		}
		if f.Type != "" {
			return strings.ToLower(f.Type)
		}
	}
	return ""
}
