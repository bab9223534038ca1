package machine

import (
	"runtime"
	"testing"
)

func TestPercentFor(t *testing.T) {
	for _, c := range []struct {
		live, headroom uint64
		want           int
	}{
		{0, 64 << 20, 1600}, // the heap's minimum is then the headroom
		{4 << 20, 64 << 20, 1600},
		{16 << 20, 64 << 20, 400},
		{64 << 20, 64 << 20, 100},
		{1 << 40, 64 << 20, 100},
	} {
		if got := percentFor(c.live, c.headroom); got != c.want {
			t.Errorf("%d bytes live, %d of headroom: %d %%, want %d", c.live, c.headroom, got, c.want)
		}
	}
}

// After each collection the pace is that of what is live now.
func TestPacesAfterCollections(t *testing.T) {
	paces := make(chan int, 100)
	newPacer(64<<20, func(percent int) { paces <- percent }).pace()
	if percent := <-paces; percent < 400 {
		t.Errorf("%d %% while the heap is small", percent)
	}
	held := make([]byte, 100<<20)
	runtime.GC()
	if percent := <-paces; percent != 100 {
		t.Errorf("%d %% with 100 MiB live", percent)
	}
	runtime.KeepAlive(held)
	held = nil
	runtime.GC()
	if percent := <-paces; percent < 400 {
		t.Errorf("%d %% once the heap is small again", percent)
	}
}
