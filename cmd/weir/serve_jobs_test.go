package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/control/client"
)

// A server is weir serve in a process of its own.
type server struct {
	*testing.T
	*exec.Cmd
	client client.Client
	dir    string
	log    string // file
}

// jobsSpec has jobs at this pace on the lake of a scenario.
const jobsSpec = `
app: better
release: sim-1
stable: v1
candidate: v2
versions: {v1: {upstream: "http://127.0.0.1:1"}, v2: {upstream: "http://127.0.0.1:2"}}
`

func startServer(t *testing.T, dir string) *server {
	t.Helper()
	s := &server{T: t, dir: dir, log: filepath.Join(dir, "serve.log")}
	log, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s.Cmd = exec.Command("weir", "serve", "--spec", "weir.yaml", "--lake", "lake", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--job-memory", "1GiB")
	s.Dir, s.Stderr, s.Env = dir, log, append(os.Environ(), "WEIR_TOKEN=secret")
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Process.Kill(); s.Wait() })
	plane := regexp.MustCompile(`control plane +(http://\S+)`)
	await(t, "the server serves", func() bool {
		raw, _ := os.ReadFile(s.log)
		found := plane.FindSubmatch(raw)
		if found == nil {
			return false
		}
		s.client = client.Client{Server: string(found[1]), Token: "secret", App: "better"}
		return true
	})
	return s
}

// await waits for something to be so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

func (s *server) job(name string) (j control.Job) {
	s.Helper()
	all, err := s.client.Jobs(context.Background())
	if err != nil {
		raw, _ := os.ReadFile(s.log)
		s.Fatalf("%v\n%s", err, raw)
	}
	for _, j := range all {
		if j.Name == name {
			return j
		}
	}
	return control.Job{}
}

func (s *server) spec(jobs string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, "weir.yaml"), []byte(jobsSpec+jobs), 0o644); err != nil {
		s.Fatal(err)
	}
}

// A server does its jobs in processes aside: they leave a decision, their results
// outlive it, their schedules change with the spec, and what happens to them happens
// to nothing else.
func TestServeJobs(t *testing.T) {
	dir := t.TempDir()
	if status := run(t.Context(), []string{"simulate", "--scenario", "better", "--seed", "1", "--sessions", "300", "--lake", filepath.Join(dir, "lake")}, nil, &bytes.Buffer{}, &bytes.Buffer{}); status != 0 {
		t.Fatal(status)
	}
	(&server{T: t, dir: dir}).spec(`jobs: {analyze: "@every 1s", compact: "@every 1h", retention: never}`)
	s := startServer(t, dir)
	await(t, "an analysis", func() bool { return s.job("analyze").Runs > 0 })
	j := s.job("analyze")
	if j.Last.Outcome != "ok" || !strings.HasPrefix(j.Last.Said, "hold: ") || s.job("compact").Last != nil || s.job("retention").Name != "" {
		t.Errorf("it is %+v, %+v", j, j.Last)
	}
	if v, err := s.client.Verdict(t.Context()); err != nil || v.Verdict != "hold" || v.At == nil {
		t.Errorf("the verdict is %+v, %v", v, err)
	}
	var out bytes.Buffer
	t.Setenv("WEIR_TOKEN", "secret")
	status := []string{"status", "--server", s.client.Server, "--app", "better"}
	if code := run(t.Context(), status, nil, &out, &out); code != 0 || !regexp.MustCompile(`(?m)^● analyze +@every 1s +ok, 20`).Match(out.Bytes()) ||
		!regexp.MustCompile(`(?m)^○ compact +@every 1h +never +– +20`).Match(out.Bytes()) {
		t.Errorf("status ends with %d: %s", code, &out)
	}
	out.Reset()
	var document struct{ Jobs []control.Job }
	if code := run(t.Context(), append(status, "--format", "json"), nil, &out, &out); code != 0 || json.Unmarshal(out.Bytes(), &document) != nil || len(document.Jobs) != 2 {
		t.Errorf("status ends with %d: %s", code, &out)
	}

	// Another schedule, by a reload; a faulty one changes nothing.
	s.spec(`jobs: {analyze: "@every 2h", retention: "@every 1s"}`)
	s.Process.Signal(syscall.SIGHUP)
	await(t, "the other schedule", func() bool { return s.job("analyze").Schedule == "@every 2h" && s.job("retention").Runs > 0 })
	s.spec(`jobs: {analyze: often}`)
	s.Process.Signal(syscall.SIGHUP)
	await(t, "the refusal", func() bool {
		raw, _ := os.ReadFile(s.log)
		return bytes.Contains(raw, []byte("the spec was not reloaded"))
	})
	if j := s.job("analyze"); j.Schedule != "@every 2h" {
		t.Errorf("it is %+v", j)
	}

	// The child is killed, as the kernel does where memory runs out: that is a failure
	// with a reason, and the server goes on.
	await(t, "the analysis to rest", func() bool { return s.job("analyze").State == "waiting" })
	s.spec(`jobs: {analyze: "@every 1s", retention: never}`)
	s.Process.Signal(syscall.SIGHUP)
	await(t, "a killed analysis", func() bool {
		for _, pid := range childrenOf(s.Process.Pid) {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		j := s.job("analyze")
		return j.Failures > 0
	})
	if j := s.job("analyze"); j.Last.Outcome != "failed" || !strings.Contains(j.Last.Error, "killed") {
		t.Errorf("it is %+v", j.Last)
	}
	await(t, "the next one", func() bool { return s.job("analyze").Failures == 0 })

	// The server is killed: the child dies with it, and the next server knows.
	var child int
	await(t, "an analysis under way", func() bool {
		pids := childrenOf(s.Process.Pid)
		if len(pids) == 0 {
			return false
		}
		child = pids[0]
		s.Process.Kill()
		return true
	})
	s.Wait()
	await(t, "the end of the child", func() bool { return !lives(child) })
	before := decisions(t, dir)
	s.spec(`jobs: {analyze: "@every 2h"}`)
	s = startServer(t, dir)
	if j := s.job("analyze"); j.Last == nil || j.Last.Outcome != "interrupted" || j.Failures != 1 || j.Runs < 4 {
		t.Errorf("after a kill it is %+v, %+v", j, j.Last)
	}
	if after := decisions(t, dir); after != before {
		t.Errorf("there were %d decisions, and are %d", before, after)
	}
	s.Process.Signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		raw, _ := os.ReadFile(s.log)
		t.Errorf("%v\n%s", err, raw)
	}
}

// childrenOf lists the processes that a process started.
func childrenOf(pid int) (out []int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range files {
		raw, _ := os.ReadFile(f)
		for text := range strings.FieldsSeq(string(raw)) {
			var n int
			fmt.Sscan(text, &n)
			out = append(out, n)
		}
	}
	return out
}

// lives tells whether a process is there and no zombie.
func lives(pid int) bool {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, ok := strings.Cut(string(raw), ") ")
	return err == nil && ok && rest[0] != 'Z'
}

// decisions counts the decision records; each must be whole.
func decisions(t *testing.T, dir string) int {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "lake/decisions/*/*/*.jsonl"))
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil || !json.Valid(raw) {
			t.Errorf("%s is torn, %v", f, err)
		}
	}
	return len(files)
}
