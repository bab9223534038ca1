package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/router/proxy"
)

// A peer is a server that answers what it is asked with bytes of its own, and
// tells what it was asked.
type peer struct {
	url   string
	heads chan string
}

// newPeer gives each head of a request to answer, with the connection. The
// connection ends when that returns.
func newPeer(t *testing.T, answer func(head string, c net.Conn, b *bufio.Reader)) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{url: "http://" + l.Addr().String(), heads: make(chan string, 16)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				b := bufio.NewReader(c)
				var head strings.Builder
				for {
					line, err := b.ReadString('\n')
					if err != nil {
						return
					}
					if line == "\r\n" {
						break
					}
					head.WriteString(line)
				}
				p.heads <- head.String()
				answer(head.String(), c, b)
			}()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return p
}

// before is a rig whose two versions are the peer, below a path.
func (p *peer) before(t *testing.T, below string, version string) *rig {
	t.Helper()
	v := `{upstream: "` + p.url + below + `"` + version + "}\n"
	return newRig(t, nil, nil, "  v1: "+v+"  v2: "+v)
}

// raw sends bytes, and gives all that comes back.
func (r *rig) raw(sends string) string {
	r.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, sends); err != nil {
		r.t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		r.t.Fatalf("after %q: %v", b, err)
	}
	return string(b)
}

// line is that of a head for a field; empty: there is none.
func line(head, name string) string {
	for l := range strings.SplitSeq(head, "\r\n") {
		if before, _, ok := strings.Cut(l, ":"); ok && strings.EqualFold(before, name) {
			return l
		}
	}
	return ""
}

func sayOK(_ string, c net.Conn, _ *bufio.Reader) {
	_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
}

