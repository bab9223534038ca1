package live

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"weir/trace"
)

// tunnels is a version that speaks another protocol: what it hears, twice.
func tunnels(t *testing.T) string {
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
				b := bufio.NewReader(c)
				if _, err := http.ReadRequest(b); err != nil {
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: twice\r\n\r\n")
				for {
					line, err := b.ReadString('\n')
					if err != nil {
						return
					}
					_, _ = io.WriteString(c, line+line)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// upgrade asks for that protocol.
func upgrade(t *testing.T, url string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: bot\r\nConnection: Upgrade\r\nUpgrade: twice\r\n\r\n")
	b := bufio.NewReader(c)
	if res, err := http.ReadResponse(b, nil); err != nil || res.StatusCode != 101 {
		t.Fatalf("%v %v", res, err)
	}
	return c, b
}

// TestTunnelsAreDrained as streams are: they go on until they end, or are cut,
// and have a row either way, which blames nobody.
func TestTunnelsAreDrained(t *testing.T) {
	for name, drain := range map[string]time.Duration{"ends": time.Minute, "is cut": 50 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			text := strings.ReplaceAll(*p.text.Load(), p.v1.URL, tunnels(t))
			p.text.Store(&text)
			f := p.start(func(o *Options) { o.Drain = drain })
			c, b := upgrade(t, f.data)
			f.end()
			if name == "ends" {
				_, _ = io.WriteString(c, "still there\n")
				for range 2 {
					if line, err := b.ReadString('\n'); line != "still there\n" {
						t.Errorf("heard %q, %v", line, err)
					}
				}
				_ = c.Close()
			}
			f.stop()
			if x := rows[trace.Exchange](p); len(x) != 1 || x[0].ErrorType != "" || *x[0].Status != 101 {
				t.Errorf("%+v", x)
			}
		})
	}
}

func TestUnderway(t *testing.T) {
	var u underway
	over, cancel := context.WithCancel(t.Context())
	if !u.wait(over) {
		t.Error("nothing is under way, and was waited for")
	}
	u.add(1)
	cancel()
	if u.wait(over) {
		t.Error("a request is under way, and was not waited for")
	}
	waited := make(chan bool)
	go func() { waited <- u.wait(t.Context()) }()
	u.add(1)
	u.add(-1)
	u.add(-1)
	if !<-waited {
		t.Error("what was waited for did not end")
	}
}
