package rolling

import "hash/maphash"

// remembered is how many conversations a slot remembers the tokens of.
const remembered = 256

// seed makes which conversations are drawn a matter of this process.
var seed = maphash.MakeSeed()

// A sample holds the tokens of conversations by a hash of their ids: of all, or,
// at level k, of those whose hash begins with k zero bits.
type sample struct {
	level  int
	tokens map[uint64]int64
}

func hashOf(session string) uint64 { return maphash.String(seed, session) }

func drawn(hash uint64, level int) bool { return hash>>(64-level) == 0 }

// add counts tokens of a conversation. Where there is no room, half of those
// remembered are let go.
func (s *sample) add(hash uint64, tokens int64) {
	if !drawn(hash, s.level) {
		return
	}
	if s.tokens == nil {
		s.tokens = map[uint64]int64{}
	}
	s.tokens[hash] += tokens
	for len(s.tokens) > remembered {
		s.level++
		for h := range s.tokens {
			if !drawn(h, s.level) {
				delete(s.tokens, h)
			}
		}
	}
}

// mean is the tokens a conversation over several slots; nil where there is no
// conversation.
func mean(of []*slot) *float64 {
	level := 0
	for _, s := range of {
		level = max(level, s.sessions.level)
	}
	sessions, total := map[uint64]struct{}{}, int64(0)
	for _, s := range of {
		for h, n := range s.sessions.tokens {
			if drawn(h, level) {
				sessions[h] = struct{}{}
				total += n
			}
		}
	}
	if len(sessions) == 0 {
		return nil
	}
	return new(float64(total) / float64(len(sessions)))
}
