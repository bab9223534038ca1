package live

import "weir/trace"

// A recorder gives records to the collector, and notes that units are drawn.
type recorder struct{ *Live }

// Record keeps a record.
func (r recorder) Record(record trace.Record) {
	if x := record.Begun; x != nil && x.Randomized != nil && *x.Randomized {
		if last := r.drawn.Load(); last == nil || *last != x.Release {
			release := x.Release
			r.drawn.Store(&release)
		}
	}
	r.collector.Record(record)
}

// hasDrawn tells whether a unit of a release was drawn, as far as is known
// here.
func (l *Live) hasDrawn(release string) bool {
	last := l.drawn.Load()
	return last != nil && *last == release || l.sticky.Drawn(release)
}
