package http1_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestSilent asks a server once that says nothing, or half a head: over a
// connection that has been used before too.
func TestSilent(t *testing.T) {
	for _, said := range []string{"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 1", "HTTP/1.1"} {
		t.Run(said, func(t *testing.T) {
			u := listen(t, func(u *upstream, c net.Conn, n int) {
				b := bufio.NewReader(c)
				u.read(b)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				u.read(b)
				_, _ = io.WriteString(c, said)
				u.read(b) // until it is left
			})
			by := u.transport(t)
			by.FirstByte = 100 * time.Millisecond
			res, err := by.RoundTrip(request(t, "GET", u.url(), ""))
			text(t, res, err)
			if _, err = by.RoundTrip(request(t, "GET", u.url(), "")); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("error %v, want one of time", err)
			}
			if n := u.requests.Load(); n != 2 {
				t.Errorf("the server got %d requests, was sent 2", n)
			}
		})
	}
}

// TestStormOfEarlyHeads is over when they are nine times as long as a head may be.
func TestStormOfEarlyHeads(t *testing.T) {
	const head = "HTTP/1.1 102 Processing\r\n\r\n"
	u := listen(t, func(u *upstream, c net.Conn, _ int) {
		b := bufio.NewReader(c)
		u.read(b)
		for err := error(nil); err == nil; {
			_, err = io.WriteString(c, strings.Repeat(head, 100))
		}
	})
	by, told := u.transport(t), 0
	_, err := by.Send(request(t, "GET", u.url(), ""), func(int, http.Header) { told++ })
	if err == nil || told == 0 || told > 9*int(by.MaxHead)/len(head) {
		t.Errorf("error %v after %d heads", err, told)
	}
}
