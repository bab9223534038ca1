package live

import "testing"

// Bodies under way leave most of a small container to everything else.
func TestBodiesInSmallMemory(t *testing.T) {
	for allowed, want := range map[int64]int64{0: 256 << 20, 64 << 30: 256 << 20, 2 << 30: 256 << 20, 400 << 20: 50 << 20} {
		if got := bodies(allowed); got != want {
			t.Errorf("of %d bytes: %d, want %d", allowed, got, want)
		}
	}
}
