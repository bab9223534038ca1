package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Sessions of a simulated lake become cases: the number that was asked for, whole, the same again
// for the same seed, and in the lake once.
func TestReplayFromLake(t *testing.T) {
	r := newReplayed(t, 1, &standIn{right: 1}, &standIn{right: 1})
	ran(t, statusDone, "simulate", "--scenario", "judge-bias", "--sessions", "5000", "--app", "bot", "--lake", r.lake)
	command := func(more ...string) []string {
		return append([]string{"replay", "--spec", r.spec, "--lake", r.lake, "--release", r.release, "--from-lake", "25"}, more...)
	}
	parsed(t, statusDone, command("--format", "json", "--from-version", "v1", "--from-outcome", "resolved=0")...).match(t, []figure{{"cases", "25"}, {"done", "50"}})
	parsed(t, statusDone, command("--format", "json", "--from-version", "v1", "--from-outcome", "resolved=0")...).match(t, []figure{{"done", "0"}, {"before", "50"}})
	parsed(t, statusDone, "query", "--lake", r.lake, "--format", "json", `
		with live as (select session_id, any_value(assigned_version) as version, count(*) as turns from traces where case_id is null group by all),
		     lost as (select session_id from outcomes where name = 'resolved' and value = 0),
		     runs as (select case_id, assigned_version, count(*) as turns from traces where case_id is not null group by all)
		select count(*) as n, count(distinct case_id) as cases, bool_and(live.turns = runs.turns and live.version = 'v1' and lost.session_id is not null) as whole
		from runs left join live on live.session_id = case_id left join lost on lost.session_id = case_id`).match(t, []figure{{"0.n", "50"}, {"0.cases", "25"}, {"0.whole", "true"}})
	parsed(t, statusDone, "query", "--lake", r.lake, "--format", "json", `
		with said as (select coalesce(t.case_id, t.session_id) as session, t.case_id is null as live, t.assigned_version as version, string_agg(c.input, '/' order by t.started_at, t.turn) as inputs
			from traces t join contents c using (trace_id) group by all)
		select count(*) as n, bool_and(a.inputs = b.inputs) as same from said a join said b using (session) where a.live and not b.live`).match(t, []figure{{"0.n", "50"}, {"0.same", "true"}})

	refuses := func(want string, args ...string) {
		t.Helper()
		if _, stderr := ran(t, statusUsage, args...); !strings.Contains(stderr, want) {
			t.Errorf("it says %q, want %q", stderr, want)
		}
	}
	refuses("drawn with another number, filter or seed", command("--seed", "2")...)
	refuses("one of them", command("--cases", r.cases)...)
	refuses("go with --from-lake", r.replay("--from-version", "v1")...)
	refuses("write NAME=VALUE", command("--from-outcome", "resolved")...)
	other := func(more ...string) []string { return append(command(more...), "--release", "other") }
	refuses("draw at most", other("--from-lake", "100000")...)
	refuses("none is as the filters ask", other("--from-version", "v9")...)
	refuses("no live session of app bot that is over", other("--as-of", "2001-01-01")...)
}

// Without texts there is nothing to say to a version.
func TestReplayFromLakeWithoutTexts(t *testing.T) {
	r := newReplayed(t, 1, &standIn{}, &standIn{})
	log, mapping := filepath.Join(r.dir, "log.csv"), filepath.Join(r.dir, "map.yaml")
	for path, text := range map[string]string{
		log:     "s,v,t\ns1,v1,2026-03-02T09:00:00Z\n",
		mapping: "columns: {session_id: s, assigned_version: v, started_at: t}\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ran(t, statusDone, "import", "--from", "csv", "--map", mapping, "--lake", r.lake, "--app", "bot", log)
	_, stderr := ran(t, statusUsage, "replay", "--spec", r.spec, "--lake", r.lake, "--from-lake", "1")
	if want := "none has all its texts: set capture.content"; !strings.Contains(stderr, want) {
		t.Errorf("it says %q, want %q", stderr, want)
	}
}
