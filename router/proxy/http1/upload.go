package http1

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// continueWait is how long a body waits for 100 Continue before it is sent all
// the same: servers may ignore the question.
const continueWait = time.Second

// An upload is a body on its way while the answer is waited for.
type upload struct {
	asked   sync.Once
	proceed chan struct{} // closed when the server asks for the body
	stop    chan struct{} // closed when it is not wanted any more
	done    chan struct{} // closed when nothing more is sent
	err     error         // once done
}

// upload sends what of the message is left, beside whoever reads the answer.
func (c *conn) upload(r *http.Request, m *message) *upload {
	u := &upload{proceed: make(chan struct{}), stop: make(chan struct{}), done: make(chan struct{})}
	if m.flowing == nil {
		first := append([]byte(nil), m.first...) // the message may be released before it is sent
		rest := m.rest
		go u.run(c, r, func() error { _, err := (&net.Buffers{first, rest}).WriteTo(c.Conn); return err })
		return u
	}
	flow := &flow{to: c.Conn, from: m.flowing, left: m.length, trailer: m.trailer}
	go u.run(c, r, func() error {
		if m.expects && !u.wanted() {
			return errUnwanted
		}
		return flow.run()
	})
	return u
}

var errUnwanted = errors.New("http1: the server has answered without the body")

// letProceed says that the server asks for the body.
func (u *upload) letProceed() { u.asked.Do(func() { close(u.proceed) }) }

// wanted waits until the server wants the body.
func (u *upload) wanted() bool {
	timer := time.NewTimer(continueWait)
	defer timer.Stop()
	select {
	case <-u.proceed:
	case <-timer.C:
	case <-u.stop:
		return false
	}
	return true
}

func (u *upload) run(c *conn, r *http.Request, send func() error) {
	defer close(u.done)
	defer closeBody(r)
	u.err = send()
	var own *bodyError
	if errors.As(u.err, &own) {
		c.abort() // the server must not take for whole what it got
	}
	c.await()
}

// ended tells whether all was sent.
func (u *upload) ended() bool {
	if u == nil {
		return true
	}
	select {
	case <-u.done:
		return u.err == nil
	default:
		return false
	}
}

// A bodyError says that the body could not be read, or is not as long as was
// said.
type bodyError struct{ error }

func (b *bodyError) Unwrap() error { return b.error }

// A flow copies a body as it comes.
type flow struct {
	to      io.Writer
	from    io.Reader
	left    int64 // below 0: it goes in chunks
	trailer http.Header
}

const (
	flowBuffer = 32 << 10
	chunkHead  = 10 // bytes for a chunk's length
)

var flowBuffers = sync.Pool{New: func() any { return new([flowBuffer]byte) }}

func (f *flow) run() error {
	buffer := flowBuffers.Get().(*[flowBuffer]byte)
	defer flowBuffers.Put(buffer)
	if f.left < 0 {
		return f.chunks(buffer[:])
	}
	return f.plain(buffer[:])
}

func (f *flow) plain(buffer []byte) error {
	for f.left > 0 {
		n, err := f.from.Read(buffer[:min(int64(len(buffer)), f.left)])
		f.left -= int64(n)
		if n > 0 {
			if _, err := f.to.Write(buffer[:n]); err != nil {
				return err
			}
		}
		if err != nil && f.left > 0 {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return &bodyError{err}
		}
	}
	return nil
}

// chunks sends each piece that comes as a chunk, in one write.
func (f *flow) chunks(buffer []byte) error {
	const hex = "0123456789abcdef"
	for {
		n, err := f.from.Read(buffer[chunkHead : len(buffer)-2])
		if n > 0 {
			at := chunkHead - 2
			copy(buffer[at:], "\r\n")
			for length := n; length > 0; length >>= 4 {
				at--
				buffer[at] = hex[length&0xf]
			}
			end := chunkHead + n
			copy(buffer[end:], "\r\n")
			if _, err := f.to.Write(buffer[at : end+2]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			_, err := f.to.Write(appendTrailer(nil, f.trailer))
			return err
		case err != nil:
			return &bodyError{err}
		}
	}
}
