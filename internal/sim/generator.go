package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
)

// A generator makes the blocks of one run; it is read-only once made.
type generator struct {
	Scenario
	sessions int
	clock    clock
	salts    salts
	promise  string

	tagText  string // of scenario, seed and size: what all draws and ids descend from
	tag      uint64
	shortTag string

	laws          [][2][]law // by phase, arm and crowd
	instead       [][]law    // by phase and crowd: stable standing in
	attributes    []map[string]string
	pools         []float64 // users, by crowd
	userWeight    float64
	latencyWeight float64
}

func newGenerator(s Scenario, seed uint64, size Size) *generator {
	if size == 0 {
		size = s.Sessions
	}
	if s.trials > 0 {
		group := Size(2 * s.trials)
		size = (size + group - 1) / group * group
	}
	g := &generator{
		Scenario: s, sessions: int(size), clock: newClock(s.Start, s.phases), salts: saltsOf(s.App, s.Release),
		promise:    s.PromiseHash,
		tagText:    fmt.Sprintf("%s/%s/%s/%d/%d", s.App, s.Release, s.Name, seed, size),
		userWeight: math.Sqrt(s.userICC), latencyWeight: math.Sqrt(s.latencyICC),
	}
	if g.promise == "" {
		sum := sha256.Sum256([]byte(Spec(s)))
		g.promise = hex.EncodeToString(sum[:16])
	}
	sum := sha256.Sum256([]byte(g.tagText))
	g.tag, g.shortTag = binary.BigEndian.Uint64(sum[:8]), hex.EncodeToString(sum[:4])
	g.fillCrowds()
	g.fillLaws()
	return g
}

func (g *generator) fillCrowds() {
	for _, c := range g.crowds {
		g.attributes = append(g.attributes, map[string]string{"tier": c.tier})
		pool := float64(c.users)
		if c.users == 0 {
			pool = math.Ceil(mul(mul(c.share, 0.5), float64(g.sessions)))
		}
		g.pools = append(g.pools, pool)
	}
}

func (g *generator) fillLaws() {
	g.laws = make([][2][]law, len(g.phases))
	g.instead = make([][]law, len(g.phases))
	for i, p := range g.phases {
		for _, c := range g.crowds {
			for arm, b := range p.arms {
				g.laws[i][arm] = append(g.laws[i][arm], lawOf(c.adjust(b, arm)))
			}
			g.instead[i] = append(g.instead[i], lawOf(c.adjust(p.arms[control], control).standingIn()))
		}
	}
}
