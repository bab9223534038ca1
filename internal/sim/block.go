package sim

import (
	"time"

	"weir/trace"
)

// A block is what some sessions leave in the lake. Its rows are never used
// again, so a sink may keep them.
type block struct {
	rows     []row
	contents []datedContent
	outcomes []trace.Outcome
	losses   []trace.Loss
}

type datedContent struct {
	date string
	trace.Content
}

// block makes the rows of one span.
func (g *generator) block(sp span) *block {
	random := newSource(g.tagText, sp.first)
	sessions := make([]session, sp.count)
	count := 0
	for i, v := range g.visits(sp, random) {
		sessions[i] = g.session(v, random)
		count += sessions[i].rows()
	}
	b := &block{rows: make([]row, count), outcomes: make([]trace.Outcome, 0, 3*sp.count)}
	free := b.rows
	for i := range sessions {
		s := &sessions[i]
		rows := free[:s.rows()]
		free = free[len(rows):]
		g.exchanges(s, rows, random)
		b.outcomes = g.appendOutcomes(b.outcomes, s, random)
		if s.kept {
			b.contents = g.appendContents(b.contents, s, rows, random)
		}
	}
	if !g.silent {
		b.losses = g.lossesOf(sessions)
	}
	return b
}

// lossesOf counts the exchanges of lost sessions, one row a version.
func (g *generator) lossesOf(sessions []session) []trace.Loss {
	var found [2]trace.Loss
	for i := range sessions {
		s := &sessions[i]
		if !s.lost {
			continue
		}
		l := &found[s.arm]
		if l.Rows == 0 {
			l.LossID = s.id + "-loss"
			l.StartedAt = moment(s.start)
		}
		l.Rows += int64(s.requests)
		l.EndedAt = moment(s.ended)
	}
	var losses []trace.Loss
	for arm, l := range found {
		if l.Rows > 0 {
			l.App, l.Release, l.Version, l.Reason, l.Source = g.App, g.Release, versions[arm], "queue_full", "simulated"
			losses = append(losses, l)
		}
	}
	return losses
}

// moment is the time of a count of microseconds.
func moment(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
