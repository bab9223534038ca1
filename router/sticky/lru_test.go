package sticky_test

import (
	"fmt"
	"testing"
	"time"

	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
	"weir/router/sticky/stickytest"
)

func TestLRU(t *testing.T) {
	stickytest.Run(t, func(_ *testing.T, bounds spec.Sticky) sticky.Store { return sticky.NewLRU(bounds) })
}

// A store never holds more than its bound, and gives back the room of what has
// expired as new entries come.
func TestLRURoom(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	l := sticky.NewLRU(spec.Sticky{Idle: time.Hour, Entries: 100})
	put := func(prefix string, n int) {
		for i := range n {
			id := fmt.Sprint(prefix, i)
			l.Put(router.Key{Kind: router.KindSession, ID: id}, router.Entry{}, now)
			if l.Len() > 100 {
				t.Fatalf("%d entries", l.Len())
			}
		}
	}
	put("old", 250)
	if l.Len() != 100 {
		t.Errorf("%d entries after 250, want 100", l.Len())
	}
	now = now.Add(2 * time.Hour)
	put("new", 60)
	if l.Len() != 60 {
		t.Errorf("%d entries after 60 came and all others expired", l.Len())
	}
}

func TestLRUWantsRoom(t *testing.T) {
	for _, bounds := range []spec.Sticky{{}, {Idle: time.Hour}, {Entries: 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v: no panic", bounds)
				}
			}()
			sticky.NewLRU(bounds)
		}()
	}
}

func BenchmarkLRU(b *testing.B) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	const entries = 100_000
	l := sticky.NewLRU(spec.Sticky{Idle: time.Hour, Entries: entries})
	keys := make([]router.Key, 2*entries)
	for i := range keys {
		keys[i] = router.Key{Kind: router.KindSession, ID: fmt.Sprintf("018f3b6e-5c1a-7d2e-9f00-%012d", i)}
	}
	for _, k := range keys[:entries] {
		l.Put(k, router.Entry{}, now)
	}
	b.Run("Get", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			l.Get(keys[i%entries], now)
		}
	})
	b.Run("Put", func(b *testing.B) { // each takes the place of another
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			l.Put(keys[(i+entries)%len(keys)], router.Entry{}, now)
		}
	})
}
