package standin

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// A Frame is a part of a streamed answer that is sent at once.
type Frame struct {
	Text  string
	Token bool // it carries a piece of the answer, and takes a piece's time
}

// Whole sends an answer that is not streamed, in its time and with its fault.
func (s *Service) Whole(w http.ResponseWriter, r *http.Request, x *Exchange, kind string, body []byte) {
	if x.Fault == InStream {
		x.Fault = ServerError
	}
	if !s.begin(w, r, x) || !pause(r.Context(), x.Latency) {
		return
	}
	w.Header().Set("Content-Type", kind)
	switch x.Fault {
	case Garbage:
		x.garbage(w)
	case Flood:
		x.flood(w, r, body)
	case Half:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body[:len(body)/2])
		cut(w)
	default:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	}
}

// Stream sends an answer as server-sent events, in its time and with its
// fault. failure is what the protocol says where it fails in the middle. It
// tells whether all was sent.
func (s *Service) Stream(w http.ResponseWriter, r *http.Request, x *Exchange, frames, failure []Frame) bool {
	if !s.begin(w, r, x) {
		return false
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	tokens := 0
	for _, f := range frames {
		if f.Token {
			tokens++
		}
	}
	p := pacer{began: time.Now(), first: x.FirstToken, last: x.Latency, tokens: tokens}
	for _, f := range frames {
		if f.Token && !p.wait(r.Context()) {
			return false
		}
		if f.Token && p.sent == (tokens+1)/2 {
			switch x.Fault {
			case Garbage:
				x.garbage(w)
				return false
			case Half:
				cut(w)
			case InStream:
				for _, f := range failure {
					io.WriteString(w, f.Text)
				}
				return false
			case Flood:
				x.flood(w, r, []byte(f.Text))
				return false
			}
		}
		if _, err := io.WriteString(w, f.Text); err != nil {
			return false
		}
		flush(w)
	}
	return true
}

// begin fails where the fault comes before the answer, and says whether it did not.
func (s *Service) begin(w http.ResponseWriter, r *http.Request, x *Exchange) bool {
	switch x.Fault {
	case ServerError:
		s.refuse(w, http.StatusInternalServerError, "simulated fault")
	case RateLimit:
		seconds := max(1, int(x.behaviour.RetryAfter/time.Second))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		s.refuse(w, http.StatusTooManyRequests, "simulated rate limit")
	case Hang:
		if pause(r.Context(), x.patience()) {
			panic(http.ErrAbortHandler)
		}
	case Reset:
		reset(w)
	case SlowHeaders:
		return pause(r.Context(), min(10*x.Latency, x.patience()))
	default:
		return true
	}
	return false
}

func (x *Exchange) patience() time.Duration {
	if x.behaviour.Patience == 0 {
		return time.Minute
	}
	return x.behaviour.Patience
}

// garbage is what no protocol means: random bytes, no line end among them for long.
func (x *Exchange) garbage(w http.ResponseWriter) {
	random := source(x.behaviour.Seed, "garbage", strconv.FormatUint(x.Number, 10))
	var noise []byte
	for range 512 {
		noise = binary.LittleEndian.AppendUint64(noise, random.Uint64())
	}
	w.Write(noise)
}

// flood repeats a part of the answer until the client leaves or it is enough.
func (x *Exchange) flood(w http.ResponseWriter, r *http.Request, part []byte) {
	enough := x.behaviour.FloodBytes
	if enough == 0 {
		enough = 64 << 20
	}
	for sent := 0; sent < enough && r.Context().Err() == nil; sent += len(part) {
		if _, err := w.Write(part); err != nil {
			return
		}
	}
}

// A pacer spreads pieces evenly between the first and the last moment.
type pacer struct {
	began        time.Time
	first, last  time.Duration
	tokens, sent int
}

func (p *pacer) wait(ctx context.Context) bool {
	at := p.first
	if p.tokens > 1 {
		at += (p.last - p.first) * time.Duration(p.sent) / time.Duration(p.tokens-1)
	}
	p.sent++
	return pause(ctx, at-time.Since(p.began))
}

// pause says whether the client stayed.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func flush(w http.ResponseWriter) { http.NewResponseController(w).Flush() }

// cut ends the connection after what was sent.
func cut(w http.ResponseWriter) {
	flush(w)
	panic(http.ErrAbortHandler)
}

// reset ends the connection as a process does that is killed.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2 has no connection of its own
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	connection.Close()
}
