package proxy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"time"

	"weir/router/proxy/http1"
)

const (
	// maxHead bounds the head of an answer, in bytes.
	maxHead = 256 << 10
	// maxEarly bounds all heads with a status of 1xx before it together; package
	// http1 does so by itself.
	maxEarly = 8 * maxHead
)

var errEarly = errors.New("heads with a status of 1xx are longer than allowed")

// connections send requests to a version. Early is told of heads with a status
// of 1xx, until send returns.
type connections interface {
	send(r *http.Request, early func(status int, header http.Header)) (*http.Response, error)
	CloseIdleConnections()
}

// plain is HTTP/1.1 by a client of our own, at a fraction of the price.
type plain struct{ *http1.Transport }

func (p plain) send(r *http.Request, early func(int, http.Header)) (*http.Response, error) {
	return p.Send(r, early)
}

// encrypted may be HTTP/2, and is net/http's.
type encrypted struct{ *http.Transport }

func (e encrypted) send(r *http.Request, early func(int, http.Header)) (*http.Response, error) {
	if _, ok := r.Header["User-Agent"]; !ok {
		r.Header["User-Agent"] = []string{""} // none, and not net/http's
	}
	var mu sync.Mutex // the head may come when nobody waits any more
	returned, room := false, maxEarly
	defer func() {
		mu.Lock()
		defer mu.Unlock()
		returned = true
	}()
	return e.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(status int, header textproto.MIMEHeader) error {
			mu.Lock()
			defer mu.Unlock()
			if room -= sizeOf(http.Header(header)); room < 0 {
				return errEarly
			}
			if !returned {
				early(status, http.Header(header))
			}
			return nil
		},
	})))
}

// sizeOf is about how long a head is, in bytes.
func sizeOf(h http.Header) int {
	size := len("HTTP/1.1 103\r\n\r\n")
	for name, values := range h {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	return size
}

// connect makes the version's connections.
func (v *version) connect() {
	dialer := &net.Dialer{Timeout: v.Timeout.Connect, KeepAlive: 30 * time.Second}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, &unreached{err}
		}
		return c, nil
	}
	if v.upstream.Scheme == "http" {
		address := v.upstream.Host
		if v.upstream.Port() == "" {
			address = net.JoinHostPort(v.upstream.Hostname(), "80")
		}
		p := plain{&http1.Transport{
			Dial:      func(ctx context.Context) (net.Conn, error) { return dial(ctx, "tcp", address) },
			FirstByte: v.Timeout.FirstByte, Idle: idleConnections, MaxIdle: v.MaxInFlight, MaxHead: maxHead,
		}}
		v.pool, v.fresh = p, p // which sends what it cannot send twice over a new connection
		return
	}
	transport := func() *http.Transport {
		return &http.Transport{
			DialContext:            dial,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    v.Timeout.Connect,
			ResponseHeaderTimeout:  v.Timeout.FirstByte,
			ExpectContinueTimeout:  time.Second,
			IdleConnTimeout:        idleConnections,
			MaxIdleConns:           v.MaxInFlight,
			MaxIdleConnsPerHost:    v.MaxInFlight,
			MaxResponseHeaderBytes: maxHead,
			DisableCompression:     true, // what the client accepts is asked for, no more
			WriteBufferSize:        4 << 10,
			ReadBufferSize:         4 << 10,
		}
	}
	fresh := transport()
	fresh.DisableKeepAlives = true
	v.pool, v.fresh = encrypted{transport()}, encrypted{fresh}
}

// unreached is the error of a connection that could not be made: nothing was
// sent.
type unreached struct{ error }

func (u *unreached) Unwrap() error { return u.error }
