package http1

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// An answer is a body as it comes. Its end gives the connection back.
type answer struct {
	*conn
	ctx     context.Context
	unwatch func() bool // ends watching ctx; false: the connection is being closed
	upload  *upload     // nil where all was sent before
	body    io.Reader
	err     error // what the last Read came to
	keep    bool  // the connection can be used again
	ended   atomic.Bool
}

func (a *answer) exchange(r *http.Request, m *message, early func(int, http.Header)) (res *http.Response, err error) {
	if m.flowing == nil {
		defer closeBody(r)
	}
	if a.upload, err = a.send(r, m); err != nil {
		return nil, err
	}
	a.reader.Reset(a.conn)
	if res, err = a.receive(r, a.upload, early); err != nil {
		return nil, err
	}
	a.keep = !res.Close && !r.Close
	switch {
	case res.StatusCode == http.StatusSwitchingProtocols:
		a.keep = false
		res.Body = tunnel{a}
	case res.Body == http.NoBody:
		a.end(true)
	default:
		a.body, res.Body = res.Body, a
	}
	return res, nil
}

// Read gives what has come.
func (a *answer) Read(p []byte) (int, error) {
	if a.err != nil {
		return 0, a.err
	}
	n, err := a.body.Read(p)
	if err == nil {
		return n, nil
	}
	if a.err = err; err != io.EOF && a.ctx.Err() != nil {
		a.err = context.Cause(a.ctx)
	}
	a.end(err == io.EOF)
	return n, a.err
}

// Ready tells whether some of the answer has come beside its head, so that Read
// need not wait, or not for long. It is called by who reads.
func (a *answer) Ready() bool { return a.err != nil || a.reader.Buffered() > 0 }

// Close ends an answer that is not wanted any more, and its connection with it.
func (a *answer) Close() error {
	if a.ended.CompareAndSwap(false, true) {
		a.unwatch()
		a.leave()
	}
	return nil
}

// end is called by who reads. The connection is kept where nothing can be left
// on it of this request.
func (a *answer) end(whole bool) {
	if !a.ended.CompareAndSwap(false, true) {
		return
	}
	unwatched := a.unwatch()
	clean := a.reader.Buffered() == 0
	a.reader.Reset(nil)
	readers.Put(a.reader)
	a.reader = nil
	if whole && a.keep && unwatched && clean && a.upload.ended() {
		a.transport.put(a.conn)
		return
	}
	a.leave()
}

func (a *answer) leave() {
	if a.upload != nil {
		close(a.upload.stop)
	}
	a.close()
}

// A tunnel is a connection that has switched to another protocol.
type tunnel struct{ *answer }

func (t tunnel) Read(p []byte) (int, error)  { return t.reader.Read(p) }
func (t tunnel) Write(p []byte) (int, error) { return t.Conn.Write(p) }

// CloseWrite says that nothing more will be written.
func (t tunnel) CloseWrite() error {
	if c, ok := t.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}
