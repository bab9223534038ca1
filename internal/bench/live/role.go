package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"weir/collector"
	"weir/collector/parquet"
	"weir/internal/machine"
	"weir/rollout/spec"
	"weir/router"
	"weir/router/proxy"
	"weir/router/sticky"
)

// play is a process that takes part. It ends with its standard input.
func play(role string) error {
	if (role == "second" || role == "callers") && os.Getenv(equalVariable) == "" {
		if err := yield(); err != nil {
			return err
		}
	}
	if role == "callers" {
		return call(os.Args[1:])
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	handler, end := http.Handler(http.HandlerFunc(answer)), func() error { return nil }
	if role == "router" {
		machine.RelaxGC()
		if handler, end, err = route(os.Args[1], os.Args[2], os.Getenv("WEIR_BENCH_DIR")); err != nil {
			return err
		}
	}
	if role == "second" {
		handler = http.HandlerFunc(answerAsTold)
	}
	if role == "bare" {
		if handler, err = bare(os.Args[1], os.Args[2]); err != nil {
			return err
		}
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	profiled, err := profile(role)
	if err != nil {
		return err
	}
	defer profiled()
	fmt.Println("http://" + listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return end()
}

// profile writes profiles of a role's life, its processor time and what it
// allocated, to the directory that WEIR_BENCH_PROFILE names.
func profile(role string) (end func(), err error) {
	dir := os.Getenv(profileVariable)
	if dir == "" {
		return func() {}, nil
	}
	times, err := os.Create(filepath.Join(dir, role+".cpu"))
	if err != nil {
		return nil, err
	}
	memory, err := os.Create(filepath.Join(dir, role+".allocs"))
	if err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		_ = pprof.Lookup("allocs").WriteTo(memory, 0)
		_, _ = times.Close(), memory.Close()
	}, pprof.StartCPUProfile(times)
}

var document = `{"id":"c","model":"m","choices":[{"message":{"role":"assistant","content":"` + strings.Repeat("It is on its way. ", 50) + `"}}],"usage":{"prompt_tokens":120,"completion_tokens":250}}`

const event = "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"It is on its way.\"},\"finish_reason\":null}]}\n\n"

// answer is the application: it answers at once, or streams 20 events 5 ms
// apart; a long stream takes 10 s.
func answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	text := string(body)
	if !strings.Contains(text, `"stream":true`) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, document)
		return
	}
	pause := 5 * time.Millisecond
	if strings.Contains(text, `"long":true`) {
		pause = 500 * time.Millisecond
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for range 20 {
		if _, err := io.WriteString(w, event); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		time.Sleep(pause)
	}
	_, _ = io.WriteString(w, "data: [DONE]\n\n")
}

// plans is one plan for ever.
type plans struct{ plan *router.Plan }

func (p plans) Plan() *router.Plan { return p.plan }

// bare is a proxy that forwards and does nothing else.
func bare(upstream, second string) (http.Handler, error) {
	first, err := url.Parse(upstream)
	if err != nil {
		return nil, err
	}
	other, err := url.Parse(second)
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			if r.In.Header.Get(secondHeader) != "" {
				r.SetURL(other)
				return
			}
			r.SetURL(first)
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true, ResponseHeaderTimeout: firstByte},
		ErrorLog:  log.New(io.Discard, "", 0),
	}, err
}

// firstByte is how long the second version may take until it answers.
const firstByte = 2 * time.Second

// route is the router with durable logging.
func route(upstream, second, dir string) (http.Handler, func() error, error) {
	release, err := spec.Parse("bench.yaml", fmt.Appendf(nil, `
app: bench
release: r1
stable: v1
candidate: v2
versions:
  v1: {upstream: %[1]q, protocol: openai, max_in_flight: 20000, timeout: {connect: 20s}}
  v2: {upstream: %[2]q, protocol: openai, max_in_flight: 64, timeout: {first_byte: %[3]s, total: 5s}}
rules: [{name: second, when: '"%[4]s" in headers', version: v2}]
breaker: {min_requests: 100000000, consecutive_failures: 100000000} # it would end the trial
`, upstream, second, firstByte, secondHeader))
	if err != nil {
		return nil, nil, err
	}
	plan, err := router.NewPlan(release, router.State{Epoch: 1})
	if err != nil {
		return nil, nil, err
	}
	lake, err := parquet.Open(filepath.Join(dir, "lake"))
	if err != nil {
		return nil, nil, err
	}
	c, err := collector.New(collector.Options{App: release.App, Lake: lake.Gently(), Journal: filepath.Join(dir, "journal"), Fsync: release.Journal.Fsync})
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	p, err := proxy.New(proxy.Config{Release: release, Plans: plans{plan}, Memory: sticky.NewLRU(release.Sticky), Recorder: c})
	end := func() error {
		cancel()
		return errors.Join(<-done, c.Close())
	}
	return p, end, err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
