package http1_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"regexp"
	"slices"
	"testing"

	"weir/router/proxy/http1/http1test"
)

// TestOddServers gives the same bytes to our transport and to net/http's: they
// come to the same.
func TestOddServers(t *testing.T) {
	for _, o := range http1test.Answers {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			t.Run(o.Name+"/"+method, func(t *testing.T) {
				ours, their := answers(t, o.Raw, o.Closes), answers(t, o.Raw, o.Closes)
				for i := range 2 {
					got := outcome(t, ours.transport(t), method, ours.url())
					want := outcome(t, theirs(t, nil), method, their.url())
					if o.Name == "a status below 100" {
						want = "early []\nno answer" // net/http takes it, and cannot give it on
					}
					if got != want {
						t.Errorf("request %d is answered\n%s\nby net/http\n%s", i+1, got, want)
					}
				}
			})
		}
	}
}

// outcome is all that can be seen of an answer.
func outcome(t testing.TB, by http.RoundTripper, method, url string) string {
	var early []string
	r := request(t, method, url, map[string]string{"POST": "a question"}[method])
	r = r.WithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			early = append(early, short(fmt.Sprint(code, http.Header(h))))
			return nil
		},
	}))
	res, err := by.RoundTrip(r)
	if err != nil {
		return fmt.Sprintf("early %v\nno answer", early)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	sum := fmt.Sprintf("%d bytes beginning %q", len(body), body[:min(len(body), 20)])
	return fmt.Sprintf("early %v\n%s %s, length %d, close %v, coded %v\n%v\n%s, broken %v\ntrailer %v",
		early, res.Proto, res.Status, res.ContentLength, res.Close, res.TransferEncoding,
		short(fmt.Sprint(sorted(res.Header))), sum, err != nil, sorted(res.Trailer))
}

func short(s string) string { return s[:min(len(s), 400)] }

func sorted(h http.Header) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		all = append(all, fmt.Sprint(name, h[name]))
	}
	return all
}

var low = regexp.MustCompile(`HTTP/\d\.\d +[^1-9]`)

// FuzzAnswer compares the two on any bytes, over two requests of one connection.
func FuzzAnswer(f *testing.F) {
	for _, o := range http1test.Answers {
		if len(o.Raw) < 1<<10 {
			f.Add([]byte(o.Raw), true)
			f.Add([]byte(o.Raw), false)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, head bool) {
		if bytes.Contains(raw, []byte(" 101")) {
			return // what follows is no answer; TestTunnel holds it
		}
		if low.Match(raw) {
			return // a status below 100, which only net/http takes for one
		}
		method := map[bool]string{true: "HEAD", false: "GET"}[head]
		dial := func(context.Context) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				defer func() { _ = far.Close() }()
				if _, err := http.ReadRequest(bufio.NewReader(far)); err == nil {
					_, _ = far.Write(raw)
				}
			}()
			return near, nil
		}
		got := outcome(t, transport(t, dial), method, "http://a")
		if want := outcome(t, theirs(t, dial), method, "http://a"); got != want {
			t.Errorf("%q is\n%s\nby net/http\n%s", raw, got, want)
		}
	})
}
