package stickylog

import (
	"fmt"
	"time"

	"weir/internal/wal"
	"weir/router/sticky"
)

// A past is what the log says: what each key came to.
type past struct {
	decoder decoder
	records *sticky.Past
	ended   bool // in order: times of last use are exact
}

// recordBytes is what a record takes in the log, or a little less: there is
// room for all at once, since growing costs more than reading.
const recordBytes = 96

// restore fills the memory from the log, longest unused first. After a crash a
// time of last use may be too early: by a sixteenth of the idle time since the
// last rewriting, and by as much before it that was not written at once. Then it
// is moved on by both, because to remember for longer flips no conversation.
func (s *Store) restore(now time.Time) error {
	guess := min(int(s.log.Size()/recordBytes), s.bounds.Entries)
	p := past{decoder: decoder{common: map[string]string{}}, records: sticky.NewPast(guess)}
	for _, segment := range s.log.Segments() {
		if err := p.read(s.log, segment); err != nil {
			return err
		}
	}
	s.exact = p.ended
	s.memory = p.records.LRU(s.bounds, func(r *sticky.Record) bool {
		s.note(r.Entry)
		if late := r.Used.Add(2 * (s.bounds.Idle / usedFraction)); !p.ended && now.After(r.Used) {
			r.Used = earlier(late, now)
		}
		return now.Sub(r.Used) <= s.bounds.Idle
	})
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (p *past) read(log *wal.Log, segment wal.Segment) error {
	replayed, err := log.Replay(segment, func(b []byte) error {
		m, r, err := p.decoder.record(b)
		if err != nil {
			return fmt.Errorf("sticky state %s: a record cannot be read: %w", segment.Path, err)
		}
		p.take(m, r)
		return nil
	})
	if err == nil && len(replayed.Damage) > 0 {
		err = fmt.Errorf("sticky state: %v, and with them who was assigned what; restore the folder from a copy, or remove the file to have those units assigned anew", replayed.Damage[0])
	}
	return err
}

func (p *past) take(m mark, r sticky.Record) {
	if p.ended = m == end; p.ended {
		return
	}
	old, known := p.records.At(r.Key)
	switch {
	case !known, m == fresh:
		*old = r
	default:
		old.Entry = old.Entry.Join(r.Entry)
		if r.Used.After(old.Used) {
			old.Used = r.Used
		}
	}
}
