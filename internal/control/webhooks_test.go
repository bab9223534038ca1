package control

import (
	"testing"

	"weir/internal/webhook"
)

func TestWebhooks(t *testing.T) {
	const call = "/v1/applications/support-bot/webhooks"
	newRig(t, plain, nil).call("key-of-anna", "GET", call, "").want(200, `{"webhooks":[]}`)
	g := newRig(t, plain, func(c *Config) {
		c.Webhooks = func() []webhook.Status {
			return []webhook.Status{
				{Name: "1 one", Host: "one", On: []string{"step", "breaker"}, Delivered: 3, DeliveredAt: start, TriedAt: start, LastStatus: 204},
				{Name: "2 two", Host: "two", Pending: 2, Failures: 4, Dropped: 1, TriedAt: start, NextAt: start, Error: "no answer within 15s"},
				{Name: "3 two", Host: "two", Pending: 1, Failures: 1, Gone: true, LastStatus: 410, TriedAt: start, NextAt: start, Error: "it answers 410"},
			}
		}
	})
	g.call("key-of-anna", "GET", call, "").want(200,
		`{"name":"1 one","host":"one","on":["step","breaker"],"state":"idle","pending":0,"delivered":3,"delivered_at":"2026-11-25T09:00:00Z","dropped":0,"failures":0,"at":"2026-11-25T09:00:00Z","next_at":null,"last_status":204}`,
		`"on":[],"state":"failing","pending":2,"delivered":0,"delivered_at":null,"dropped":1,"failures":4,"at":"2026-11-25T09:00:00Z","next_at":"2026-11-25T09:00:00Z","last_status":null,"error":"no answer within 15s"`,
		`"state":"gone","pending":1`)
	g.call("key-of-app", "GET", call, "").want(403)
}
