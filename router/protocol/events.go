package protocol

import (
	"time"

	"weir/router/protocol/sse"
)

// maxEvent bounds one event, in bytes. Larger ones are cut.
const maxEvent = 256 << 10

// Events reads an answer of server-sent events, chunk by chunk. What it holds
// of an event that has not ended counts against its room.
type Events struct {
	At      time.Time // of the chunk under way
	scanner *sse.Scanner
	room    *Room
	held    int // bytes of the room that are taken for the scanner
}

// NewEvents hands each event to read, which may keep nothing of it.
func NewEvents(room *Room, read func(sse.Event)) *Events {
	return &Events{scanner: sse.New(maxEvent, read), room: room}
}

// Write takes the next chunk.
func (e *Events) Write(chunk []byte, at time.Time) {
	e.At = at
	_, _ = e.scanner.Write(chunk)
	if more := e.scanner.Pending() - e.held; more > 0 {
		e.held += e.room.Take(more)
	}
}

// Flush hands on an event that the end of the answer ends.
func (e *Events) Flush(at time.Time) {
	e.At = at
	e.scanner.Flush()
}
