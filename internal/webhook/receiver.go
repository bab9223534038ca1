package webhook

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"weir/rollout/spec"
)

// A Receiver is who is told, with what the environment gives filled in.
type Receiver struct {
	Name string // its place in the spec and its host; paths may hold secrets
	Host string
	On   []spec.Event
	url  string
	keys [][]byte // nil: calls are not signed
	id   string   // of its position: a hash of its URL
}

// Receivers are the webhooks of a release. The error is a [spec.Fault] or several where
// the environment lacks something, and names no secret.
func Receivers(r *spec.Release, lookup func(string) (string, bool)) ([]Receiver, error) {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	var out []Receiver
	seen := map[string]int{}
	for i, w := range r.Webhooks {
		address, err := r.ExpandEnv(w.URL, lookup)
		if err != nil {
			return nil, err
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, r.FaultAt(fmt.Sprintf("webhooks[%d].url", i), "what the environment gives is no http or https URL", "set "+spec.Variables(w.URL)+" to one")
		}
		x := Receiver{Name: fmt.Sprintf("%d %s", i+1, u.Host), Host: u.Host, On: w.On, url: address}
		if w.Secret != "" {
			secret, err := r.ExpandEnv(w.Secret, lookup)
			if err != nil {
				return nil, err
			}
			if x.keys, err = keys(secret); err != nil {
				return nil, r.FaultAt(fmt.Sprintf("webhooks[%d].secret", i), fmt.Sprintf("%s %v", cmp.Or(spec.Variables(w.Secret), "it"), err),
					"a secret is a key, whsec_ with base64, or two of these with a space between")
			}
		}
		seen[address]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s", seen[address], address))
		x.id = hex.EncodeToString(sum[:8])
		out = append(out, x)
	}
	return out, nil
}

// wants tells whether a receiver is told of a type.
func (x Receiver) wants(e spec.Event) bool { return slices.Contains(x.On, e) }

// Bounds of a call.
const (
	callLimit     = 15 * time.Second // from the connection to the end of the answer's headers
	headerLimit   = 16 << 10         // of the answer, in bytes
	longestPause  = 24 * time.Hour   // that a receiver may ask for
	answerIgnored = 4 << 10          // that are read of a body, in bytes, and dropped
)

// NewClient makes the client that calls receivers: certificates are verified,
// redirects are not followed.
func NewClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxResponseHeaderBytes = headerLimit
	t.MaxIdleConnsPerHost, t.IdleConnTimeout = 1, time.Minute
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// An Answer is what came of a call.
type Answer struct {
	Status int           // 0: there was none
	Err    error         // nil: the event is taken; never holds the URL
	After  time.Duration // the receiver wants to be left alone for; 0: it does not say
	Gone   bool          // it wants no more events
}

// Call sends an event to a receiver once.
func Call(ctx context.Context, client *http.Client, x Receiver, e *Event, now time.Time) Answer {
	ctx, cancel := context.WithTimeoutCause(ctx, callLimit, fmt.Errorf("no answer within %v", callLimit))
	defer cancel()
	body := e.body()
	r, err := newCall(ctx, x, e.ID, body, now)
	if err != nil {
		return Answer{Err: plain(ctx, err)}
	}
	res, err := client.Do(r)
	if err != nil {
		return Answer{Err: plain(ctx, err)}
	}
	defer res.Body.Close()
	drop(res.Body)
	return judge(res, now)
}
