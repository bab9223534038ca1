package chaos

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const token = "chaos"

// A router is one life of the process.
type router struct {
	cmd           *exec.Cmd
	data, control string // URLs
	log           strings.Builder
	logged        sync.WaitGroup
}

// programs is the folder of what is built, once for all tests.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "weir-chaos"); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(programs)
	os.Exit(status)
}

var buildRouter = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(programs, "weir-router")
	out, err := exec.Command("make", "-C", filepath.Join("..", ".."), "router", "ROUTER="+binary).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return binary, nil
})

var buildAll = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(programs, "weir")
	cmd := exec.Command("go", "build", "-o", binary, "weir/cmd/weir")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return binary, nil
})

// build builds the router as it is shipped, and holds it to its size.
func build(t *testing.T) string {
	t.Helper()
	binary, err := buildRouter()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(binary); err != nil || info.Size() >= 40e6 {
		t.Errorf("the router has %d bytes, %v; it is to stay below 40 MB", info.Size(), err)
	}
	return binary
}

// buildWhole builds the program that has everything, jobs and DuckDB among it.
func buildWhole(t *testing.T) string {
	t.Helper()
	binary, err := buildAll()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

var (
	dataLine    = regexp.MustCompile(`traffic +(http://\S+)`)
	controlLine = regexp.MustCompile(`control plane +(http://\S+)`)
)

// start starts the router in the folder, and waits until it says where it listens. The command is
// its binary, and a subcommand where it has one.
func start(t *testing.T, command []string, dir string) *router {
	t.Helper()
	return startAt(t, command, dir, &router{data: "http://127.0.0.1:0", control: "http://127.0.0.1:0"})
}

// startAt is start, at the addresses of an earlier life.
func startAt(t *testing.T, command []string, dir string, before *router) *router {
	t.Helper()
	arguments := append(command[1:len(command):len(command)], "--spec", "weir.yaml", "--lake", "lake", "--state", "state",
		"--listen", strings.TrimPrefix(before.data, "http://"), "--admin", strings.TrimPrefix(before.control, "http://"), "--publish", "100ms", "--drain", "2s")
	r := &router{cmd: exec.Command(command[0], arguments...)}
	r.cmd.Dir = dir
	r.cmd.Env = append(os.Environ(), "WEIR_TOKEN="+token)
	stderr, err := r.cmd.StderrPipe()
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.cmd.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	for r.data == "" || r.control == "" {
		if !lines.Scan() {
			t.Fatalf("the router ended: %v\n%s", r.cmd.Wait(), r.log.String())
		}
		r.log.WriteString(lines.Text() + "\n")
		if m := dataLine.FindStringSubmatch(lines.Text()); m != nil {
			r.data = m[1]
		}
		if m := controlLine.FindStringSubmatch(lines.Text()); m != nil {
			r.control = m[1]
		}
	}
	r.logged.Go(func() {
		for lines.Scan() {
			r.log.WriteString(lines.Text() + "\n")
		}
	})
	return r
}

// share sets the candidate's share, as a release script does.
func (r *router) share(value float64) error {
	body := fmt.Sprintf(`{"version": "v2", "traffic_control": {"strategy": "percentage", "value": %v}, "target_environment": "production", "enabled": true}`, value)
	req, err := http.NewRequest(http.MethodPatch, r.control+"/v1/applications/bot/deployments", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the share is refused with status %d", res.StatusCode)
	}
	return nil
}

// kill ends the process as a power switch would.
func (r *router) kill(t *testing.T) {
	t.Helper()
	r.cmd.Process.Kill()
	r.logged.Wait()
	if err := r.cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the router ended by itself: %v\n%s", err, r.log.String())
	}
}

// end asks the process to end, and wants it to do so in order.
func (r *router) end(t *testing.T) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	watch := time.AfterFunc(30*time.Second, func() { r.cmd.Process.Kill() })
	r.logged.Wait()
	if err := r.cmd.Wait(); err != nil {
		t.Errorf("told to end: %v\n%s", err, r.log.String())
	}
	watch.Stop()
}
