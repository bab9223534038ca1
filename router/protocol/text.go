package protocol

import (
	"mime"
	"net/http"
	"strings"
)

// Valid gives bytes as text: what is no UTF-8 is replaced, and a character cut
// at the end goes with it.
func Valid(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }

// MediaType is the type of a body, such as application/json; empty where none
// is said.
func MediaType(h http.Header) string {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

// Streamed tells whether the body is server-sent events.
func Streamed(h http.Header) bool { return MediaType(h) == "text/event-stream" }

// Textual tells whether the body is text to read.
func Textual(h http.Header) bool {
	t := MediaType(h)
	return strings.HasPrefix(t, "text/") || t == "application/json" || strings.HasSuffix(t, "+json") ||
		t == "application/x-ndjson" || t == "application/x-www-form-urlencoded"
}
