package proxy

import (
	"encoding/hex"
	"io"
)

// newIDs are random ids of 16 and of 8 bytes, in hexadecimal. Neither is ever
// all zeros, which W3C Trace Context does not allow.
func newIDs(random io.Reader) (trace, span string) {
	b := make([]byte, 24+48)
	for {
		if _, err := io.ReadFull(random, b[:24]); err != nil {
			panic("proxy: no random bytes: " + err.Error())
		}
		hex.Encode(b[24:], b[:24])
		both := string(b[24:])
		if trace, span = both[:32], both[32:]; !zeros(trace) && !zeros(span) {
			return trace, span
		}
	}
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
