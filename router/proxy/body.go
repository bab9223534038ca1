package proxy

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"weir/router/protocol"
	"weir/router/proxy/http1"
)

// A body is a request's body: its beginning, held to decide and to send it
// again where nothing of it was sent, and the rest, which flows through.
type body struct {
	prefix []byte
	whole  bool // there is no rest
	rest   io.Reader

	plain      []byte // the prefix, decoded; nil where it cannot be
	plainWhole bool
	encoded    bool // plain is not prefix

	room protocol.Room // that prefix and plain take up

	reads sync.Mutex // held while the client is read

	mu     sync.Mutex
	closed bool
	awaits bool           // the client is to send more
	since  time.Time      // when it was last asked for more
	stall  *time.Timer    // watches that it does; nil: nobody
	broken error          // why no more of it can be read, where that is not its end
	tee    *protocol.Room // room for what flows through, where that is recorded
	seen   []byte
}

// peekBody reads a body's beginning, up to MaxBody and to what the pool has
// left. The rest stays in r.Body. Where nothing is to be read, it waits for
// nothing.
func peekBody(r *http.Request, pool *protocol.Pool, wanted bool) (*body, error) {
	b := &body{rest: r.Body}
	b.room.Of(MaxBody, pool)
	switch {
	case r.ContentLength == 0 || r.Body == nil || r.Body == http.NoBody:
		b.whole, b.plainWhole = true, true
		return b, nil
	case !wanted:
		return b, nil
	}
	if err := b.fill(r.ContentLength); err != nil {
		b.room.Release()
		return nil, err
	}
	b.decode(r.Header.Get("Content-Encoding"))
	return b, nil
}

// fill reads until the body or the room is at its end. Length is -1 where it is
// not known.
func (b *body) fill(length int64) error {
	step := 4 << 10
	if length > 0 {
		step = int(min(length, 64<<10))
	}
	for {
		room := b.room.Take(step)
		if room == 0 {
			return nil
		}
		at := len(b.prefix)
		b.prefix = append(b.prefix, make([]byte, room)...)
		n, err := io.ReadFull(b.rest, b.prefix[at:])
		b.prefix = b.prefix[:at+n]
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && (length < 0 || int64(len(b.prefix)) == length):
			b.whole = true
			return nil
		case err != nil:
			return err
		case int64(len(b.prefix)) == length:
			b.whole = true
			return nil
		}
		step = min(2*step, 256<<10)
		if length > 0 {
			step = int(min(int64(step), length-int64(len(b.prefix))))
		}
	}
}

// decode fills in plain.
func (b *body) decode(encoding string) {
	if encoding == "" || encoding == "identity" {
		b.plain, b.plainWhole = b.prefix, b.whole
		return
	}
	b.encoded = true
	plain, ended := decodeAll(encoding, b.prefix, &b.room)
	b.plain, b.plainWhole = plain, ended && b.whole
}

// replayable tells whether the body can be sent any number of times.
func (b *body) replayable() bool { return b.whole }

// reader gives the body once, its beginning replaced by what is to be sent
// instead.
func (b *body) reader(prefix []byte) io.ReadCloser {
	if b.whole && len(prefix) == 0 {
		return http.NoBody
	}
	if b.whole {
		return http1.Held(prefix)
	}
	return io.NopCloser(io.MultiReader(bytes.NewReader(prefix), restOf{b}))
}

// restOf is what of the body flows through. The transport may read it for
// longer than its request is served; then it is closed.
type restOf struct{ *body }

func (r restOf) Read(p []byte) (int, error) {
	r.mu.Lock()
	closed := r.closed
	r.awaits, r.since = !closed, time.Now()
	r.mu.Unlock()
	if closed {
		return 0, http.ErrBodyReadAfterClose
	}
	r.reads.Lock()
	n, err := r.rest.Read(p)
	r.reads.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.awaits = false
	if !r.closed {
		r.seen = r.tee.Append(r.seen, p[:n])
		if err != nil && !errors.Is(err, io.EOF) {
			r.broken = err
		}
	}
	return n, err
}

// awaited tells whether it is the client that is waited for.
func (b *body) awaited() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.awaits
}

// watch calls over once the client has been waited for that long without
// sending anything. It is done where it is unwatched or closed.
func (b *body) watch(bound time.Duration, over func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stall = time.AfterFunc(bound, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch waited := time.Since(b.since); {
		case b.stall == nil:
		case !b.awaits:
			b.stall.Reset(bound)
		case waited < bound:
			b.stall.Reset(bound - waited)
		default:
			over()
		}
	})
}

// unwatch ends watch.
func (b *body) unwatch() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stall != nil {
		b.stall.Stop()
		b.stall = nil
	}
}

// idle waits until nobody reads from the client.
func (b *body) idle() {
	b.reads.Lock()
	defer b.reads.Unlock()
}

// fault is why no more of the body can be read; nil where it can.
func (b *body) fault() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broken
}

// close ends the flow, and gives what was seen of it.
func (b *body) close() []byte {
	b.unwatch()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return b.seen
}
