package sim

import (
	"iter"
	"math"
	"slices"
	"strconv"
)

// A span is the sessions of one block: count of them from first on.
type span struct {
	first, count int
	hour         int // of all of them, where sessions arrive by the hour
}

// A visit is a session before its first request: who comes when, and which
// version the router chose.
type visit struct {
	number     int // of the session within the run
	id         string
	user       string
	profile    uint64  // random bits that are the same for all sessions of the user
	difficulty float64 // standard normal: what the sessions of a user have in common, and the rest
	crowd      int
	phase      int
	start      int64
	decision
	caseID string
	trial  int64
}

// blockSessions is about how many sessions a block has.
const blockSessions = 256

// spans splits the run into blocks, in order of time where sessions arrive by the hour.
func (g *generator) spans() iter.Seq[span] {
	switch {
	case g.trials > 0:
		return g.evenSpans(2 * g.trials)
	case g.sessionsPerUser > 0:
		return g.evenSpans(g.sessionsPerUser)
	}
	return g.hourlySpans
}

// evenSpans keeps groups of sessions (of a user, of a case) in one block.
func (g *generator) evenSpans(group int) iter.Seq[span] {
	size := max(1, blockSessions/group) * group
	return func(yield func(span) bool) {
		for first := 0; first < g.sessions; first += size {
			if !yield(span{first: first, count: min(size, g.sessions-first)}) {
				return
			}
		}
	}
}

func (g *generator) hourlySpans(yield func(span) bool) {
	for hour := range g.clock.hours() {
		end := g.clock.firstOf(hour+1, g.sessions)
		for first := g.clock.firstOf(hour, g.sessions); first < end; first += blockSessions {
			if !yield(span{first: first, count: min(blockSessions, end-first), hour: hour}) {
				return
			}
		}
	}
}

// visits draws the visits of one block.
func (g *generator) visits(sp span, random source) []visit {
	switch {
	case g.trials > 0:
		return g.caseVisits(sp, random)
	case g.sessionsPerUser > 0:
		return g.userVisits(sp, random)
	}
	return g.hourlyVisits(sp, random)
}

// hourlyVisits spreads an hour's sessions over the hour, each in a slot of its
// own, and lets them come from users who may have come before.
func (g *generator) hourlyVisits(sp span, random source) []visit {
	begin, end := g.clock.firstOf(sp.hour, g.sessions), g.clock.firstOf(sp.hour+1, g.sessions)
	slot := float64(hourMicros) / float64(end-begin)
	visits := make([]visit, sp.count)
	for i := range visits {
		v := &visits[i]
		g.name(v, sp.first+i)
		v.start = g.clock.hourStart(sp.hour) + int64(mul(slot, float64(v.number-begin)+random.uniform()))
		v.phase = g.clock.phaseAt[sp.hour]
		v.crowd = g.crowd(random)
		g.visitor(v, random)
		v.decision = g.decideSession(v.id, v.start, v.crowd)
	}
	return visits
}

func (g *generator) name(v *visit, number int) {
	v.number = number
	v.id = "s-" + g.shortTag + "-" + strconv.Itoa(number)
}

func (g *generator) crowd(random source) int {
	u := random.uniform()
	for i, c := range g.crowds {
		if u -= c.share; u < 0 {
			return i
		}
	}
	return len(g.crowds) - 1
}

// visitor draws the user from the visit's crowd, low numbers oftener than high
// ones, and the difficulty of what that user asks this time.
func (g *generator) visitor(v *visit, random source) {
	u := random.uniform()
	skewed := mul(u, math.Sqrt(math.Sqrt(u)))
	number := int(mul(g.pools[v.crowd], skewed))
	v.profile = mix(g.tag, uint64(v.crowd)<<40|uint64(number))
	v.user = g.userID(v.crowd, number)
	v.difficulty = correlated(g.userWeight, quantile(openUnit(v.profile)), random.normal())
}

func (g *generator) userID(crowd, number int) string {
	return g.crowds[crowd].prefix + "-" + g.shortTag + "-" + strconv.Itoa(number)
}

// userVisits draws all sessions of each user of the block.
func (g *generator) userVisits(sp span, random source) []visit {
	visits := make([]visit, sp.count)
	for first := 0; first < sp.count; first += g.sessionsPerUser {
		own := visits[first:min(first+g.sessionsPerUser, sp.count)]
		crowd, profile := g.crowd(random), random.stream.Uint64()
		user, habit := g.userID(crowd, (sp.first+first)/g.sessionsPerUser), quantile(openUnit(profile))
		for i, start := range g.moments(len(own), random) {
			v := &own[i]
			g.name(v, sp.first+first+i)
			v.start, v.phase = start, g.clock.phaseAt[g.clock.hourOf(start)]
			v.crowd, v.user, v.profile, v.difficulty = crowd, user, profile, correlated(g.userWeight, habit, random.normal())
		}
		g.decideUser(own)
	}
	return visits
}

// moments draws n moments of the window by its traffic, in order.
func (g *generator) moments(n int, random source) []int64 {
	at := make([]int64, n)
	for i := range at {
		at[i] = g.clock.pick(random.uniform())
	}
	slices.Sort(at)
	return at
}

// caseVisits runs each case of the block on both versions, trial by trial.
func (g *generator) caseVisits(sp span, random source) []visit {
	visits := make([]visit, sp.count)
	crowd := 0
	for i := range visits {
		v := &visits[i]
		number := sp.first + i
		trial := number % (2 * g.trials)
		if trial == 0 {
			crowd = g.crowd(random)
		}
		g.name(v, number)
		v.caseID = "case-" + strconv.Itoa(number/(2*g.trials))
		v.trial, v.arm = int64(trial/2+1), trial%2
		v.crowd, v.difficulty = crowd, random.normal()
		v.start = g.clock.pick((float64(number) + random.uniform()) / float64(g.sessions))
	}
	return visits
}
