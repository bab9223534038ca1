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
	"strings"
	"testing"
)

// odd are answers that servers give, to the byte.
var odd = []struct {
	name, raw string
	closes    bool // the server closes the connection after it
}{
	{"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
	{"length 0", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false},
	{"long", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100000), false},
	{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", false},
	{"chunk extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n", false},
	{"trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", false},
	{"trailer not announced", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", false},
	{"until close", "HTTP/1.1 200 OK\r\n\r\nhello", true},
	{"HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", true},
	{"HTTP/1.0 kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", false},
	{"HTTP/1.0 chunked", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true},
	{"close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", true},
	{"no content", "HTTP/1.1 204 No Content\r\n\r\n", false},
	{"no content with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", false},
	{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false},
	{"continue", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
	{"early hints", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
	{"hints alone", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", true},
	{"length and chunked", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", false},
	{"two lengths alike", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", false},
	{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello", true},
	{"a length below 0", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", true},
	{"a length in words", "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", true},
	{"a length with a sign", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", true},
	{"gzip, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true},
	{"identity", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", true},
	{"chunked twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true},
	{"no status", "HTTP/1.1\r\n\r\n", true},
	{"a status in words", "HTTP/1.1 two OK\r\n\r\n", true},
	{"a status of 4 digits", "HTTP/1.1 2000 OK\r\n\r\n", true},
	{"a status below 100", "HTTP/1.1 099 Low\r\nContent-Length: 5\r\n\r\nhello", true},
	{"no reason", "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", false},
	{"another protocol", "SSH-2.0-x\r\n", true},
	{"HTTP/2", "HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", true},
	{"folded", "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 5\r\n\r\nhello", false},
	{"space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello", true},
	{"no colon", "HTTP/1.1 200 OK\r\nX-A\r\nContent-Length: 5\r\n\r\nhello", true},
	{"bare LF", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", false},
	{"bare CR", "HTTP/1.1 200 OK\r\nX-A: b\rX-B: c\r\nContent-Length: 5\r\n\r\nhello", false},
	{"NUL", "HTTP/1.1 200 OK\r\nX-A: b\x00c\r\nContent-Length: 5\r\n\r\nhello", false},
	{"small letters", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-twice: a\r\nX-Twice: b\r\n\r\nhello", false},
	{"nothing", "", true},
	{"half a head", "HTTP/1.1 200 OK\r\nContent-Le", true},
	{"a head too long", "HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("x", 64<<10) + "\r\nContent-Length: 5\r\n\r\nhello", true},
	{"many hints", strings.Repeat("HTTP/1.1 103 Early Hints\r\nX-A: "+strings.Repeat("x", 4<<10)+"\r\n\r\n", 16) + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
	{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", true},
	{"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", true},
	{"no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true},
	{"half a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Su", true},
	{"a chunk in words", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n", true},
	{"a chunk beyond count", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n", true},
	{"a chunk longer than said", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n", true},
	{"more than was said", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello", false},
	{"two answers", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb", false},
	{"error", "HTTP/1.1 500 Sorry\r\nContent-Length: 5\r\n\r\nsorry", false},
}

// TestOddServers gives the same bytes to our transport and to net/http's: they
// come to the same.
func TestOddServers(t *testing.T) {
	for _, o := range odd {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			t.Run(o.name+"/"+method, func(t *testing.T) {
				ours, their := answers(t, o.raw, o.closes), answers(t, o.raw, o.closes)
				for i := range 2 {
					got := outcome(t, ours.transport(t), method, ours.url())
					want := outcome(t, theirs(t, nil), method, their.url())
					if o.name == "a status below 100" {
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
	for _, o := range odd {
		if len(o.raw) < 1<<10 {
			f.Add([]byte(o.raw), true)
			f.Add([]byte(o.raw), false)
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
