package control

import (
	"net"
	"net/http"
	"net/netip"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/time/rate"
)

// A caller is who asks: a token's name.
type caller struct {
	name   string
	scopes []Scope
}

// A handler answers a call of somebody who may make it.
type handler func(w http.ResponseWriter, r *http.Request, by caller) error

// guards stand before every handler.
type guards struct {
	tokens   Tokens
	hosts    []string
	crossing *http.CrossOriginProtection
	guesses  *rate.Limiter // of tokens that do not fit
	perToken rate.Limit

	mu     sync.Mutex
	limits map[string]*rate.Limiter // by the name of a token
}

// Guesses of tokens a second, and at once.
const (
	guessRate  = 5
	guessBurst = 20
)

func newGuards(c Config) *guards {
	return &guards{
		tokens: c.Tokens, hosts: c.Hosts, crossing: http.NewCrossOriginProtection(),
		guesses: rate.NewLimiter(guessRate, guessBurst), perToken: rate.Limit(c.Rate),
		limits: map[string]*rate.Limiter{},
	}
}

// place refuses what a browser was talked into, and paths that mean another
// than they say.
func (g *guards) place(r *http.Request) error {
	switch {
	case !g.knows(r.Host):
		return fail(http.StatusMisdirectedRequest, "unknown_host", "this is not the host %q: call it by its address or by localhost, or name the host where it is started", r.Host)
	case g.crossing.Check(r) != nil:
		return fail(http.StatusForbidden, "cross_site", "the call comes from another site")
	case r.URL.RawPath != "" || path.Clean(r.URL.Path) != r.URL.Path:
		return fail(http.StatusNotFound, "unknown_path", "the path is not written plainly")
	}
	return nil
}

// knows tells whether a request means this listener by its Host. A name that
// somebody else points here is not known; an address cannot be such a name.
func (g *guards) knows(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	same := func(name string) bool { return strings.EqualFold(name, host) }
	return same("localhost") || slices.ContainsFunc(g.hosts, same)
}

// wrongToken is the answer to a token that fits none, and says nothing of which there are.
const wrongToken = "wrong_token"

// admit gives who asks, if any of the scopes is theirs.
func (g *guards) admit(r *http.Request, any []Scope) (caller, error) {
	text := carried(r)
	t, ok := g.tokens.find(text)
	if !ok {
		if !g.guesses.Allow() {
			return caller{}, fail(http.StatusTooManyRequests, "too_many", "too many calls without a valid token: wait a moment")
		}
		if text == "" {
			return caller{}, fail(http.StatusUnauthorized, "no_token", "the call needs a token: send Authorization: Bearer TOKEN")
		}
		return caller{}, fail(http.StatusUnauthorized, wrongToken, "the token is none that is taken here: send one of --tokens, or WEIR_TOKEN, as they were when the server was started")
	}
	if !t.may(any) {
		return caller{}, fail(http.StatusForbidden, "scope", "token %s lacks the scope %s", t.name, listOf(any))
	}
	if !g.limit(t.name).Allow() {
		return caller{}, fail(http.StatusTooManyRequests, "too_many", "token %s calls more than %v times a second: wait a moment", t.name, float64(g.perToken))
	}
	return caller{t.name, t.all()}, nil
}

func (g *guards) limit(name string) *rate.Limiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.limits[name]
	if l == nil {
		l = rate.NewLimiter(g.perToken, max(1, int(2*g.perToken)))
		g.limits[name] = l
	}
	return l
}

func listOf(any []Scope) string {
	words := make([]string, len(any))
	for i, s := range any {
		words[i] = string(s)
	}
	return strings.Join(words, " or ")
}
