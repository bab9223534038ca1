package live

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/jobs"
	"weir/rollout/spec"
)

// Beside the router are shown the jobs of the spec in force, when they come next only
// while somebody is there to do them, and what was done outside of a schedule; not what a
// spec before wanted.
func TestJobsBeside(t *testing.T) {
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	done := func(schedule string) jobs.Result {
		return jobs.Result{Outcome: jobs.OK, Began: at, Ended: at, Schedule: schedule, Next: at.Add(time.Hour)}
	}
	results := map[string]jobs.Result{
		"analyze":   done("@every 10m"),
		"compact":   {Schedule: "@every 1h", Next: at.Add(time.Minute)}, // announced, and not done yet
		"judge":     done("0 2 * * *"),
		"retention": {Outcome: jobs.Begun, Began: at, Schedule: "@daily"},
	}
	byHand := map[string]jobs.Result{"analyze": {Outcome: jobs.OK, Began: at, Ended: at}}
	for name, c := range map[string]struct {
		jobs     string
		results  map[string]jobs.Result
		attended bool
		want     string
	}{
		"attended":                        {"", results, true, "analyze @every 10m ok next 10:00, compact @every 1h - next 09:01, retention @daily begun next -"},
		"it is gone":                      {"", results, false, "analyze @every 10m ok nobody, compact @every 1h - nobody, retention @daily begun nobody"},
		"nothing was done yet":            {"", nil, true, "analyze @every 10m - next -, compact @every 1h - next -, retention @daily - next -"},
		"looks made by cron":              {"jobs: {analyze: never, compact: never, retention: never}", byHand, false, "analyze  ok nobody"},
		"a job that is no longer planned": {"jobs: {analyze: never, compact: never, retention: never}", results, true, ""},
	} {
		r, err := spec.Parse("weir.yaml", []byte("app: bot\nrelease: r1\nstable: v1\ncandidate: v2\n"+c.jobs))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range besides(r, c.results, c.attended) {
			outcome, next := string(s.Last.Outcome), "next -"
			if outcome == "" {
				outcome = "-"
			}
			if !s.Next.IsZero() {
				next = "next " + s.Next.Format("15:04")
			}
			if s.Unattended {
				next = "nobody"
			}
			got = append(got, fmt.Sprint(s.Name, " ", s.Schedule, " ", outcome, " ", next))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %s\nwant %s", name, strings.Join(got, ", "), c.want)
		}
	}
}
