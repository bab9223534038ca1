package control

import (
	"testing"
	"time"

	"weir/internal/jobs"
)

func TestJobs(t *testing.T) {
	const call = "/v1/applications/support-bot/jobs"
	newRig(t, plain, nil).call("key-of-anna", "GET", call, "").want(200, `{"jobs":[]}`)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	g := newRig(t, plain, func(c *Config) {
		c.Jobs = func() []jobs.Status {
			return []jobs.Status{
				{Name: "analyze", Schedule: "@every 10m", Zone: "UTC", Next: at(20), Last: jobs.Result{Outcome: jobs.OK, Began: at(10), Ended: at(11), Said: "hold", Runs: 3, Failed: 1}},
				{Name: "compact", Schedule: "@every 1h", Zone: "UTC", Running: true, Began: at(12), Last: jobs.Result{Outcome: jobs.Interrupted, Began: at(9), Error: "ended", Failures: 1, Runs: 1, Failed: 1}},
				{Name: "judge", Schedule: "0 2 * * *", Zone: "Asia/Shanghai", Next: at(30)},
				{Name: "retention", Schedule: "@daily", Zone: "UTC", Skipped: 2, Last: jobs.Result{Outcome: jobs.Begun, Began: at(5)}},
			}
		}
	})
	g.call("key-of-anna", "GET", call, "").want(200,
		`{"name":"analyze","schedule":"@every 10m","timezone":"UTC","state":"waiting","running_since":null,"next_at":"2026-11-25T09:20:00Z","last":{"outcome":"ok","began_at":"2026-11-25T09:10:00Z","ended_at":"2026-11-25T09:11:00Z","seconds":60,"said":"hold"},"failures":0,"runs":3,"failed":1,"skipped":0}`,
		`"state":"running","running_since":"2026-11-25T09:12:00Z","next_at":null,"last":{"outcome":"interrupted","began_at":"2026-11-25T09:09:00Z","ended_at":null,"seconds":null,"error":"ended"}`,
		`"timezone":"Asia/Shanghai","state":"waiting","running_since":null,"next_at":"2026-11-25T09:30:00Z","last":null`,
		`"state":"elsewhere","running_since":"2026-11-25T09:05:00Z","next_at":null,"last":null,"failures":0,"runs":0,"failed":0,"skipped":2`)
	g.call("key-of-app", "GET", call, "").want(403)
}
