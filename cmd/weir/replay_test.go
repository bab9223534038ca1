package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A standIn answers chat completions: rightly to a share of the questions, which a hash draws, and
// not at all to another.
type standIn struct {
	mu             sync.Mutex
	calls          map[string]int // by traceparent
	questions      []string
	right, failing float64
	delay          time.Duration
}

// drawn is a number in [0, 1) that belongs to a question and a purpose.
func drawn(purpose, question string) float64 {
	sum := sha256.Sum256([]byte(purpose + "/" + question))
	return (float64(sum[0])*256 + float64(sum[1])) / 65536
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls[r.Header.Get("Traceparent")]++
	s.mu.Unlock()
	time.Sleep(s.delay)
	var asked struct{ Messages []struct{ Content string } }
	raw, _ := io.ReadAll(r.Body)
	if json.Unmarshal(raw, &asked) != nil || len(asked.Messages) == 0 {
		http.Error(w, "what?", 400)
		return
	}
	question := asked.Messages[len(asked.Messages)-1].Content
	s.mu.Lock()
	s.questions = append(s.questions, question)
	s.mu.Unlock()
	answer := "I do not know."
	switch {
	case drawn("failing", question) < s.failing:
		http.Error(w, "overloaded", http.StatusServiceUnavailable)
		return
	case drawn("right", question) < s.right:
		answer = "The answer is 42."
	}
	fmt.Fprintf(w, `{"model": "stand-in", "choices": [{"message": {"content": %q}}], "usage": {"prompt_tokens": 20, "completion_tokens": 5}}`, answer)
}

// A replayed is two stand-ins, the spec that names them and the cases for them.
type replayed struct {
	v1, v2            *standIn
	lake, spec, cases string
	release, dir      string
}

func newReplayed(t *testing.T, cases int, v1, v2 *standIn) replayed {
	t.Helper()
	dir := t.TempDir()
	r := replayed{v1: v1, v2: v2, dir: dir, lake: filepath.Join(dir, "lake"), spec: filepath.Join(dir, "weir.yaml"), cases: filepath.Join(dir, "cases.jsonl"), release: "build-1"}
	urls := map[string]string{}
	for name, s := range map[string]*standIn{"v1": v1, "v2": v2} {
		s.calls = map[string]int{}
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		urls[name] = server.URL
	}
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(r.spec, fmt.Sprintf(`app: bot
release: build
stable: v1
candidate: v2
versions:
  v1: {upstream: %q, protocol: openai}
  v2: {upstream: %q, protocol: openai, set_headers: {Authorization: "Bearer ${REPLAY_TEST_KEY}"}}
prices: {stand-in: {input: 1, output: 2, per: 1e6}}
metrics:
  - {name: resolution, role: goal, per: session, value: resolved, good: up, margin: 3pp}
`, urls["v1"], urls["v2"]))
	if v2.failing > 0 {
		write(r.spec, read(t, r.spec)+"  - {name: errors, role: guardrail, per: request, value: error, good: down, margin: 2pp}\n")
	}
	var b strings.Builder
	for i := range cases {
		fmt.Fprintf(&b, `{"id": "case-%[1]d", "input": "What is it, %[1]d?", "expect": {"contains": "42"}}`+"\n", i)
	}
	write(r.cases, b.String())
	t.Setenv("REPLAY_TEST_KEY", "swordfish")
	return r
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (r replayed) replay(args ...string) []string {
	return append([]string{"replay", "--spec", r.spec, "--cases", r.cases, "--lake", r.lake, "--release", r.release}, args...)
}

func (r replayed) gate(args ...string) []string {
	return append([]string{"gate", "--spec", r.spec, "--lake", r.lake, "--release", r.release, "--format", "json"}, args...)
}

// The path of a CI: the same cases on both versions, then the verdict as the exit status.
func TestReplayThenGate(t *testing.T) {
	for name, c := range map[string]struct {
		v1, v2  *standIn
		verdict string
		status  int
	}{
		"better":  {&standIn{right: .5}, &standIn{right: .8}, "promote", statusDone},
		"equal":   {&standIn{right: .6}, &standIn{right: .6}, "hold", statusHold},
		"worse":   {&standIn{right: .8}, &standIn{right: .5}, "rollback", statusRollback},
		"failing": {&standIn{right: .6}, &standIn{right: .6, failing: .2}, "rollback", statusRollback},
		"down":    {&standIn{right: .6}, &standIn{failing: 1}, "rollback", statusRollback},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReplayed(t, 150, c.v1, c.v2)
			ran(t, statusDone, r.replay("--trials", "2")...)
			record := document{parsed(t, c.status, r.gate()...).value}
			for path, want := range map[string]string{
				"analysis.decision.verdict": c.verdict, "analysis.design.kind": "paired", "analysis.units.requests.control": "300",
				"analysis.units.requests.treatment": "300", "analysis.health.loss.treatment": "0",
			} {
				if got := render(record.at(t, path), want); got != want {
					t.Errorf("%s is %s, want %s", path, got, want)
				}
			}
		})
	}
}

