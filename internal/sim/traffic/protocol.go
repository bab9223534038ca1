package traffic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A Protocol is how a user's client speaks to an application.
type Protocol interface {
	// Say sends what a user says and reads the answer to its end. Answer holds
	// what came until then, also with an error.
	Say(ctx context.Context, c *http.Client, target string, d *Dialogue, said string) (Answer, error)
}

// A Rater is a protocol in which users can rate the last answer.
type Rater interface {
	Rate(ctx context.Context, c *http.Client, target string, d *Dialogue, like bool) error
}

// A Dialogue is what a client remembers of one.
type Dialogue struct {
	Name      string // of the simulated session, sent as X-Session-Id where the protocol has no ids of its own
	User      string
	Number    int // of the turn under way, from 1
	Streaming bool
	Header    http.Header

	Session string    // as outcomes name it: the name, or the id that the application gave
	Message string    // id of the last answer, where the application gives one
	History []Message // of protocols whose client carries it

	version string
	moved   bool
}

// A Message is one of a chat's history.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// An Answer is what came back.
type Answer struct {
	Status         int
	Version, Trace string
	Text           string
}

// The headers in which the router names what answered.
const (
	headerVersion = "X-Weir-Version"
	headerTrace   = "X-Weir-Trace-Id"
)

// errCut is an answer that ended before its end.
var errCut = errors.New("the answer ended before its end")

// post sends a JSON body and hands the answer's body to read.
func (d *Dialogue) post(ctx context.Context, c *http.Client, url string, body any, header http.Header, read func(io.Reader) (text string, err error)) (a Answer, err error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return a, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(encoded))
	if err != nil {
		return a, err
	}
	for _, h := range []http.Header{d.Header, header} {
		for name, values := range h {
			request.Header[name] = values
		}
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.Do(request)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	a.Status, a.Version, a.Trace = response.StatusCode, response.Header.Get(headerVersion), response.Header.Get(headerTrace)
	if a.Status >= 300 {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 512))
		return a, fmt.Errorf("status %d: %s", a.Status, said)
	}
	a.Text, err = read(io.LimitReader(response.Body, 16<<20))
	return a, err
}

// document reads a JSON object.
func document(into any, text func() string) func(io.Reader) (string, error) {
	return func(body io.Reader) (string, error) {
		err := json.NewDecoder(body).Decode(into)
		return text(), err
	}
}

// events reads a stream; each is given the data of an event, and tells whether
// the answer is over.
func events(each func(data string) (over bool, err error)) func(io.Reader) (string, error) {
	return func(body io.Reader) (string, error) {
		all, err := io.ReadAll(body)
		over := false
		for line := range strings.Lines(string(all)) {
			data, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "data: ")
			if !ok {
				continue
			}
			ended, failed := each(data)
			if failed != nil {
				return "", failed
			}
			over = over || ended
		}
		if err == nil && !over {
			err = errCut
		}
		return "", err
	}
}
