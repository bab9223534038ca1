package sticky_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
)

// A store made of a past is the one that putting its records makes, the longest
// unused first: it remembers the same, and forgets in the same order.
func TestPast(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for range 200 {
		bounds := spec.Sticky{Idle: time.Hour, Entries: 1 + random.IntN(40)}
		now := begin.Add(2 * time.Hour)
		past, records := sticky.NewPast(random.IntN(20)), []sticky.Record{}
		for i := range random.IntN(60) {
			key := router.Key{Kind: router.KindSession, ID: fmt.Sprint(i)}
			entry := router.Entry{Assignment: router.Assignment{UnitID: fmt.Sprint("u", i)}}
			used := begin.Add(time.Duration(random.IntN(7200)) * time.Second)
			r, known := past.At(key)
			if known || *r != (sticky.Record{Key: key}) {
				t.Fatalf("%+v is there, %v", *r, known)
			}
			r.Entry, r.Used = entry, begin
			if again, known := past.At(key); !known || again != r {
				t.Fatal("a record is not there again")
			}
			r.Used = used
			records = append(records, *r)
		}
		slices.SortStableFunc(records, func(a, b sticky.Record) int { return a.Used.Compare(b.Used) })
		put := sticky.NewLRU(bounds)
		for _, r := range records {
			if now.Sub(r.Used) <= bounds.Idle {
				put.Put(r.Key, r.Entry, r.Used)
			}
		}
		made := past.LRU(bounds, func(r *sticky.Record) bool { return now.Sub(r.Used) <= bounds.Idle })
		for i := range bounds.Entries + 1 {
			if a, b := remembered(made), remembered(put); !slices.Equal(a, b) {
				t.Fatalf("after %d more\ngot  %v\nwant %v", i, a, b)
			}
			for _, s := range []*sticky.LRU{made, put} {
				s.Put(router.Key{Kind: router.KindUser, ID: fmt.Sprint(i)}, router.Entry{}, now)
			}
		}
	}
}

// remembered is what a store remembers, in no order of its own.
func remembered(s *sticky.LRU) []string {
	var all []string
	for r := range s.Range {
		all = append(all, fmt.Sprintf("%+v", r))
	}
	slices.Sort(all)
	return all
}
