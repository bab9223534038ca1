package child

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"syscall"
	"time"
)

const (
	// Grace is how long a process that is asked to end may take, before it is killed.
	Grace = 5 * time.Second
	// MaxAnswer bounds standard output, in bytes.
	MaxAnswer = 256 << 20
	// MaxWords bounds what is kept of standard error, in bytes: its beginning, and more
	// of its end.
	MaxWords = 4 << 10
)

// A Process is what to run, and its bounds.
type Process struct {
	Program string   // empty: the running one
	Args    []string // without the program's name
	Env     []string // nil: that of the running process
	// Memory is how many bytes of private memory it may hold; 0: no bound.
	Memory int64
	// Timeout is how long it may take; 0: as long as it wants.
	Timeout time.Duration
	// Accept are exit statuses, beside 0, of a process that has answered.
	Accept []int
	// Grace takes the place of [Grace]; 0: that.
	Grace time.Duration
}

// A Failure says why a process has no answer.
type Failure struct {
	Reason string // in words, such as "it took longer than 10m0s"
	Status int    // exit status; -1: it had none
	Words  string // what it said on standard error
	cause  error
}

func (f *Failure) Error() string {
	if f.Words == "" {
		return f.Reason
	}
	return f.Reason + ": " + f.Words
}

// Unwrap gives what ended it, such as [context.DeadlineExceeded].
func (f *Failure) Unwrap() error { return f.cause }

// Run runs the process to its end and returns its standard output. Where it
// fails, that is nil and the error a *[Failure].
func (p Process) Run(ctx context.Context) (answer []byte, err error) {
	answer, _, err = p.Hear(ctx)
	return answer, err
}

// Hear is Run for a process that also has something to say: words are its standard
// error, shortened.
func (p Process) Hear(ctx context.Context) (answer []byte, words string, err error) {
	program := p.Program
	if program == "" {
		if program, err = os.Executable(); err != nil {
			return nil, "", &Failure{Reason: "it cannot be started: " + err.Error(), Status: -1, cause: err}
		}
	}
	if p.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, p.Timeout, errTooLong)
		defer cancel()
	}
	env := p.Env
	if env == nil {
		env = os.Environ()
	}
	cmd := exec.CommandContext(ctx, program, p.Args...)
	said := &excerpt{limit: MaxWords}
	out := &bounded{limit: MaxAnswer, full: func() { signalGroup(cmd, syscall.SIGKILL) }}
	cmd.Env, cmd.Stdout, cmd.Stderr = slices.Clone(env), out, said
	if p.Memory > 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("GOMEMLIMIT=%d", p.Memory/4*3))
	}
	cmd.SysProcAttr = attributes()
	grace := cmp.Or(p.Grace, Grace)
	var killing *time.Timer
	cmd.Cancel = func() error {
		killing = time.AfterFunc(grace, func() { signalGroup(cmd, syscall.SIGKILL) })
		return signalGroup(cmd, syscall.SIGTERM)
	}
	cmd.WaitDelay = 2 * grace // then its pipes are closed, whoever holds them
	err = run(cmd, p.Memory)
	if killing != nil {
		killing.Stop()
	}
	words = conceal(said.String(), env)
	if f := p.failure(ctx, cmd, out, err); f != nil {
		f.Words = words
		if p.Memory > 0 && f.Status != 0 && outOfMemory.MatchString(words) {
			f.Reason = fmt.Sprintf("it wanted more than the %d MiB of memory that it may have", p.Memory>>20)
		}
		return nil, words, f
	}
	return out.Bytes(), words, nil
}

// outOfMemory is what a program says that is refused memory: Go's runtime, C++'s,
// DuckDB.
var outOfMemory = regexp.MustCompile(`(?i)out of memory|cannot allocate memory|bad_alloc|failed to allocate`)

var errTooLong = fmt.Errorf("its time is up: %w", context.DeadlineExceeded)

// run starts the process and waits for its end. What dies with its parent dies,
// to the kernel, with the thread that started it: the thread is held until then.
func run(cmd *exec.Cmd, memory int64) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	yield(cmd.Process.Pid)
	if memory > 0 {
		if err := bound(cmd.Process.Pid, memory); err != nil {
			signalGroup(cmd, syscall.SIGKILL)
			return errors.Join(fmt.Errorf("its memory cannot be bounded: %w", err), cmd.Wait())
		}
	}
	return cmd.Wait()
}

// failure says why there is no answer; nil: there is one.
func (p Process) failure(ctx context.Context, cmd *exec.Cmd, out *bounded, err error) *Failure {
	f := &Failure{Status: -1, cause: err}
	if cmd.ProcessState != nil {
		f.Status = cmd.ProcessState.ExitCode()
	}
	var exit *exec.ExitError
	switch {
	case errors.Is(context.Cause(ctx), errTooLong):
		f.Reason, f.cause = fmt.Sprintf("it took longer than %v and was ended", p.Timeout), errTooLong
	case ctx.Err() != nil:
		f.Reason, f.cause = "it was ended with the server", context.Cause(ctx)
	case out.over:
		f.Reason = fmt.Sprintf("it wrote more than %d bytes", out.limit)
	case err == nil, f.Status > 0 && slices.Contains(p.Accept, f.Status):
		return nil
	case !errors.As(err, &exit):
		f.Reason = err.Error()
	case f.Status >= 0:
		f.Reason = fmt.Sprintf("it ended with status %d", f.Status)
	default:
		f.Reason = ended(cmd.ProcessState)
	}
	return f
}

// ended says how a process without a status ended.
func ended(s *os.ProcessState) string {
	status, ok := s.Sys().(syscall.WaitStatus)
	switch {
	case ok && status.Signaled() && status.Signal() == syscall.SIGKILL:
		return "it was killed: by hand, or by the kernel because memory ran out"
	case ok && status.Signaled():
		return fmt.Sprintf("it was ended by the signal %q", status.Signal())
	}
	return s.String()
}

// signalGroup sends a signal to the process and all that it started.
func signalGroup(cmd *exec.Cmd, s syscall.Signal) error {
	err := syscall.Kill(-cmd.Process.Pid, s)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// bounded keeps what is written up to a limit.
type bounded struct {
	bytes.Buffer
	limit int
	over  bool
	full  func()
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.limit {
		if !b.over {
			b.over = true
			b.full()
		}
		return len(p), nil
	}
	return b.Buffer.Write(p)
}
