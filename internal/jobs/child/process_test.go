package child

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asks names the part that the test's own program plays as a child.
const asks = "WEIR_CHILD_TEST"

func TestMain(m *testing.M) {
	if part := os.Getenv(asks); part != "" {
		parts[part]()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var parts = map[string]func(){
	"answer": func() {
		fmt.Println("42")
		fmt.Fprintln(os.Stderr, "all is well")
	},
	"verdict": func() { fmt.Println("hold"); os.Exit(3) },
	"fail": func() {
		fmt.Println("half of an answ")
		fmt.Fprintln(os.Stderr, "the key sk-123456 of https://anna:hunter2@host/ is refused")
		os.Exit(1)
	},
	"much":  func() { fmt.Fprint(os.Stderr, strings.Repeat("words ", 10000), "the end"); os.Exit(1) },
	"panic": func() { panic("out of ideas") },
	"kill":  func() { fmt.Println("half"); syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} },
	"limits": func() {
		var data unix.Rlimit
		for unix.Getrlimit(unix.RLIMIT_DATA, &data); data.Cur == unix.RLIM_INFINITY; unix.Getrlimit(unix.RLIMIT_DATA, &data) {
			time.Sleep(time.Millisecond) // it is set just after the start
		}
		nice, _ := unix.Getpriority(unix.PRIO_PROCESS, 0)
		score, _ := os.ReadFile("/proc/self/oom_score_adj")
		fmt.Printf("data %d GOMEMLIMIT %s nice %d oom %s group %v", data.Cur, os.Getenv("GOMEMLIMIT"), 20-nice, strings.TrimSpace(string(score)), syscall.Getpgrp() == os.Getpid())
	},
	"eat": func() {
		var held [][]byte
		for range 300 {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			held = append(held, b)
		}
		fmt.Println(len(held))
	},
	"polite": func() {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		os.WriteFile(os.Getenv("WEIR_CHILD_BEGAN"), nil, 0o600)
		<-stop
		fmt.Fprintln(os.Stderr, "ended in order")
		os.Exit(1)
	},
	"deaf": func() {
		signal.Ignore(syscall.SIGTERM)
		self, _ := os.Executable()
		if os.Getenv("WEIR_CHILD_SECOND") == "" {
			second := exec.Command(self) // plays the same part, and holds the pipes
			second.Env = append(os.Environ(), "WEIR_CHILD_SECOND=1")
			second.Stderr = os.Stderr
			second.Start()
		}
		fmt.Fprintln(os.Stderr, os.Getpid())
		time.Sleep(time.Hour)
	},
	// A parent that starts a child, says which, and waits.
	"parent": func() {
		os.Setenv(asks, "pid")
		Process{Args: nil, Program: os.Args[0]}.Run(context.Background())
	},
	"pid": func() {
		os.WriteFile(os.Getenv("WEIR_CHILD_PID"), []byte(strconv.Itoa(os.Getpid())), 0o600)
		time.Sleep(time.Hour)
	},
}

func part(name string, more ...string) Process {
	return Process{Env: append(append(os.Environ(), asks+"="+name), more...), Grace: 100 * time.Millisecond}
}

func failure(t *testing.T, answer []byte, err error) *Failure {
	t.Helper()
	var f *Failure
	if !errors.As(err, &f) || answer != nil {
		t.Fatalf("it answers %q, %v", answer, err)
	}
	return f
}

func TestAnswer(t *testing.T) {
	answer, words, err := part("answer").Hear(t.Context())
	if string(answer) != "42\n" || words != "all is well" || err != nil {
		t.Errorf("it answers %q, says %q, %v", answer, words, err)
	}
	p := part("verdict")
	p.Accept = []int{3, 4, 5}
	if answer, err := p.Run(t.Context()); string(answer) != "hold\n" || err != nil {
		t.Errorf("it answers %q, %v", answer, err)
	}
	p.Accept = nil
	answer, err = p.Run(t.Context())
	if f := failure(t, answer, err); f.Status != 3 || f.Reason != "it ended with status 3" {
		t.Errorf("%+v", f)
	}
}

// What a failed process wrote is no answer, and its words hold no secret.
func TestFailures(t *testing.T) {
	p := part("fail", "OPENAI_API_KEY=sk-123456", "SHORT_TOKEN=is")
	answer, err := p.Run(t.Context())
	if f := failure(t, answer, err); f.Status != 1 || f.Words != "the key [secret] of https://[secret]@host/ is refused" {
		t.Errorf("%+v", f)
	}
	answer, err = part("much").Run(t.Context())
	if f := failure(t, answer, err); len(f.Words) > MaxWords || !strings.HasSuffix(f.Words, "the end") {
		t.Errorf("%d bytes of words", len(f.Words))
	}
	answer, err = part("panic").Run(t.Context())
	if f := failure(t, answer, err); f.Status != 2 || !strings.Contains(f.Words, "out of ideas") {
		t.Errorf("%+v", f)
	}
	answer, err = part("kill").Run(t.Context())
	if f := failure(t, answer, err); f.Status != -1 || !strings.Contains(f.Reason, "killed: by hand, or by the kernel") {
		t.Errorf("%+v", f)
	}
	p = part("answer")
	p.Program = "/nowhere/weir"
	answer, err = p.Run(t.Context())
	if f := failure(t, answer, err); !strings.Contains(f.Reason, "/nowhere/weir") {
		t.Errorf("%+v", f)
	}
}

// It is bounded and yields; what takes more memory fails, and nothing else does.
func TestMemory(t *testing.T) {
	p := part("limits")
	p.Memory = 512 << 20
	answer, err := p.Run(t.Context())
	if want := "data 536870912 GOMEMLIMIT 402653184 nice 10 oom 800 group true"; string(answer) != want || err != nil {
		t.Errorf("it has %q, %v; want %q", answer, err, want)
	}
	p = part("eat")
	if answer, err = p.Run(t.Context()); string(answer) != "300\n" || err != nil {
		t.Errorf("without a bound it answers %q, %v", answer, err)
	}
	p.Memory = 192 << 20
	answer, err = p.Run(t.Context())
	if f := failure(t, answer, err); f.Reason != "it wanted more than the 192 MiB of memory that it may have" || strings.Contains(f.Words, "goroutine ") {
		t.Errorf("%+v", f)
	}
}

// One that takes too long is asked to end, and then killed with what it started.
func TestTimeout(t *testing.T) {
	p := part("deaf")
	p.Timeout = 500 * time.Millisecond
	answer, err := p.Run(t.Context())
	f := failure(t, answer, err)
	if f.Reason != "it took longer than 500ms and was ended" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%+v", f)
	}
	for pid := range strings.FieldsSeq(f.Words) {
		n, err := strconv.Atoi(pid)
		for err == nil && running(n) {
			time.Sleep(time.Millisecond)
		}
	}
}

// It ends in order when the context does.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	began := t.TempDir() + "/began"
	p := part("polite", "WEIR_CHILD_BEGAN="+began)
	p.Grace = time.Minute
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(began); err == nil {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	answer, err := p.Run(ctx)
	f := failure(t, answer, err)
	if f.Words != "ended in order" || f.Reason != "it was ended with the server" || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v", f)
	}
}

// It dies with its parent, even one that is killed.
func TestParentKilled(t *testing.T) {
	file := t.TempDir() + "/pid"
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), asks+"=parent", "WEIR_CHILD_PID="+file)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	for pid == 0 {
		raw, _ := os.ReadFile(file)
		pid, _ = strconv.Atoi(string(raw))
		time.Sleep(time.Millisecond)
	}
	parent.Process.Kill()
	parent.Wait()
	for running(pid) {
		time.Sleep(time.Millisecond)
	}
}

// running tells whether a process is there and no zombie.
func running(pid int) bool {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	state, _, _ := bufio.ScanWords([]byte(rest), true)
	return state > 0 && rest[0] != 'Z'
}
