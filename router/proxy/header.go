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
	"Te", "Trailer", "Transfer-Encoding", "Upgrade", "Http2-Settings",
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

// dropStated drops what only Weir may say on an answer.
func dropStated(h http.Header) {
	delete(h, HeaderVersion)
	delete(h, HeaderTrace)
	delete(h, HeaderError) // a version's answer is none of Weir's own
}

// dropUntrailed drops fields that no trailer can have: what frames or routes a
// message, as it would come too late (RFC 9110, section 6.5.1), and what only
// Weir may say.
func dropUntrailed(trailer http.Header) {
	dropStated(trailer)
	for name := range trailer {
		if !httpguts.ValidTrailerHeader(name) {
			delete(trailer, name)
		}
	}
}

// stated are the fields that Weir states to versions.
var stated = http.Header{
	"X-Forwarded-For": nil, "X-Forwarded-Host": nil, "X-Forwarded-Proto": nil,
	HeaderTrace: nil, HeaderVersion: nil,
}

// dropDisguised drops fields whose names many servers take for those that Weir
// states: CGI and its heirs know no difference between _ and -.
func dropDisguised(h http.Header, stated ...http.Header) {
	for name := range h {
		if !strings.Contains(name, "_") {
			continue
		}
		plain := http.CanonicalHeaderKey(strings.ReplaceAll(name, "_", "-"))
		for _, s := range stated {
			if _, ok := s[plain]; ok {
				delete(h, name)
			}
		}
	}
}

// upgradeOf is the protocol that the connection is to switch to, or does;
// empty: none. HTTP/2 is none: requests inside of it would belong to no version
// and to no row, and RFC 9113 has given this way up.
func upgradeOf(h http.Header) string {
	if !httpguts.HeaderValuesContainsToken(h["Connection"], "Upgrade") || httpguts.HeaderValuesContainsToken(h["Upgrade"], "h2c") {
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
