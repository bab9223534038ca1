package proxy

import (
	"errors"
	"io"
	"net/http"
	"time"

	"weir/router/protocol"
)

// open is called with the head of the version's answer, before anything of it
// is sent on.
func (x *exchange) open(res *http.Response) {
	x.body.unwatch() // the two may wait for each other now
	x.status = res.StatusCode
	x.head(res.Header)
	if res.StatusCode == http.StatusSwitchingProtocols {
		x.timer.Stop() // what follows is no answer, and has no time
		return
	}
	x.streamed = protocol.Streamed(res.Header) || protocol.MediaType(res.Header) == "application/x-ndjson"
	if x.streamed && res.Header.Get("X-Accel-Buffering") == "" {
		res.Header.Set("X-Accel-Buffering", "no")
	}
	if res.Header.Get("Content-Type") == "" {
		x.w.Header()["Content-Type"] = nil // nothing is guessed
	}
	x.read(res)
	x.answer = &answer{x: x, body: res.Body, left: res.ContentLength}
	if x.in.Method == http.MethodHead || res.StatusCode == http.StatusNoContent || res.StatusCode == http.StatusNotModified {
		x.answer.left = 0
	}
	if x.answer.left == 0 {
		x.answer.over(nil) // there is no body: its head is its last byte
	}
	res.Body = x.answer
	if f := x.filter(res); f != nil {
		res.Body = &filtered{body: x.answer, filter: f}
		res.ContentLength = -1
		res.Header.Del("Content-Length")
	}
}

// head states what Weir has to say.
func (x *exchange) head(h http.Header) {
	dropStated(h)
	if x.Release.ResponseHeader {
		x.state(h, HeaderVersion, x.version.name)
	}
	x.state(h, HeaderTrace, x.row.TraceID)
}

// read sets up what reads the answer.
func (x *exchange) read(res *http.Response) {
	x.scan = x.rooms[0].Of(MaxBody, x.captures)
	if x.keeps {
		x.keep = x.rooms[1].Of(MaxBody, x.captures)
	}
	h := res.Header
	x.reader = x.version.protocol.Reader(x.call, protocol.Response{
		Status: res.StatusCode, Header: h, Began: x.began, Scan: x.scan, Keep: x.keep, Learn: x.learn,
	})
	if encoding := h.Get("Content-Encoding"); x.reader != nil && encoding != "" && encoding != "identity" && res.ContentLength != 0 {
		x.reader = newDecoded(encoding, x.reader)
	}
}

// filter is what takes out of the answer what only Weir asked for.
func (x *exchange) filter(res *http.Response) protocol.Filter {
	filterer, ok := x.version.protocol.(protocol.Filterer)
	if !ok || x.target == (protocol.Target{}) {
		return nil
	}
	return filterer.Filter(x.call, x.target, protocol.Response{Status: res.StatusCode, Header: res.Header})
}

// An answer is the body that the version sends, on its way to the client. A
// chunk is read by the protocol when the next is asked for: by then it has been
// sent on. The one that is known to be the last is read, and the exchange
// recorded, before it is given away; where only the end of the body says that
// it was the last, the end is held until that is done.
type answer struct {
	x    *exchange
	body io.ReadCloser
	left int64 // bytes to come; below 0: unknown
	came int64 // bytes so far
	last []byte
	at   time.Time
	took time.Duration // of the last read
	err  error         // that ended it; io.EOF where it came to its end

	flooding bool          // it was a flood once
	rested   time.Duration // as one
}

func (a *answer) Read(p []byte) (int, error) {
	a.digest()
	a.rest()
	asked := time.Now()
	n, err := a.body.Read(p)
	a.at = time.Now()
	a.took = a.at.Sub(asked)
	a.x.upstream += a.took
	a.last = p[:n]
	a.left -= int64(n)
	a.came += int64(n)
	switch {
	case err != nil:
		a.digest()
		a.over(err)
	case a.left == 0:
		a.digest()
		a.over(nil)
	}
	return n, err
}

// rest keeps a flood from taking the processors, before more of it is asked for.
// What is ready is read as fast as it is sent on; a read that took longer waited.
func (a *answer) rest() {
	if a.came < floodStream {
		return
	}
	now := time.Now()
	if !floods(a.came, a.x.streamed, now.Sub(a.x.asked)-a.rested) {
		return
	}
	if a.flooding = true; a.x.alone(now) {
		return
	}
	sent := now.Sub(a.at)
	rest := a.x.version.lane.rest(now, sent+min(a.took, sent))
	a.rested += rest
	time.Sleep(rest)
}

// waits tells whether nothing of a body that may take long has come yet: its
// head goes before it. Where the length is known they go in one piece.
func (a *answer) waits() bool {
	body, ok := a.body.(interface{ Ready() bool })
	return a.left < 0 && !(ok && body.Ready())
}

// more tells whether more is to come, as far as is known.
func (a *answer) more() bool { return a.err == nil }

// digest hands the last chunk to the reader.
func (a *answer) digest() {
	if len(a.last) > 0 && a.x.reader != nil {
		a.x.reader.Write(a.last, a.at)
	}
	a.last = nil
}

// over records the exchange, once nothing more can come.
func (a *answer) over(err error) {
	if a.err != nil {
		return
	}
	if a.err = err; err == nil {
		a.err = io.EOF
	}
	a.x.end(a.x.lateFailure(a.err))
}

func (a *answer) Close() error { return a.body.Close() }

// lateFailure is the error that the end of a body is; empty: none.
func (x *exchange) lateFailure(err error) string {
	switch {
	case errors.Is(err, io.EOF), x.gone(), x.blame() != nil:
		return ""
	case x.isExpired():
		return ErrorTimeout
	}
	return ErrorTruncated
}

// filtered is a body that something is taken out of.
type filtered struct {
	body   io.ReadCloser
	filter protocol.Filter
	buffer [streamBuffer]byte
	out    []byte // not given away yet
	err    error
}

func (f *filtered) Read(p []byte) (int, error) {
	for len(f.out) == 0 && f.err == nil {
		var n int
		n, f.err = f.body.Read(f.buffer[:])
		f.out = f.filter.Next(f.buffer[:n])
		if f.err != nil {
			f.out = append(f.out[:len(f.out):len(f.out)], f.filter.Rest()...)
		}
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	if len(f.out) > 0 {
		return n, nil
	}
	return n, f.err
}

func (f *filtered) Close() error { return f.body.Close() }
