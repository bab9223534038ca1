package proxy_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A body that the client does not send to its end, or sends wrongly, is the
// client's error: it is told so, its connection ends, and no version is blamed.
func TestBodiesThatDoNotComeWhole(t *testing.T) {
	const post = "POST /x HTTP/1.1\r\nHost: bot\r\n"
	for _, c := range []struct {
		name, sends, goesOn string
		status, row         int64 // 0: none
	}{
		{name: "a chunk without a length", sends: post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n\r\n", status: 400, row: 400},
		{name: "a malformed trailer, and more behind it", sends: post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nno colon\r\n\r\nGET /more HTTP/1.1\r\nHost: bot\r\n\r\n", status: 400, row: 400},
		{name: "less than was said", sends: post + "Content-Length: 10\r\n\r\nabc", status: 408, row: 408},
		{name: "byte by byte", sends: post + "Content-Length: 10000\r\n\r\nabc", goesOn: "d", status: 408, row: 408},
		{name: "JSON, less than was said", sends: post + "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{", status: 408},
		{name: "JSON, a chunk without a length", sends: post + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n", status: 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, says("one"), says("two"), "  v1: {upstream: V1, timeout: {total: 1500ms}}\n  v2: {upstream: V2, timeout: {total: 1500ms}}\n",
				"context: {session: [\"body:conversation_id\"]}", "breaker: {consecutive_failures: 1, min_requests: 1}")
			r.share(1)
			client, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			_ = client.SetDeadline(time.Now().Add(20 * time.Second))
			if _, err := io.WriteString(client, c.sends); err != nil {
				t.Fatal(err)
			}
			if c.goesOn != "" {
				go func() {
					for _, err := io.WriteString(client, c.goesOn); err == nil; _, err = io.WriteString(client, c.goesOn) {
						time.Sleep(20 * time.Millisecond)
					}
				}()
			}
			told, err := io.ReadAll(client) // until the proxy closes
			if err, ok := err.(net.Error); ok && err.Timeout() {
				t.Fatal("the connection stays open")
			}
			if got := string(told); strings.Count(got, "HTTP/1.1") != 1 || !strings.HasPrefix(got, "HTTP/1.1 "+statusText(c.status)) || !strings.Contains(got, "X-Weir-Error: bad_body") {
				t.Errorf("told %q", got)
			}
			if c.row == 0 {
				if n := r.begun(); n != 0 {
					t.Errorf("%d rows", n)
				}
				return
			}
			if row := r.last(1).Exchange; value(row.Status) != c.row || row.ErrorType != "" {
				t.Errorf("row of status %d, error %q", value(row.Status), row.ErrorType)
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			if len(r.opened) > 0 {
				t.Errorf("the breaker of %v opened", r.opened)
			}
		})
	}
}

func statusText(status int64) string {
	if status == 408 {
		return "408 Request Timeout"
	}
	return "400 Bad Request"
}
