package proxy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Bodies flow through buffers: small ones for streams, which are many and slow,
// and whose pieces are to be read, large ones for the rest.
const (
	streamBuffer = 4 << 10
	bodyBuffer   = 32 << 10
)

var (
	streamBuffers = sync.Pool{New: func() any { return new([streamBuffer]byte) }}
	bodyBuffers   = sync.Pool{New: func() any { return new([bodyBuffer]byte) }}
)

// give sends the version's answer to the client, as it comes. One that breaks
// off breaks the client's off too.
func (x *exchange) give(res *http.Response) {
	dropSingleHop(res.Header)
	x.open(res)
	defer func() { _ = res.Body.Close() }()
	h := x.w.Header()
	addAll(h, res.Header)
	dropUntrailed(res.Trailer)
	announced := len(res.Trailer)
	if announced > 0 {
		h.Add("Trailer", strings.Join(names(res.Trailer), ", "))
	}
	x.w.WriteHeader(res.StatusCode)
	if x.answer.waits() {
		_ = x.control.Flush()
	}
	if err := x.copy(res.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
	dropUntrailed(res.Trailer)
	if len(res.Trailer) > 0 {
		_ = x.control.Flush() // so that a short body has no length instead
	}
	prefix := http.TrailerPrefix
	if len(res.Trailer) == announced {
		prefix = ""
	}
	for name, values := range res.Trailer {
		h[prefix+name] = values
	}
}

func names(h http.Header) []string {
	all := make([]string, 0, len(h))
	for name := range h {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// copy sends a body on, each piece as it comes. An answer of known length that
// came whole goes out with its head, in one write.
func (x *exchange) copy(body io.Reader) error {
	var buffer []byte
	if x.streamed {
		b := streamBuffers.Get().(*[streamBuffer]byte)
		defer streamBuffers.Put(b)
		buffer = b[:]
	} else {
		b := bodyBuffers.Get().(*[bodyBuffer]byte)
		defer bodyBuffers.Put(b)
		buffer = b[:]
	}
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if _, err := x.w.Write(buffer[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			_ = x.control.Flush() // what came before it broke off came
			return err
		case n > 0 && x.answer.more():
			_ = x.control.Flush()
		}
	}
}

// tunnel joins the client's connection to the version's, once the version has
// agreed to speak another protocol. It lasts until both have said all.
func (x *exchange) tunnel(res *http.Response) {
	backend, ok := res.Body.(io.ReadWriteCloser)
	if asked := upgradeOf(x.in.Header); !ok || asked == "" || !strings.EqualFold(asked, upgradeOf(res.Header)) {
		_ = res.Body.Close()
		x.fail(errProtocol)
		return
	}
	defer func() { _ = backend.Close() }()
	x.open(res)
	client, buffered, err := x.control.Hijack()
	if err != nil {
		x.fail(err)
		return
	}
	defer func() { _ = client.Close() }()
	defer context.AfterFunc(x.ctx, func() { _, _ = client.Close(), backend.Close() })()
	addAll(x.w.Header(), res.Header)
	head := http.Response{StatusCode: res.StatusCode, Status: res.Status, Proto: res.Proto, ProtoMajor: 1, ProtoMinor: 1, Header: x.w.Header()}
	if head.Write(buffered) != nil || buffered.Flush() != nil {
		return
	}
	var both sync.WaitGroup
	// What is buffered, and then the connection itself: reading through the
	// server's reader, the end of what the client says would end the request.
	early, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	both.Go(func() { flow(backend, io.MultiReader(bytes.NewReader(early), client)) })
	both.Go(func() { flow(client, backend) })
	both.Wait()
}

var errProtocol = errors.New("the version switches to a protocol that nobody asked for")

// flow copies one way. Its end is the end of that way, if there is such a
// thing, and of both if it failed.
func flow(to io.WriteCloser, from io.Reader) {
	_, err := io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); err != nil || !ok || half.CloseWrite() != nil {
		_ = to.Close()
	}
}
