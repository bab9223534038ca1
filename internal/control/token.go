package control

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A Scope is what a token may do.
type Scope string

// The scopes. Operate takes in read.
const (
	Ingest  Scope = "ingest"  // report outcomes and traces, ask where to route
	Read    Scope = "read"    // see state, history, verdict and metrics
	Operate Scope = "operate" // change what the release does
)

var scopes = []Scope{Ingest, Read, Operate}

// A token is known by its hash alone.
type token struct {
	name   string
	scopes []Scope
	hash   [sha256.Size]byte
}

func (t token) may(any []Scope) bool {
	for _, s := range any {
		if slices.Contains(t.scopes, s) || s == Read && slices.Contains(t.scopes, Operate) {
			return true
		}
	}
	return false
}

// all is the scopes of a token, those that others take in among them.
func (t token) all() []Scope {
	var out []Scope
	for _, s := range scopes {
		if t.may([]Scope{s}) {
			out = append(out, s)
		}
	}
	return out
}

// Tokens are those that the control plane takes. Nil takes none.
type Tokens []token

// environmentToken names the token of the environment in the history.
const environmentToken = "WEIR_TOKEN"

// EnvironmentToken is the token of WEIR_TOKEN, with all scopes; none where the
// text is empty.
func EnvironmentToken(text string) Tokens {
	if text == "" {
		return nil
	}
	return Tokens{{name: environmentToken, scopes: scopes, hash: sha256.Sum256([]byte(text))}}
}

// Named gives the tokens a name in the place of theirs.
func (ts Tokens) Named(name string) Tokens {
	out := slices.Clone(ts)
	for i := range out {
		out[i].name = name
	}
	return out
}

// hashPrefix marks a token of the file that is written as its hash.
const hashPrefix = "sha256:"

// ParseTokens reads a file of tokens, one a line:
//
//	# name   scopes          token, or sha256: and its hash in hexadecimal
//	ci       read,operate    4f9c2b...
//	app      ingest          sha256:9f86d081884c7d65...
//
// File is its name in errors, which never hold a token.
func ParseTokens(file string, src []byte) (Tokens, error) {
	var tokens Tokens
	lines := bufio.NewScanner(bytes.NewReader(src))
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 3 {
			return nil, fmt.Errorf("%s:%d: found %d words: write a name, scopes with commas between, and the token", file, n, len(fields))
		}
		t, err := parseToken(fields[0], fields[1], fields[2])
		if err == nil && slices.ContainsFunc(tokens, func(o token) bool { return o.name == t.name }) {
			err = fmt.Errorf("another token is called %q: names are unique", t.name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, n, err)
		}
		tokens = append(tokens, t)
	}
	return tokens, lines.Err()
}

func parseToken(name, scoped, text string) (token, error) {
	t := token{name: name}
	for s := range strings.SplitSeq(scoped, ",") {
		if !slices.Contains(scopes, Scope(s)) {
			return t, fmt.Errorf("scope %q: allowed are ingest, read and operate", s)
		}
		t.scopes = append(t.scopes, Scope(s))
	}
	digest, hashed := strings.CutPrefix(text, hashPrefix)
	if !hashed {
		t.hash = sha256.Sum256([]byte(text))
		return t, nil
	}
	raw, err := hex.DecodeString(digest)
	if err != nil || len(raw) != len(t.hash) {
		return t, fmt.Errorf("the hash of token %q is not 64 hexadecimal digits", name)
	}
	copy(t.hash[:], raw)
	return t, nil
}

// carried is what a request carries in the place of a token; empty: nothing.
func carried(r *http.Request) string {
	text, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		text = r.Header.Get("X-API-Key") // as OFREP's clients may
	}
	if _, password, basic := r.BasicAuth(); basic { // of a URL, where nothing else can be said: Flagger
		text = password
	}
	return strings.TrimSpace(text)
}

// find gives the token of a text. The time it takes tells nothing of which it is near to.
func (ts Tokens) find(text string) (found token, ok bool) {
	hash := sha256.Sum256([]byte(text))
	for _, t := range ts {
		if subtle.ConstantTimeCompare(hash[:], t.hash[:]) == 1 {
			found, ok = t, true
		}
	}
	return found, ok && text != ""
}
