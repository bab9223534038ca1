// Package sse reads server-sent events as they come, in chunks of any size.
//
// It follows the WHATWG HTML standard, section 9.2 "Server-sent events": lines
// end with CR LF, LF or CR; a byte order mark at the beginning is skipped; a
// line that begins with a colon is a comment; one space after the colon of a
// field is not part of its value; several data fields are joined by LF. It
// differs in three points, as it only watches a stream that somebody else reads:
// an event without data is given too, for its name (Dify's pings are such);
// retry is skipped; what lacks its last blank line is given by [Scanner.Flush].
package sse

import "bytes"

// An Event is one event of a stream.
type Event struct {
	Name string // of the field event; empty: none
	ID   string // of the field id of this event; empty: none
	// Data is the joined data fields. It is valid until the next call of the
	// scanner.
	Data []byte
	// Cut tells that Data may be only the beginning: a line or the event was
	// longer than the scanner keeps, or the stream ended inside a line.
	Cut bool
}

// maxField bounds names and ids, which the standard does not.
const maxField = 256

// A Scanner splits a stream into events. Its memory is bounded by its limit,
// whatever the stream. Make one with [New].
type Scanner struct {
	yield func(Event)
	limit int

	line    []byte // the line under way, without its end
	skip    bool   // the line under way is not kept whole
	afterCR bool   // a LF that follows belongs to the line end before it
	began   bool   // something after the byte order mark was seen

	name, id string
	data     []byte
	fields   int // lines of the event under way that say something
	lines    int // data lines of the event under way
	cut      bool
}

// New returns a scanner that keeps at most limit bytes of a line, and of the
// data of an event, and calls yield for each event.
func New(limit int, yield func(Event)) *Scanner {
	return &Scanner{limit: limit, yield: yield}
}

// Write takes the next bytes of the stream. It keeps nothing of chunk, and
// returns len(chunk) and no error, as an [io.Writer] does.
func (s *Scanner) Write(chunk []byte) (int, error) {
	n := len(chunk)
	if s.afterCR && n > 0 {
		s.afterCR = false
		chunk = bytes.TrimPrefix(chunk, []byte{'\n'})
	}
	lf := -1 // the next line feed, from the beginning of chunk
	for len(chunk) > 0 {
		if lf < 0 {
			lf = index(chunk, '\n')
		}
		end := min(lf, index(chunk[:lf], '\r'))
		if end == len(chunk) {
			s.keep(chunk)
			break
		}
		rest := chunk[end+1:]
		if chunk[end] == '\r' {
			s.afterCR = len(rest) == 0
			rest = bytes.TrimPrefix(rest, []byte{'\n'})
		}
		s.endLine(chunk[:end])
		lf -= len(chunk) - len(rest)
		chunk = rest
	}
	return n, nil
}

// index is where c is in b; its length where it is not.
func index(b []byte, c byte) int {
	if i := bytes.IndexByte(b, c); i >= 0 {
		return i
	}
	return len(b)
}

// Flush ends the stream: what was sent of a last event is given as if its
// blank line had come.
func (s *Scanner) Flush() {
	if len(s.line) > 0 || s.skip {
		s.skip = true // nobody knows whether the line is whole
		s.endLine(nil)
	}
	s.dispatch()
}

// Pending is how many bytes are held of a line and an event that are not over.
func (s *Scanner) Pending() int { return len(s.line) + len(s.data) }

// keep holds on to a line that is not over.
func (s *Scanner) keep(part []byte) {
	if room := s.limit - len(s.line); len(part) > room {
		part, s.skip = part[:room], true
	}
	s.line = append(s.line, part...)
}

// endLine takes the last part of a line. A line that came whole is not copied.
func (s *Scanner) endLine(part []byte) {
	line := part
	if len(s.line) > 0 || s.skip || len(part) > s.limit {
		s.keep(part)
		line = s.line
	}
	cut := s.skip
	s.line, s.skip = s.line[:0], false
	if !s.began {
		s.began = true
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	if len(line) == 0 && !cut {
		s.dispatch()
		return
	}
	s.field(line, cut)
}

// field takes a line that is not empty.
func (s *Scanner) field(line []byte, cut bool) {
	name, value, _ := bytes.Cut(line, []byte{':'})
	value = bytes.TrimPrefix(value, []byte{' '})
	switch string(name) {
	case "event":
		s.name = string(value[:min(len(value), maxField)])
	case "id":
		s.id = string(value[:min(len(value), maxField)])
	case "data":
		s.addData(value)
		s.cut = s.cut || cut
	default: // a comment, retry, or what a later standard says
		return
	}
	s.fields++
}

func (s *Scanner) addData(value []byte) {
	if s.lines++; s.lines > 1 {
		value = append([]byte{'\n'}, value...)
	}
	if room := s.limit - len(s.data); len(value) > room {
		value, s.cut = value[:room], true
	}
	s.data = append(s.data, value...)
}

// dispatch gives the event under way, if there is one.
func (s *Scanner) dispatch() {
	if s.fields > 0 {
		s.yield(Event{Name: s.name, ID: s.id, Data: s.data, Cut: s.cut})
	}
	s.name, s.id, s.cut, s.fields, s.lines = "", "", false, 0, 0
	s.data = s.data[:0]
}
