package protocol

import (
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Valid gives bytes as text: what is no UTF-8 is replaced, and a character cut
// at the end goes with it.
func Valid(b []byte) string { return valid(string(b)) }

// valid is ToValidUTF8, quicker for what is valid already.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// MediaType is the type of a body, such as application/json; empty where none
// is said.
func MediaType(h http.Header) string {
	switch stated := h.Get("Content-Type"); stated {
	case "application/json", "text/event-stream": // what most are needs no parsing
		return stated
	default:
		t, _, err := mime.ParseMediaType(stated)
		if err != nil {
			return ""
		}
		return t
	}
}

// Streamed tells whether the body is server-sent events.
func Streamed(h http.Header) bool { return MediaType(h) == "text/event-stream" }

// Textual tells whether the body is text to read.
func Textual(h http.Header) bool {
	t := MediaType(h)
	return strings.HasPrefix(t, "text/") || t == "application/json" || strings.HasSuffix(t, "+json") ||
		t == "application/x-ndjson" || t == "application/x-www-form-urlencoded"
}
