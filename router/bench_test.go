package router_test

import (
	"fmt"
	"testing"

	"weir/router"
	"weir/router/sticky"
)

const threeRules = `
context: {attributes: {tier: "header:X-Tier"}}
rules:
  - {name: qa,    when: 'headers["X-Feature-Flag"] == "v2"', version: v2}
  - {name: staff, when: 'user startsWith "staff-"',          version: v2}
  - {name: vip,   when: 'attributes.tier == "gold"',         split: 2%}
`

// sessions are ids as clients have them.
func sessions(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("018f3b6e-5c1a-7d2e-9f00-%012d", i)
	}
	return ids
}

func BenchmarkDraw(b *testing.B) {
	ids := sessions(1024)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		router.Draw("support-bot/2026-11-rag/arm", ids[i%len(ids)])
	}
}

// A first request, without rules and with three that do not match.
func BenchmarkDecideFirst(b *testing.B) {
	ids := sessions(1024)
	headers := map[string]string{"X-Session-Id": "s", "Content-Type": "application/json", "User-Agent": "bench"}
	for name, lines := range map[string]string{"no rules": "", "no rules, users": "unit: user\n", "three rules": threeRules} {
		b.Run(name, func(b *testing.B) {
			p := plan(b, release(b, lines), router.State{Share: 0.2})
			c := router.Context{
				User: "u-17", Attributes: map[string]string{"tier": "standard"}, Path: "/v1/chat/completions", Method: "POST",
				Headers: func() map[string]string { return headers }, At: monday,
			}
			store := sticky.NewLRU(release(b, "").Sticky)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c.Session = ids[i%len(ids)]
				router.Decide(p, c, store)
			}
		})
	}
}

// A later request: what is remembered decides, whatever the rules. The memory
// is small enough for the processor's caches, or not.
func BenchmarkDecideLater(b *testing.B) {
	for _, remembered := range []int{1_000, 100_000} {
		ids := sessions(remembered)
		p, store := plan(b, release(b, threeRules), router.State{Share: 0.2}), sticky.NewLRU(release(b, "").Sticky)
		for _, id := range ids {
			d := router.Assign(p, router.Context{Session: id, At: monday}, store)
			k, e := d.Bind(id, d.Version)
			store.Put(k, e, monday)
		}
		bound := make([]string, 1)
		for name, c := range map[string]router.Context{"session": {}, "bound id": {Bound: bound}} {
			b.Run(fmt.Sprint(name, " of ", remembered), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					// The step spreads what is looked up over the store, as traffic does.
					c.Session = ids[i*7919%remembered]
					bound[0] = c.Session
					router.Assign(p, c, store)
				}
			})
		}
	}
}
