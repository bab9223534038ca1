package proxy

import (
	"net/http"
	"net/netip"
	"strings"
)

// forwarded says who asks, as far as the peer can be trusted to say so.
type forwarded struct {
	client      netip.Addr // invalid where unknown
	chain       string     // X-Forwarded-For, with the peer at its end
	host, proto string     // that the client asked for
}

// forwardedBy reads the peer's address and, where it is a trusted proxy, what
// that says of whom it asks for. Of the addresses in X-Forwarded-For the last
// that is no trusted proxy is the client's; what stands before it anyone could
// have written.
func (s *sources) forwardedBy(r *http.Request) forwarded {
	f := forwarded{host: r.Host, proto: "http"}
	if r.TLS != nil {
		f.proto = "https"
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return f
	}
	f.client = peer.Addr().Unmap()
	f.chain = f.client.String()
	if !s.trusts(f.client) {
		return f
	}
	if host := r.Header.Get("X-Forwarded-Host"); host != "" {
		f.host = host
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		f.proto = proto
	}
	before := strings.Join(r.Header.Values("X-Forwarded-For"), ", ")
	if before == "" {
		return f
	}
	f.chain = before + ", " + f.chain
	for hops := strings.Split(before, ","); len(hops) > 0 && s.trusts(f.client); hops = hops[:len(hops)-1] {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1]))
		if err != nil {
			break
		}
		f.client = hop.Unmap()
	}
	return f
}

func (s *sources) trusts(a netip.Addr) bool {
	for _, p := range s.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
