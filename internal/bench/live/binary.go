package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const routerBinary = "bin/weir-router"

// startUp weighs and starts the router, where it is built.
func startUp(s settings, on *stage) ([]line, error) {
	const size, up = "size of " + routerBinary, routerBinary + " is up after"
	info, err := os.Stat(routerBinary)
	if errors.Is(err, fs.ErrNotExist) {
		return []line{{size, "< 40 MB", "left out", "make router builds it"}}, nil
	}
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "weir-bench-up-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	spec := filepath.Join(dir, "weir.yaml")
	text := fmt.Sprintf("app: bench\nrelease: r1\nstable: v1\ncandidate: v2\nversions:\n  v1: {upstream: %q}\n  v2: {upstream: %q}\n", on.upstream.url, on.second.url)
	if err := os.WriteFile(spec, []byte(text), 0o600); err != nil {
		return nil, err
	}
	var times []float64
	for range 2*s.rounds - 1 {
		took, err := startTime(spec, filepath.Join(dir, "lake"))
		if err != nil {
			return nil, err
		}
		times = append(times, float64(took))
	}
	return []line{
		{size, "< 40 MB", fmt.Sprintf("%.1f MB", float64(info.Size())/1e6), ""},
		{up, "< 100 ms", milliseconds(median(times)), fmt.Sprintf("median of %d starts", len(times))},
	}, nil
}

// startTime is how long the router takes until it says that it is ready.
func startTime(spec, lake string) (time.Duration, error) {
	port, err := freePort()
	if err != nil {
		return 0, err
	}
	admin := fmt.Sprintf("127.0.0.1:%d", port)
	command := exec.Command(routerBinary, "--spec", spec, "--lake", lake, "--listen", "127.0.0.1:0", "--admin", admin)
	begun := time.Now()
	if err := command.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}()
	for time.Since(begun) < 10*time.Second {
		if res, err := http.Get("http://" + admin + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(begun), nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return 0, errors.New(routerBinary + " is not ready after 10 s")
}
