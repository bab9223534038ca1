package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"weir/router/proxy/http1/http1test"
)

// TestOddAnswers gives answers of many kinds through the proxy and through
// httputil.ReverseProxy: the client gets the same.
func TestOddAnswers(t *testing.T) {
	for _, protocol := range []string{"http", "openai"} {
		for _, a := range http1test.Answers {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				t.Run(protocol+"/"+a.Name+"/"+method, func(t *testing.T) {
					upstream := gives(t, a)
					r := newRig(t, nil, nil, strings.ReplaceAll(both(protocol), "V1", upstream.String()))
					by := &httputil.ReverseProxy{
						Rewrite:       func(p *httputil.ProxyRequest) { p.SetURL(upstream) },
						FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0),
					}
					reverse := httptest.NewServer(by)
					defer reverse.Close()
					want := regexp.MustCompile(`Content-Type:\[[^]]*\] ?`).ReplaceAllString(seen(t, reverse.Client(), method, reverse.URL), "") // a guess
					for range 2 {
						got := seen(t, r.client, method, r.url)
						if a.Name == "a status below 100" {
							want = "early [] 502 none" // ReverseProxy panics
						}
						if got != want {
							t.Errorf("the client gets\n%s\nby ReverseProxy\n%s", got, want)
						}
					}
				})
			}
		}
	}
}

// gives is a server that gives an answer to every request.
func gives(t *testing.T, a http1test.Answer) *url.URL {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				for b := bufio.NewReader(c); ; {
					r, err := http.ReadRequest(b)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, r.Body)
					if _, err := io.WriteString(c, a.Raw); err != nil || a.Closes {
						return
					}
				}
			}()
		}
	}()
	return &url.URL{Scheme: "http", Host: l.Addr().String()}
}

// seen is what a client sees of an answer, but for what Weir states.
func seen(t *testing.T, client *http.Client, method, address string) string {
	var early []string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(status int, h textproto.MIMEHeader) error {
			early = append(early, fmt.Sprintf("%d %.100s", status, fmt.Sprint(http.Header(h))))
			return nil
		},
	})
	q, _ := http.NewRequestWithContext(ctx, method, address+"/a?b", strings.NewReader(map[string]string{"POST": `{"a":1}`}[method]))
	res, err := client.Do(q)
	if err != nil {
		return fmt.Sprint("early ", early, " broken")
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil && len(body) == 0 {
		return fmt.Sprint("early ", early, " broken") // the head may have come before it or not
	}
	if res.StatusCode == http.StatusBadGateway {
		return fmt.Sprint("early ", early, " 502 none")
	}
	if res.ContentLength == int64(len(body)) && method != "HEAD" {
		res.ContentLength = -1 // pieces that came at once may be given as one of known length
	}
	return fmt.Sprintf("early %v %s, length %d, %v, %d bytes beginning %.20q, broken %v, trailer %v",
		early, res.Status, res.ContentLength, plainHeaders(res.Header), len(body), body, err != nil, res.Trailer)
}
