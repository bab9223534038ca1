package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	simjudge "weir/internal/sim/standin/judge"
	judging "weir/judge"
)

// A counted judge knows how often it was asked what, whatever the tag around it.
type counted struct {
	judge    *simjudge.Service
	canaries []string     // by what their users ask first
	stall    atomic.Int64 // of so many calls, the next are not answered before somebody is killed
	freed    chan struct{}

	mu    sync.Mutex
	asked map[string]int // by material, but for canaries, which are asked in every run
}

var tag = regexp.MustCompile(`dialogue-[0-9a-v]{12}`)

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var q struct{ Messages []struct{ Content string } }
	if json.Unmarshal(body, &q) == nil && len(q.Messages) > 1 && !c.canary(q.Messages[1].Content) {
		c.mu.Lock()
		c.asked[tag.ReplaceAllString(q.Messages[1].Content, "")]++
		c.mu.Unlock()
		if c.stall.Add(-1) < 0 {
			select {
			case <-c.freed:
			case <-r.Context().Done():
				return
			}
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.judge.ServeHTTP(w, r)
}

// canary reports whether a material is one of the rubric's canaries.
func (c *counted) canary(material string) bool {
	return slices.ContainsFunc(c.canaries, func(said string) bool { return strings.Contains(material, said) })
}

// counts are how many materials were asked about, and how often one was again.
func (c *counted) counts() (materials, again int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.asked {
		again += n - 1
	}
	return len(c.asked), again
}

// A served is weir serve in a process of its own.
type served struct {
	cmd *exec.Cmd
	log *bytes.Buffer
}

func serveJudged(t *testing.T, weir, lake, spec, url string) served {
	t.Helper()
	s := served{exec.Command(weir, "serve", "--spec", spec, "--lake", lake, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"), &bytes.Buffer{}}
	s.cmd.Env = append(os.Environ(), "OPENAI_BASE_URL="+url+"/v1", "WEIR_TOKEN=secret")
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill(); _ = s.cmd.Wait() })
	return s
}

// judging finds the process that judges for the server; 0 where there is none.
func (s served) judging(t *testing.T) int {
	t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		line, err := os.ReadFile(filepath.Join(f, "cmdline"))
		status, failed := os.ReadFile(filepath.Join(f, "status"))
		if err != nil || failed != nil || !strings.Contains(string(status), fmt.Sprintf("\nPPid:\t%d\n", s.cmd.Process.Pid)) {
			continue
		}
		if strings.Contains(string(line), "\x00judge\x00") {
			pid, err := strconv.Atoi(filepath.Base(f))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	return 0
}

// until waits for what must happen.
func until(t *testing.T, what string, s served, is func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
			t.Fatalf("not in ninety seconds: %s\n%s", what, s.log)
		}
	}
}

// A server judges on its schedule; whatever is killed meanwhile, the judge or the
// server, each dialogue is judged once and hardly asked about twice, and the verdict
// rests on what was judged.
func TestServeJudges(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("processes are looked for in /proc")
	}
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	weir, lake, spec := filepath.Join(dir, "weir"), filepath.Join(dir, "lake"), filepath.Join(dir, "weir.yaml")
	if err := os.Link(self, weir); err != nil { // a symbolic link would not give the process its name
		t.Skipf("the program cannot be linked: %v", err)
	}
	ran(t, statusDone, "simulate", "--scenario", "better", "--seed", "3", "--sessions", "400", "--texts", "1", "--lake", lake)
	const inFlight = 4
	text := `app: better
release: sim-1
stable: v1
candidate: v2
versions: {v1: {upstream: "http://127.0.0.1:1"}, v2: {upstream: "http://127.0.0.1:1"}}
metrics:
  - {name: quality, role: goal, judge: support-quality, good: up, margin: 0.05}
prices: {sim-judge: {input: 0.15, output: 0.60}}
judge: {endpoint: "${OPENAI_BASE_URL}", models: [sim-judge], rubrics: [support-quality], sample: {rate: 100%}, concurrency: 4}
jobs: {judge: "@every 1s"}
retention: {contents: 10000d, traces: 10000d}
`
	if err := os.WriteFile(spec, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	judge := &counted{judge: simjudge.New(simjudge.Behaviour{LogProbs: true, Flip: .1}), asked: map[string]int{}, freed: make(chan struct{})}
	rubric, err := judging.Builtin("support-quality", "en")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range rubric.Canaries {
		judge.canaries = append(judge.canaries, c.Dialogue.Turns[0].Input)
	}
	service := httptest.NewServer(judge)
	defer service.Close()

	// The judge is killed in the middle of a run, then the server in the next.
	s := serveJudged(t, weir, lake, spec, service.URL)
	judge.stall.Store(100)
	until(t, "a run that is under way", s, func() bool { n, _ := judge.counts(); return n >= 100+inFlight })
	child := s.judging(t)
	if child == 0 {
		t.Fatalf("no process judges\n%s", s.log)
	}
	killed, err := os.FindProcess(child)
	if err != nil {
		t.Fatal(err)
	}
	judge.stall.Store(100)
	if err := killed.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, "the run after it was killed", s, func() bool { n, _ := judge.counts(); return n >= 200 })
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	if !strings.Contains(s.log.String(), "killed") {
		t.Errorf("the server does not say that its judge was killed:\n%s", s.log)
	}
	judge.stall.Store(1 << 40)
	close(judge.freed)

	drawn := parsed(t, statusDone, "query", "--lake", lake, "--format", "json",
		"select count(distinct session_id) as n from traces where randomized").number(t, "0.n")
	judged := func() float64 {
		return parsed(t, statusDone, "query", "--lake", lake, "--format", "json",
			"select count(distinct session_id) as n from judgments where score is not null").number(t, "0.n")
	}
	s = serveJudged(t, weir, lake, spec, service.URL)
	until(t, "all that was drawn is judged", s, func() bool { return judged() == drawn })
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()

	materials, again := judge.counts()
	if float64(materials) > drawn || materials < 200 || again > 2*inFlight { // those under way at a kill
		t.Errorf("%d dialogues were asked about, %d of them again after two kills; %g were drawn", materials, again, drawn)
	}
	parsed(t, statusDone, "query", "--lake", lake, "--format", "json",
		"select count(*) as n, count(distinct (session_id, criterion)) as once from judgments").match(t, []figure{
		{"0.n", fmt.Sprint(3 * drawn)}, {"0.once", fmt.Sprint(3 * drawn)},
	})
	record := parsed(t, statusHold, "gate", "--lake", lake, "--spec", spec, "--format", "json")
	quality := document{record.at(t, "analysis")}.metric(t, "quality")
	if n := quality.number(t, "judge.judged.control") + quality.number(t, "judge.judged.treatment"); n != drawn {
		t.Errorf("the verdict rests on %g judged units of %g", n, drawn)
	}
	if quality.number(t, "control.value") < .3 {
		t.Errorf("the metric is %v", quality)
	}
}
