package proxy

import (
	"encoding/hex"
	"io"
)

// newID is a random id of so many bytes, in hexadecimal. It is never all
// zeros, which W3C Trace Context does not allow.
func newID(random io.Reader, bytes int) string {
	var b [16]byte
	for b == [16]byte{} {
		if _, err := io.ReadFull(random, b[:bytes]); err != nil {
			panic("proxy: no random bytes: " + err.Error())
		}
	}
	return hex.EncodeToString(b[:bytes])
}

// continued is the traceparent to send on (W3C Trace Context, level 1): the
// trace that the client is in, with a new parent, or else a trace of its own
// under the request's id. Flags are the client's.
func continued(incoming, traceID, parentID string) string {
	if v, ok := parseTraceparent(incoming); ok {
		return "00-" + v.trace + "-" + parentID + "-" + v.flags
	}
	return "00-" + traceID + "-" + parentID + "-01"
}

type traceparent struct{ trace, flags string }

// parseTraceparent reads version 00, and what later versions have in common
// with it.
func parseTraceparent(s string) (traceparent, bool) {
	if len(s) < 55 || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return traceparent{}, false
	}
	version, trace, parent, flags := s[:2], s[3:35], s[36:52], s[53:55]
	switch {
	case !lowerHex(version) || !lowerHex(trace) || !lowerHex(parent) || !lowerHex(flags):
	case version == "ff" || zeros(trace) || zeros(parent):
	case version == "00" && len(s) != 55 || len(s) > 55 && s[55] != '-':
	default:
		return traceparent{trace, flags}, true
	}
	return traceparent{}, false
}

func lowerHex(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func zeros(s string) bool {
	for _, c := range []byte(s) {
		if c != '0' {
			return false
		}
	}
	return true
}
