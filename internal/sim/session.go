package sim

// A session is a visit with all that is decided before its first request.
type session struct {
	visit
	law       *law
	requests  int
	gap       int64 // between requests of a bot; 0: a person thinks
	resolved  bool
	handoff   bool
	satisfied bool
	lost      bool
	kept      bool // texts go to contents
	resumed   bool // comes back once more after its id was evicted
	streamed  bool

	pace      float64 // standard normal: what the latencies of the session have in common
	wordiness float64 // the same for input tokens
	errorRate float64

	ended int64
}

// Correlations of the Gaussian copula. None changes a margin.
const (
	lengthDifficulty    = 0.3 // hard sessions take more requests
	happinessDifficulty = 0.7 // and leave fewer satisfied
	wordinessShare      = 0.5 // of input tokens, between the requests of a session
	outputLatency       = 0.6 // long answers take long
)

// session draws what is decided for a whole session.
func (g *generator) session(v visit, random source) session {
	l := &g.laws[v.phase][v.arm][v.crowd]
	if random.chance(l.fallback) {
		l = &g.instead[v.phase][v.crowd]
	}
	s := session{visit: v, law: l, pace: random.normal(), wordiness: random.normal()}
	s.requests = l.count(correlated(lengthDifficulty, v.difficulty, random.normal()))
	s.resolved = v.difficulty < l.resolvedBelow
	s.handoff = v.difficulty > l.handoffAbove
	s.satisfied = correlated(happinessDifficulty, v.difficulty, random.normal()) < l.satisfiedBelow
	s.lost = random.chance(l.lost) || !s.resolved && random.chance(l.lostUnresolved)
	s.streamed = random.chance(0.8)
	if random.chance(l.prone) {
		s.errorRate = l.errorsIfProne
	}
	s.resumed = !s.lost && random.chance(g.resumed)
	s.kept = !s.lost && random.chance(g.contents)
	if g.bot(v.number) {
		s.requests = max(2, int(mul(0.02*l.meanRequests(), float64(g.sessions))))
		s.gap = hourMicros / int64(s.requests)
	}
	return s
}

// bot says whether a session is one of the run's few bots, evenly apart.
func (g *generator) bot(number int) bool {
	for k := range g.bots {
		if number == g.sessions*(k+1)/(g.bots+1) {
			return true
		}
	}
	return false
}

// rows is how many exchanges of the session reach the lake.
func (s *session) rows() int {
	switch {
	case s.lost:
		return 0
	case s.resumed:
		return s.requests + 1
	}
	return s.requests
}
