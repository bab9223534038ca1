package docs

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// live are the examples whose pages are played: each terminal's commands stand in
// a block of bash, and what serves goes on until the end.
var live = []string{"dify-two-apps", "dify-one-app-two-workflows", "openai-compatible"}

// TestLiveExamples plays the pages: applications, Weir before them, the ramp, a
// call, and an outcome. Weir ends well, with what was asked in the lake.
func TestLiveExamples(t *testing.T) {
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not here", tool)
		}
	}
	for _, name := range live {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, name)
			for _, b := range blocksOf(s.page) {
				if b.language != "bash" {
					continue
				}
				for _, c := range commands(b.text) {
					s.play(c)
				}
			}
			s.end()
		})
	}
}

// A stage is where an example is played: its files in a folder of their own, at
// ports that nobody else has.
type stage struct {
	*testing.T
	dir, page   string
	environment []string
	serving     []*exec.Cmd
	calls       int // of the application
}

var address = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)

func newStage(t *testing.T, name string) *stage {
	s := &stage{T: t, dir: t.TempDir(), environment: append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "NO_COLOR=1")}
	ports := map[string]string{}
	moved := func(text []byte) []byte {
		return address.ReplaceAllFunc(text, func(a []byte) []byte {
			if ports[string(a)] == "" {
				ports[string(a)] = free(t)
			}
			return []byte(ports[string(a)])
		})
	}
	folder := filepath.Join("examples", name)
	for _, file := range []string{"README.md", "weir.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, folder, file))
		if err != nil {
			t.Fatal(err)
		}
		text = moved(text)
		if file == "README.md" {
			s.page = string(text)
		}
		if err := os.MkdirAll(filepath.Join(s.dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.dir, folder, file), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, c := range s.serving {
			c.Process.Kill()
		}
	})
	return s
}

// free is an address that nobody listens at, and that no :0 of another test is given meanwhile: systems give ports
// from 32768 on.
func free(t *testing.T) string {
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// play runs one command, or starts it where it serves.
func (s *stage) play(command string) {
	s.Helper()
	if variables, ok := strings.CutPrefix(command, "export "); ok {
		s.environment = append(s.environment, strings.Fields(variables)...)
		return
	}
	c := exec.Command("bash", "-c", "exec "+command)
	c.Dir, c.Env = s.dir, s.environment
	if strings.HasPrefix(command, "weir serve") || strings.HasPrefix(command, "weir sim-upstream") {
		s.start(c, command)
		return
	}
	out, err := c.CombinedOutput()
	switch {
	case err != nil:
		s.Fatalf("%s: %v\n%s", command, err, out)
	case strings.Contains(command, "curl -si") && !bytes.HasPrefix(out, []byte("HTTP/1.1 200 OK")):
		s.Fatalf("%s:\n%s", command, out)
	case strings.Contains(command, "/v1/outcomes") && !bytes.Contains(out, []byte(`"accepted":1`)):
		s.Fatalf("%s:\n%s", command, out)
	case strings.Contains(command, "curl -si"):
		s.calls++
		if !bytes.Contains(out, []byte("X-Weir-Version: v")) || !bytes.Contains(out, []byte("X-Simulated:")) {
			s.Errorf("%s:\n%s", command, out)
		}
	}
}

// start starts what serves, and waits until it listens everywhere it said.
func (s *stage) start(c *exec.Cmd, command string) {
	s.Helper()
	var log bytes.Buffer
	c.Stderr = &log
	if err := c.Start(); err != nil {
		s.Fatal(err)
	}
	s.serving = append(s.serving, c)
	for _, a := range address.FindAllString(command, -1) {
		for i := 0; ; i++ {
			connection, err := net.Dial("tcp", a)
			if err == nil {
				connection.Close()
				break
			}
			if i == 600 {
				s.Fatalf("%s does not listen at %s", command, a)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// end asks all to end, Weir first, and looks into the lake.
func (s *stage) end() {
	s.Helper()
	for i := len(s.serving) - 1; i >= 0; i-- {
		c := s.serving[i]
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			s.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			s.Errorf("%v ends with %v\n%s", c.Args, err, c.Stderr)
		}
	}
	c := exec.Command(filepath.Join(bin, "weir"), "query", "--lake", "lake", "--format", "csv", "select count(*) from traces where output_tokens > 0")
	c.Dir, c.Env = s.dir, s.environment
	out, err := c.CombinedOutput()
	lines := strings.Fields(string(out))
	if err != nil || len(lines) == 0 || s.calls > 0 && lines[len(lines)-1] != "1" {
		s.Errorf("%v\n%s", err, out)
	}
}
