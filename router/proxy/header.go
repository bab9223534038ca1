package proxy

import (
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// singleHop are the fields that belong to one connection, and are not sent on
// (RFC 9110, section 7.6.1, and those of older standards). Trailer and
// Transfer-Encoding are stated anew by whoever frames the message.
var singleHop = []string{
	"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// forwardable is a header as it is sent on, with room for some more fields. It
// has the values in common with the one that it is made of.
func forwardable(h http.Header, more int) http.Header {
	out := make(http.Header, len(h)+more)
	for name, values := range h {
		out[name] = values
	}
	dropSingleHop(out)
	if httpguts.HeaderValuesContainsToken(h["Te"], "trailers") {
		out["Te"] = []string{"trailers"}
	}
	if protocol := upgradeOf(h); protocol != "" {
		out["Connection"], out["Upgrade"] = []string{"Upgrade"}, []string{protocol}
	}
	return out
}

func dropSingleHop(h http.Header) {
	for _, list := range h["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" {
				h.Del(name)
			}
		}
	}
	for _, name := range singleHop {
		delete(h, name)
	}
}

// upgradeOf is the protocol that the connection is to switch to, or does;
// empty: none.
func upgradeOf(h http.Header) string {
	if !httpguts.HeaderValuesContainsToken(h["Connection"], "Upgrade") {
		return ""
	}
	return h.Get("Upgrade")
}

// addAll adds all fields. Values of names that are new are shared.
func addAll(to, from http.Header) {
	for name, values := range from {
		if had := to[name]; len(had) > 0 {
			values = append(had[:len(had):len(had)], values...)
		}
		to[name] = values
	}
}
