package protocol

import "time"

// Plain is the protocol of any HTTP: calls are passed through and timed. The
// first token is the first byte of the body; a text answer is kept as it is.
type Plain struct{}

var _ Protocol = Plain{}

// Call knows nothing of a request but its body, where that is text.
func (Plain) Call(r Request) Call {
	c := Call{}
	if Textual(r.Header) {
		c.Input = Valid(r.Body)
	}
	return c
}

// Reader keeps the body, where that is text.
func (Plain) Reader(_ Call, r Response) Reader {
	keep := r.Keep
	if !Textual(r.Header) {
		keep = nil
	}
	return &plainReader{keep: keep}
}

type plainReader struct {
	keep  *Room
	text  []byte
	first time.Time
}

func (p *plainReader) Write(chunk []byte, at time.Time) {
	if p.first.IsZero() && len(chunk) > 0 {
		p.first = at
	}
	p.text = p.keep.Append(p.text, chunk)
}

func (p *plainReader) End(bool, time.Time) Reply {
	return Reply{Output: Valid(p.text), FirstToken: p.first, Truncated: p.keep.Short()}
}
