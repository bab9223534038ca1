package sim

import (
	"encoding/hex"
	"math"

	"weir/trace"
)

// A row is an exchange together with the values that it points to, so that
// the rows of a block are one allocation.
type row struct {
	trace.Exchange
	turn, epoch, servingEpoch, status, trial  int64
	input, output, cached                     int64
	propensity, latency, ttft, upstream, cost float64
	randomized, streamed, truncated           bool
}

// patience ends a request whose first byte has not come, in ms; connecting
// ends an attempt to reach a version.
const (
	patience   = 30000.0
	connecting = 2000.0
)

// exchanges writes the session's requests into rows and sets when it ended.
// The rows of a lost session are none.
func (g *generator) exchanges(s *session, rows []row, random source) {
	s.ended = s.start + 120*second
	if s.lost {
		return
	}
	ids := g.traceIDs(s.number, len(rows))
	at := s.start
	for turn := range s.requests {
		r := &rows[turn]
		r.TraceID = ids[32*turn : 32*turn+32]
		r.turn, r.StartedAt = int64(turn+1), moment(at)
		g.assigned(r, s, s.decision)
		if turn > 0 && s.reason != "" {
			r.Reason = trace.ReasonSticky
		}
		g.call(r, s, random)
		s.ended = at + int64(mul(r.latency, 1000))
		at = g.next(s, at, random)
	}
	if s.resumed {
		g.resume(&rows[s.requests], s, ids[32*s.requests:], random)
	}
}

// traceIDs are n ids of 32 hexadecimal digits, one after the other: the run,
// the session, the turn.
func (g *generator) traceIDs(number, n int) string {
	text := make([]byte, 0, 32*n)
	var id [16]byte
	for turn := range n {
		for i := range 8 {
			id[i] = byte(g.tag >> (56 - 8*i))
		}
		for i := range 5 {
			id[8+i] = byte(number >> (32 - 8*i))
		}
		for i := range 3 {
			id[13+i] = byte((turn + 1) >> (16 - 8*i))
		}
		text = hex.AppendEncode(text, id[:])
	}
	return string(text)
}

// next is when the request after the one at this moment begins: a person reads
// and types for up to 110 s, so that maxRequests of them end within two hours
// of the first; a bot keeps its pace.
func (g *generator) next(s *session, at int64, random source) int64 {
	if s.gap > 0 {
		return at + s.gap
	}
	return s.ended + int64(random.exponential(40*second, 110*second))
}

// assigned writes identity, assignment and context.
func (g *generator) assigned(r *row, s *session, d decision) {
	r.App, r.Release, r.SessionID, r.UserID = g.App, g.Release, s.id, s.user
	r.Turn = &r.turn
	r.AssignedVersion, r.ServedVersion = versions[d.arm], versions[d.arm]
	if g.trials > 0 {
		r.trial = s.trial
		r.CaseID, r.Trial = s.caseID, &r.trial
	} else {
		g.drawn(r, s, d)
	}
	if g.lean {
		return
	}
	r.Device, r.Region, r.Language = devices[s.profile&15], regions[s.profile>>4&15], languages[s.profile>>8&15]
	r.Attributes = g.attributes[s.crowd]
}

// drawn writes how the router came to the version.
func (g *generator) drawn(r *row, s *session, d decision) {
	r.UnitID = s.id
	if g.sessionsPerUser > 0 {
		r.UnitID = s.user
	}
	r.Reason, r.Rule, r.PromiseHash, r.AssignedAt = d.reason, d.rule, g.promise, moment(d.at)
	r.randomized, r.epoch = d.randomized, d.epoch
	r.servingEpoch = g.clock.epochAt[g.clock.hourOf(r.StartedAt.UnixMicro())]
	r.Randomized, r.Epoch, r.ServingEpoch = &r.randomized, &r.epoch, &r.servingEpoch
	if d.randomized {
		r.propensity = d.propensity
		r.Propensity = &r.propensity
	}
}

// resume adds the request with which a session comes back after more than a
// day: its id was evicted, so the same hash is held against today's share, and
// a unit of stable may find itself with the candidate.
func (g *generator) resume(r *row, s *session, id string, random source) {
	at := s.start + int64(mul(26+random.uniform(), float64(hourMicros)))
	r.TraceID, r.StartedAt, r.turn = id, moment(at), int64(s.requests+1)
	d := g.decideSession(s.id, at, s.crowd)
	g.assigned(r, s, d)
	again := *s
	again.law = &g.laws[g.clock.phaseAt[g.clock.hourOf(at)]][d.arm][s.crowd]
	g.call(r, &again, random)
}

var (
	devices   = choices(choice{"mobile", 9}, choice{"desktop", 6}, choice{"tablet", 1})
	regions   = choices(choice{"us-east", 6}, choice{"eu-west", 5}, choice{"ap-east", 4}, choice{"sa-east", 1})
	languages = choices(choice{english, 12}, choice{chinese, 4})
)

// A choice is a value and how many of sixteen places it has.
type choice struct {
	name   string
	places int
}

func choices(all ...choice) (table [16]string) {
	place := 0
	for _, c := range all {
		for range c.places {
			table[place] = c.name
			place++
		}
	}
	return table
}

// milliseconds rounds to whole microseconds.
func milliseconds(x float64) float64 { return math.Floor(mul(x, 1000)+0.5) / 1000 }
