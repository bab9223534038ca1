package router_test

import (
	"testing"
	"time"

	"weir/rollout/spec"
	"weir/router"
)

var (
	monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	later  = monday.Add(time.Hour)
)

// head begins every specification of these tests.
const head = "app: bot\nrelease: r1\nstable: v1\ncandidate: v2\n"

func release(t testing.TB, lines string) *spec.Release {
	t.Helper()
	r, err := spec.Parse("weir.yaml", []byte(head+lines))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func plan(t testing.TB, r *spec.Release, s router.State) *router.Plan {
	t.Helper()
	p, err := router.NewPlan(r, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A memory is a store without bounds.
type memory map[router.Key]router.Entry

func (m memory) Get(k router.Key, _ time.Time) (router.Entry, bool) {
	e, ok := m[k]
	return e, ok
}

func (m memory) Put(k router.Key, e router.Entry, _ time.Time) router.Entry {
	if old, ok := m[k]; ok {
		e = old.Join(e)
	}
	m[k] = e
	return e
}

func session(id string) router.Key { return router.Key{Kind: router.KindSession, ID: id} }

// sessionWhere is an id whose number for a purpose of release r1 lies in
// [from, to).
func idWhere(purpose router.Purpose, from, to float64) string {
	return idWith(func(id string) bool {
		u := router.Draw(router.Salt("bot", "r1", purpose), id)
		return u >= from && u < to
	})
}

// idWith is the first id that meets a condition.
func idWith(meets func(id string) bool) string {
	id := []byte("id-aaaaa")
	for !meets(string(id)) {
		for i := len(id) - 1; ; i-- {
			if id[i]++; id[i] <= 'z' {
				break
			}
			id[i] = 'a'
		}
	}
	return string(id)
}
