package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/internal/control"
)

// besideSpec is the release of a simulated lake, with a ramp that its epochs are those of, at the
// pace of a test.
const besideSpec = `app: %[1]s
release: sim-1
stable: v1
candidate: v2
versions:
  v1: {upstream: %[2]q}
  v2: {upstream: %[3]q}
context: {session: ["header:X-Session-Id"]}
ramp: {steps: [{to: 1%%, hold: 1s, units: 1}, {to: 2%%, hold: 1s, units: 1}, {to: 3%%, units: 1}]}
jobs: {analyze: "@every 1s", compact: "@every 24h", retention: never}
journal: {fsync: 5ms}
`

// A site is a router with an autopilot beside it, in a folder.
type site struct {
	*testing.T
	dir, app string
	weir     string   // the program
	command  []string // of the router
	router   *router
}

// newSite makes the lake of a scenario, whose release the router is about to serve.
func newSite(t *testing.T, scenario string, sessions int) *site {
	if testing.Short() {
		t.Skip("builds both programs")
	}
	s := &site{T: t, dir: t.TempDir(), app: scenario, weir: buildWhole(t), command: []string{build(t)}}
	v1, v2 := upstream(), upstream()
	t.Cleanup(v1.Close)
	t.Cleanup(v2.Close)
	s.run(0, "simulate", "--scenario", scenario, "--seed", "1", "--sessions", fmt.Sprint(sessions), "--lake", "lake")
	if err := os.WriteFile(filepath.Join(s.dir, "weir.yaml"), fmt.Appendf(nil, besideSpec, scenario, v1.URL, v2.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	s.router = start(t, s.command, s.dir)
	return s
}

// cmd is a command of the program in the site's folder.
func (s *site) cmd(args ...string) *exec.Cmd {
	c := exec.CommandContext(s.Context(), s.weir, args...)
	c.Dir, c.Env = s.dir, append(os.Environ(), "WEIR_TOKEN="+token)
	return c
}

// run runs a command to its end, and wants a status.
func (s *site) run(status int, args ...string) (stdout, stderr string) {
	s.Helper()
	var out, err bytes.Buffer
	c := s.cmd(args...)
	c.Stdout, c.Stderr = &out, &err
	ran := c.Run()
	if c.ProcessState == nil || c.ProcessState.ExitCode() != status {
		s.Fatalf("weir %s ends with %v, want status %d\n%s%s", strings.Join(args, " "), ran, status, &out, &err)
	}
	return out.String(), err.String()
}

// A status is what weir status says.
type status struct {
	Deployment control.Deployment
	Autopilot  control.Autopilot
	Verdict    control.Verdict
	Jobs       []control.Job
}

func (s *site) status() (now status) {
	s.Helper()
	out, _ := s.run(0, "status", "--server", s.router.control, "--app", s.app, "--format", "json")
	if err := json.Unmarshal([]byte(out), &now); err != nil {
		s.Fatalf("%v\n%s", err, out)
	}
	return now
}

func (now status) job(name string) control.Job {
	for _, j := range now.Jobs {
		if j.Name == name {
			return j
		}
	}
	return control.Job{}
}

// until waits until the status is as it should be.
func (s *site) until(what string, so func(status) bool) status {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 90*time.Second)
	defer cancel()
	for {
		now := s.status()
		if so(now) {
			return now
		}
		select {
		case <-ctx.Done():
			s.Fatalf("in vain: %s; it is %+v", what, now)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// An autopilot is one beside the router, in a process of its own.
type besider struct {
	*exec.Cmd
	mu  sync.Mutex
	log bytes.Buffer
}

func (a *besider) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.Write(p)
}

func (a *besider) said() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.String()
}

func (s *site) autopilot(name string) *besider {
	s.Helper()
	a := &besider{}
	a.Cmd = s.cmd("autopilot", "--server", s.router.control, "--lake", "lake", "--state", "state", "--spec", "weir.yaml", "--name", name, "--job-memory", "1GiB")
	a.Stderr = a
	if err := a.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { a.Process.Kill(); a.Wait() })
	return a
}

// end tells the autopilot to end, and wants it to do so in order.
func (s *site) end(a *besider) {
	s.Helper()
	a.Process.Signal(syscall.SIGTERM)
	watch := time.AfterFunc(30*time.Second, func() { a.Process.Kill() })
	defer watch.Stop()
	if err := a.Wait(); err != nil {
		s.Errorf("told to end: %v\n%s", err, a.said())
	}
}

func (s *site) history() (past []control.Past) {
	s.Helper()
	out, _ := s.run(0, "history", "--server", s.router.control, "--app", s.app, "--format", "json")
	if err := json.Unmarshal([]byte(out), &past); err != nil {
		s.Fatalf("%v\n%s", err, out)
	}
	return past
}

func steeredBy(name string) func(status) bool {
	return func(now status) bool { return strings.HasPrefix(now.Autopilot.Holder, name+"-") }
}

// The two programs side by side: the autopilot climbs the router's ramp to its last step, a second
// one waits and takes over when the first has ended, also over a kill of the router; when nobody is
// left, the router says so; one look of weir autopilot --once is seen; and a rollback is drilled.
func TestAutopilotBesideRouter(t *testing.T) {
	s := newSite(t, "better", 300)
	first := s.autopilot("first")
	s.until("the first autopilot steers", steeredBy("first"))
	second := s.autopilot("second")
	now := s.until("the last step", func(now status) bool { return now.Deployment.Share == .03 })
	if !steeredBy("first")(now) || now.Deployment.Changed.Actor != "autopilot/WEIR_TOKEN" {
		t.Errorf("the ramp was climbed by %s, %s", now.Autopilot.Holder, now.Deployment.Changed.Actor)
	}
	if j := now.job("compact"); j.State != "waiting" || j.NextAt == nil {
		t.Errorf("a job that was not done yet is shown as %+v", j)
	}
	var kinds []string
	for _, p := range s.history() {
		kinds = append(kinds, fmt.Sprintf("%s %v", p.Kind, p.Share))
	}
	if got := strings.Join(kinds, ", "); got != "step 0.03, step 0.02, step 0.01, begin 0" {
		t.Errorf("the history is %s", got)
	}

	s.end(first)
	s.until("the second autopilot takes over", steeredBy("second"))
	if !strings.Contains(second.said(), "one acts, the other waits") {
		t.Errorf("the second autopilot never said that it waits:\n%s", second.said())
	}
	s.router.kill(t)
	s.router = startAt(t, s.command, s.dir, s.router)
	s.until("the second autopilot finds the router again", steeredBy("second"))
	looks := s.status().job("analyze").Runs
	s.until("it looks again", func(now status) bool { return now.job("analyze").Runs > looks })
	s.end(second)
	now = s.until("nobody steers", func(now status) bool { return !now.Autopilot.Steered })
	for _, j := range now.Jobs {
		if j.State != "unattended" || j.NextAt != nil {
			t.Errorf("nobody is there, and job %s is %s, next %v", j.Name, j.State, j.NextAt)
		}
	}

	out, _ := s.run(0, "autopilot", "--once", "--server", s.router.control, "--lake", "lake", "--state", "state", "--spec", "weir.yaml")
	if !strings.HasPrefix(out, "look ") {
		t.Errorf("it says %s", out)
	}
	if after := s.status(); after.job("analyze").Runs != now.job("analyze").Runs+1 || !after.Verdict.At.After(*now.Verdict.At) {
		t.Errorf("a look of --once is shown as %+v, %v", after.job("analyze"), after.Verdict.At)
	}
	s.drill()
}

// drill tries a rollback on the router, and against where nobody is.
func (s *site) drill() {
	s.Helper()
	out, _ := s.run(0, "drill", "rollback", "--server", s.router.control, "--app", s.app, "--target", s.router.data, "--path", "/chat",
		"--header", "X-Session-Id: drill-{n}", "--span", "500ms", "--workers", "4", "--format", "json")
	var drilled struct{ Before, After, Leaked int }
	if err := json.Unmarshal([]byte(out), &drilled); err != nil || drilled.Before == 0 || drilled.After == 0 || drilled.Leaked != 0 {
		s.Errorf("the drill says %v, %s", err, out)
	}
	for target, want := range map[string]string{
		"http://127.0.0.1:1": "POST http://127.0.0.1:1/chat: dial tcp 127.0.0.1:1: connect: connection refused",
		s.router.control:     "it answers 401, without X-Weir-Version",
	} {
		_, err := s.run(1, "drill", "rollback", "--server", s.router.control, "--app", s.app, "--target", target, "--path", "/chat", "--span", "200ms", "--workers", "2")
		if !strings.Contains(err, "no request reached v2 before the rollback: ") || !strings.Contains(err, want) {
			s.Errorf("against %s the drill says %s", target, err)
		}
	}
	if now := s.status(); now.Deployment.Share != .03 || now.Deployment.Changed.Reason != "drill: end" {
		s.Errorf("the drills left %+v", now.Deployment)
	}
}

// Harm that the autopilot finds beside the router rolls the router back, once, on a record that the
// history names; the status says since when, and which step it was.
func TestHarmRollsTheRouterBack(t *testing.T) {
	s := newSite(t, "worse", 3000)
	s.autopilot("only")
	now := s.until("the rollback", func(now status) bool { return now.Deployment.State == "rolled_back" })
	d := now.Deployment
	if d.Share != 0 || d.Enabled || !d.Since.Equal(d.Changed.At) || d.Changed.Record == nil || d.Changed.Record.Verdict != "rollback" || d.Changed.Actor != "autopilot/WEIR_TOKEN" {
		t.Errorf("%+v", d)
	}
	s.run(4, "gate", "--replay", filepath.Join("lake", filepath.FromSlash(d.Changed.Record.Path)))
	if text, _ := s.run(0, "status", "--server", s.router.control, "--app", s.app); !strings.Contains(text, "traffic   rolled back: everyone goes to v1, since "+d.Since.UTC().Format("2006-01-02 15:04:05")) {
		t.Errorf("the status says\n%s", text)
	}
}