// TestTargets arrive as the client spelt them.
func TestTargets(t *testing.T) {
	p := newPeer(t, sayOK)
	plain, below := p.before(t, "", ""), p.before(t, "/base/", "")
	for _, target := range []string{
		"/", "/?", "/a?", "/a?b=1;c=2&d=%zz", "/a%2Fb//c/../d;x=1", "/%7Ea~!$&'()*+,;=:@[]", "/a/./b/%2e%2e/", "/a?b?c#d",
		"/张三?名=李", "/\xd5\xc5", `/"<>|^{}` + "`" + `\`, "/a#b", "/a%00b",
	} {
		for base, r := range map[string]*rig{"": plain, "/base": below} {
			if got := r.raw("GET " + target + " HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200") {
				t.Errorf("%q is answered %q", target, got)
				continue
			}
			head := <-p.heads
			if want := "GET " + base + target + " HTTP/1.1\r\n"; !strings.HasPrefix(head, want) {
				t.Errorf("%q arrives as %q", target, head)
			}
		}
	}
	for target, want := range map[string]string{
		"*": "*", "//a//b": "//a//b", "http://elsewhere/x?y": "/x?y", "http://elsewhere": "/",
	} {
		plain.raw("GET " + target + " HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n")
		if head := <-p.heads; !strings.HasPrefix(head, "GET "+want+" HTTP/1.1\r\n") {
			t.Errorf("%q arrives as %q", target, head)
		}
	}
}

// TestEarlyHeads go on to clients that know of them, without what belongs to
// one connection or to Weir.
func TestEarlyHeads(t *testing.T) {
	r := newPeer(t, func(head string, c net.Conn, b *bufio.Reader) {
		_, _ = io.WriteString(c, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX-Weir-Error: reset\r\nX-Weir-Version: v9\r\nX-Weir-Trace-Id: 1\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 3\r\n\r\n")
		sayOK(head, c, b)
	}).before(t, "", "")
	got := r.raw("GET / HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n")
	if want := "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q", got)
	}
	if got := r.raw("GET / HTTP/1.0\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.0 200 OK\r\n") {
		t.Errorf("a client of HTTP/1.0 got %q", got)
	}
}

// TestTrailersOfServers come without what no trailer may say.
func TestTrailersOfServers(t *testing.T) {
	for _, announced := range []string{"", "Trailer: X-Sum, X-Weir-Error\r\n"} {
		r := newPeer(t, func(_ string, c net.Conn, _ *bufio.Reader) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+announced+"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"+
				"X-Sum: 1\r\nX-Weir-Error: reset\r\nX-Weir-Version: v9\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
		}).before(t, "", "")
		got := r.raw("GET / HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n")
		head, body, _ := strings.Cut(got, "\r\n\r\n")
		if body != "2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n" || strings.Contains(head, "X-Weir-Error") {
			t.Errorf("got %q", got)
		}
	}
}

// TestDisguised fields do not arrive: what CGI would take for a field that Weir
// states.
func TestDisguised(t *testing.T) {
	p := newPeer(t, sayOK)
	r := p.before(t, "", `, set_headers: {X-Api-Key: "ours"}`)
	r.raw("GET / HTTP/1.1\r\nHost: bot\r\nX_Weir_Version: v9\r\nx-forwarded_for: 9.9.9.9\r\nX_API_Key: theirs\r\nX_Other: 1\r\nConnection: close\r\n\r\n")
	head := <-p.heads
	for _, name := range []string{"X_Weir_Version", "X-Forwarded_For", "X_API_Key"} {
		if got := line(head, name); got != "" {
			t.Errorf("%s arrives", got)
		}
	}
	if line(head, "X_Other") == "" {
		t.Errorf("X_Other does not arrive: %q", head)
	}
}

// TestOldClient asks in HTTP/1.0 what only HTTP/1.1 can: it is not sent on.
func TestOldClient(t *testing.T) {
	p := newPeer(t, sayOK)
	p.before(t, "", "").raw("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi")
	if got := line(<-p.heads, "Expect"); got != "" {
		t.Errorf("%s arrives", got)
	}
}

// TestNoUpgradeToHTTP2 keeps requests out of a tunnel that no row would tell of.
func TestNoUpgradeToHTTP2(t *testing.T) {
	p := newPeer(t, func(head string, c net.Conn, b *bufio.Reader) {
		if line(head, "Upgrade") != "" {
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
			return
		}
		sayOK(head, c, b)
	})
	r := p.before(t, "", "")
	for _, connection := range []string{"close, Upgrade, HTTP2-Settings", "close, Upgrade"} {
		got := r.raw("GET / HTTP/1.1\r\nHost: bot\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nConnection: " + connection + "\r\n\r\n")
		if head := <-p.heads; !strings.HasPrefix(got, "HTTP/1.1 200") || line(head, "Http2-Settings")+line(head, "Upgrade")+line(head, "Connection") != "" {
			t.Errorf("%q arrives, answered %q", head, got)
		}
	}
}

// TestTunnelEnds one way after the other: who has said all still hears.
func TestTunnelEnds(t *testing.T) {
	p := newPeer(t, func(_ string, c net.Conn, b *bufio.Reader) {
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		all, _ := io.ReadAll(b)
		_, _ = io.WriteString(c, "you said "+string(all))
	})
	r := p.before(t, "", "")
	client, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	_ = client.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(client, "GET / HTTP/1.1\r\nHost: bot\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nat once, ")
	b := bufio.NewReader(client)
	if res, err := http.ReadResponse(b, nil); err != nil || res.StatusCode != 101 {
		t.Fatalf("%v %v", res, err)
	}
	_, _ = io.WriteString(client, "and later")
	_ = client.(*net.TCPConn).CloseWrite()
	if got, err := io.ReadAll(b); string(got) != "you said at once, and later" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestStalledUpload frees the version long before the total time-out is over,
// and an upload that waits for the answer's rest is none.
func TestStalledUpload(t *testing.T) {
	p := newPeer(t, func(head string, c net.Conn, b *bufio.Reader) {
		if strings.HasPrefix(head, "POST /talk ") {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirs")
			time.Sleep(300 * time.Millisecond) // longer than a stall
			_, _ = io.WriteString(c, "t")
		}
		if r, err := http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(head+"\r\n"), b))); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
	})
	r := p.before(t, "", ", timeout: {first_byte: 50ms, total: 1h}")
	r.config.Stall = 50 * time.Millisecond
	impatient, err := proxy.New(r.config)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(impatient)
	defer func() { front.Close(); _ = impatient.Close() }()
	r.url = front.URL
	got := r.raw("POST /stall HTTP/1.1\r\nHost: bot\r\nContent-Length: 10\r\n\r\nabc")
	if !strings.HasPrefix(got, "HTTP/1.1 408 ") || line(got, "X-Weir-Error") != "X-Weir-Error: bad_body" {
		t.Errorf("a stalled upload is answered %q", got)
	}
	if row := r.last(1).Exchange; value(row.Status) != 408 || row.ErrorType != "" {
		t.Errorf("row of status %d, error %q", value(row.Status), row.ErrorType)
	}
	if n := impatient.InFlight("v1"); n != 0 {
		t.Errorf("%d are under way", n)
	}
	client, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	_ = client.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(client, "POST /talk HTTP/1.1\r\nHost: bot\r\nContent-Length: 10\r\n\r\nabc")
	res, err := http.ReadResponse(bufio.NewReader(client), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(res.Body); string(got) != "first" {
		t.Errorf("an upload that waits for more of the answer got %q, %v", got, err)
	}
}
