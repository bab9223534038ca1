package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// roleVariable tells a process that it is not the one that measures.
const roleVariable = "WEIR_BENCH_ROLE"

// equalVariable keeps v2's processes from leaving the processors to the others.
const equalVariable = "WEIR_BENCH_EQUAL"

// profileVariable is where a process leaves a profile; unset: nowhere.
const profileVariable = "WEIR_BENCH_PROFILE"

// A process is one that takes part: it ends with its standard input.
type process struct {
	role, url string
	second    string // where the second version is asked; empty: at the same place
	command   *exec.Cmd
	stdin     io.Closer
	dir       string
}

// start runs this program in a role. Its first line says where it listens.
func start(role string, arguments ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return nil, err
	}
	p := &process{role: role, command: exec.Command(self, arguments...), dir: dir}
	p.command.Env = append(os.Environ(), roleVariable+"="+role, "WEIR_BENCH_DIR="+dir)
	p.command.Stderr = os.Stderr
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	if p.url, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		return nil, fmt.Errorf("%s did not start: %w", role, err)
	}
	p.url = strings.TrimSpace(p.url)
	return p, nil
}

// end waits until the process has done what it was started for.
func (p *process) end() error {
	err := p.command.Wait()
	if err != nil {
		err = fmt.Errorf("%s: %w", p.role, err)
	}
	return errors.Join(err, os.RemoveAll(p.dir))
}

func (p *process) stop() {
	if p.stdin != nil {
		_ = p.stdin.Close()
	} else {
		_ = p.command.Process.Kill()
	}
	_ = p.command.Wait()
	_ = os.RemoveAll(p.dir)
}

// processorTime is what the process has used so far (proc(5): utime and stime
// in hundredths of a second).
func (p *process) processorTime() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// peakMiB is the most memory the process has held.
func (p *process) peakMiB() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, after, ok := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(after)
	if !ok || len(fields) == 0 {
		return 0, fmt.Errorf("no VmHWM in /proc/%d/status", p.command.Process.Pid)
	}
	kib, err := strconv.ParseInt(fields[0], 10, 64)
	return kib / 1024, err
}

const nginxConfig = `
daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 1024; }
http {
  access_log %[1]s/access.log;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  upstream app { server %[2]s; keepalive 64; }
  server {
    listen 127.0.0.1:%[3]d;
    keepalive_requests 1000000;
    location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
  }
}
`

// startNginx runs nginx in front of the same upstream.
func startNginx(upstream string) (*process, error) {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "weir-bench-nginx-")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, nginxConfig, dir, strings.TrimPrefix(upstream, "http://"), port), 0o644); err != nil {
		return nil, err
	}
	p := &process{role: "nginx", url: fmt.Sprintf("http://127.0.0.1:%d", port), command: exec.Command(binary, "-p", dir, "-c", file), dir: dir}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	for range 100 {
		if _, err = p.ask(0, time.Now()); err == nil {
			return p, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.stop()
	return nil, err
}
