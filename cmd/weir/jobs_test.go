package main

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"weir/internal/live"
	"weir/rollout/spec"
)

// A spec's jobs have the schedules that it says, and never is no job.
func TestJobs(t *testing.T) {
	r, err := spec.Parse("weir.yaml", []byte(`
app: support-bot
release: r1
stable: v1
candidate: v2
ramp: {steps: [{to: 5%}], advance: {cron: "0 3 * * *", by: 5%, timezone: Asia/Shanghai}}
judge: {endpoint: "http://127.0.0.1:1", models: [m], rubrics: [support-quality], budget: {minutes: 20}}
jobs: {judge: "0 2 * * *", analyze: "@every 5m", retention: never, timezone: Europe/Berlin}
`))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkshop(&live.Settings{Spec: "weir.yaml", Lake: t.TempDir(), State: t.TempDir()}, r.App, 1<<30, slog.New(slog.DiscardHandler))
	if err := w.set(r); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range w.Status() {
		got = append(got, s.Name+" "+s.Schedule+" "+s.Zone)
	}
	want := []string{"analyze @every 5m Europe/Berlin", "compact @every 1h Europe/Berlin", "judge 0 2 * * * Europe/Berlin"}
	if !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	p := w.process(0, "judge", "--memory-mb", w.queries())
	if got, want := strings.Join(p.Args, " "), "judge --spec weir.yaml --lake "+w.settings.Lake+" --memory-mb 536 --state "+w.settings.State; got != want {
		t.Errorf("it runs %q, want %q", got, want)
	}
	if env := withoutToken([]string{"A=1", "WEIR_TOKEN=secret", "B=2"}); !slices.Equal(env, []string{"A=1", "B=2"}) {
		t.Errorf("the environment is %q", env)
	}
}

func TestJobMemory(t *testing.T) {
	for text, want := range map[string]int64{"2GiB": 2 << 30, "512MiB": 512 << 20, "511MiB": 0, "2": 0, "2G": 0, "-1GiB": 0, "9999999999GiB": 0} {
		var m jobMemory
		if err := m.Set(text); (err == nil) != (want > 0) || int64(m) != want {
			t.Errorf("%s is %d, %v", text, m, err)
		}
	}
	if m := jobMemory(0).bytes(); m < leastJobMemory || m > mostJobMemory {
		t.Errorf("a job gets %d bytes", m)
	}
}
