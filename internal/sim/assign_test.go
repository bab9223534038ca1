package sim

import (
	"strings"
	"testing"
)

// The expected integers are the first 53 bits as Python computes them:
//
//	python3 -c 'import hashlib,sys; s,u=sys.argv[1:]; print(int.from_bytes(hashlib.sha256(
//	f"{len(s.encode())}:{s}:{u}".encode()).digest()[:8],"big")>>11)' SALT UNIT
func TestDraw(t *testing.T) {
	for _, c := range []struct {
		salt, unit string
		bits       int64
	}{
		{"support-bot/2026-11-rag/arm", "s-1", 2691735352300518},
		{"support-bot/2026-11-rag/exposure", "s-1", 4557685371324938},
		{"support-bot/2026-11-rag/holdout", "s-1", 6591143245409113},
		{"a/b/arm", "", 1116615105803853},
		{"", "x", 6879193197667193},
		{"a/b/arm", "用户-7", 4492091061163835},
		{"商店/1/arm", "u", 7300796808447700},
		{"a/b/arm", strings.Repeat("x", 300), 6865585912281285},
	} {
		if got, want := draw(c.salt, c.unit), float64(c.bits)/(1<<53); got != want {
			t.Errorf("draw(%q, %.12q) = %v, want %v", c.salt, c.unit, got, want)
		}
	}
}

func TestSaltsDiffer(t *testing.T) {
	s := saltsOf("support-bot", "2026-11-rag")
	want := salts{"support-bot/2026-11-rag/exposure", "support-bot/2026-11-rag/arm", "support-bot/2026-11-rag/holdout"}
	if s != want {
		t.Errorf("salts %+v, want %+v", s, want)
	}
}