// A summary counts runs, errors and outcomes; the same command again does nothing.
func TestReplaySummary(t *testing.T) {
	r := newReplayed(t, 40, &standIn{right: 1}, &standIn{right: 1, failing: 1})
	got := parsed(t, statusDone, r.replay("--format", "json", "--trials", "2")...)
	got.match(t, []figure{
		{"done", "160"}, {"before", "0"}, {"versions.0.runs", "80"}, {"versions.0.outcomes.resolved.passed", "80"},
		{"versions.1.outcomes.resolved.passed", "0"}, {"versions.1.outcomes.resolved.of", "80"}, {"versions.1.errors.status_503", "80"},
	})
	got = parsed(t, statusDone, r.replay("--format", "json", "--trials", "2")...)
	got.match(t, []figure{{"done", "0"}, {"before", "160"}})
	rows := parsed(t, statusDone, "query", "--lake", r.lake, "--format", "json",
		"select count(*) as n, count(distinct session_id) as sessions, count(cost_usd) as priced, min(cost_usd) as cost, bool_or(session_id like '%v2%') as shown from traces")
	rows.match(t, []figure{{"0.n", "160"}, {"0.sessions", "160"}, {"0.priced", "80"}, {"0.cost", "0.000030"}, {"0.shown", "false"}})
}

// Killed at any point and started again, each run is in the lake once, and hardly a call is made twice.
func TestReplayKilled(t *testing.T) {
	r := newReplayed(t, 60, &standIn{right: .5, delay: 2 * time.Millisecond}, &standIn{right: .7, delay: 2 * time.Millisecond})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	weir := filepath.Join(r.dir, "weir")
	if err := os.Symlink(self, weir); err != nil {
		t.Fatal(err)
	}
	const inFlight = 4
	kills := 0
	for attempt := 1; ; attempt++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(attempt)*60*time.Millisecond)
		cmd := exec.CommandContext(ctx, weir, r.replay("--concurrency", fmt.Sprint(inFlight))...)
		out, err := cmd.CombinedOutput()
		cancel()
		if err == nil {
			break
		}
		if ctx.Err() == nil {
			t.Fatalf("%v\n%s", err, out)
		}
		kills++
	}
	t.Logf("killed %d times", kills)
	parsed(t, statusDone, "query", "--lake", r.lake, "--format", "json", "select count(*) as n, count(distinct trace_id) as ids from traces").match(t, []figure{{"0.n", "120"}, {"0.ids", "120"}})
	again := 0
	for _, s := range []*standIn{r.v1, r.v2} {
		for _, n := range s.calls {
			again += n - 1
		}
	}
	if again > kills*(inFlight+1) { // those under way, and one that ended and was not written down yet
		t.Errorf("%d calls were made again after %d kills", again, kills)
	}
	if left, _ := filepath.Glob(filepath.Join(r.lake, "_state", "replay", "bot", "*")); len(left) > 0 {
		t.Errorf("the journal stays: %v", left)
	}
}

// What is wrong is said before anything is asked, without showing keys.
func TestReplayRefuses(t *testing.T) {
	v1, v2 := &standIn{right: 1}, &standIn{right: 1}
	r := newReplayed(t, 3, v1, v2)
	bare := filepath.Join(r.dir, "bare.yaml")
	if err := os.WriteFile(bare, []byte("app: bot\nrelease: r\nstable: v1\ncandidate: v2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	refuses := func(want string, args ...string) {
		t.Helper()
		_, stderr := ran(t, statusUsage, args...)
		if !strings.Contains(stderr, want) || strings.Contains(stderr, "swordfish") {
			t.Errorf("it says %q, want %q", stderr, want)
		}
	}
	refuses("weir: "+bare+": versions.v2 is missing: replay needs to know where each version is", "replay", "--spec", bare, "--cases", r.cases, "--lake", r.lake)
	refuses("--cases is missing", "replay", "--spec", r.spec, "--lake", r.lake)
	refuses("no such file", "replay", "--spec", r.spec, "--cases", "nowhere.jsonl", "--lake", r.lake)
	refuses("--trials 0", r.replay("--trials", "0")...)
	refuses(`--set "x": write NAME=VALUE`, r.replay("--set", "x")...)
	refuses("--stream goes with a protocol's own request", r.replay("--stream", "--request", r.cases)...)
	os.Unsetenv("REPLAY_TEST_KEY")
	refuses("${REPLAY_TEST_KEY} is not set", r.replay()...)
	t.Setenv("REPLAY_TEST_KEY", "swordfish")
	ran(t, statusDone, r.replay()...)
	changed := strings.Replace(read(t, r.cases), "What is it, 1?", "What else, 1?", 1)
	if err := os.WriteFile(r.cases, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	refuses("a case was changed: case case-1 asked something else when it ran in release build-1: a new set of cases is a new --release", r.replay()...)
	if n := len(v1.calls) + len(v2.calls); n != 6 {
		t.Errorf("%d calls were made", n)
	}
}
