package browse

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"weir/internal/jobs/child"
)

// An Aside answers by a process of its own, which it starts when somebody asks
// and which ends by itself when nobody does. Should the process fail, the next
// question starts another.
type Aside struct {
	// Program serves [New] at the socket that is appended to its arguments, as
	// [ServeSocket] does; empty: the running one.
	Program string
	Args    []string
	Env     []string // nil: that of the running process
	Memory  int64    // bytes that it may hold; 0: no bound
	Log     *slog.Logger
	// Patience is how long the process may take to answer first; 0: 30 seconds.
	Patience time.Duration

	mu      sync.Mutex
	running *running
	all     sync.WaitGroup
	closed  bool
}

// A running is a process that was started.
type running struct {
	socket string
	proxy  http.Handler
	end    context.CancelFunc
	done   chan struct{} // closed when it has ended
}

var errEnding = errors.New("the server is ending")

// ServeHTTP hands a question to the process.
func (a *Aside) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, err := a.process(r.Context())
	if err != nil {
		a.Log.Error("the process that reads dialogues does not answer", "error", err)
		unanswered(w)
		return
	}
	p.proxy.ServeHTTP(w, r)
}

func unanswered(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusServiceUnavailable)
	w.Write([]byte(`{"error":{"code":"no_reader","message":"the process that reads dialogues did not answer: ask again, or ask for less"}}` + "\n"))
}

// process is the one that runs; it is started where there is none.
func (a *Aside) process(ctx context.Context) (*running, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, errEnding
	}
	if p := a.running; p != nil {
		select {
		case <-p.done:
			a.running = nil
		default:
			return p, nil
		}
	}
	p, err := a.start()
	if err != nil {
		return nil, err
	}
	if err := a.awaits(ctx, p); err != nil {
		p.end()
		return nil, err
	}
	a.running = p
	return p, nil
}

func (a *Aside) start() (*running, error) {
	dir, err := os.MkdirTemp("", "weir-browse-") // of this user alone
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	p := &running{socket: filepath.Join(dir, "socket"), end: end, done: make(chan struct{})}
	p.proxy = a.proxy(p.socket)
	process := child.Process{Program: a.Program, Args: slices.Concat(a.Args, []string{p.socket}), Env: a.Env, Memory: a.Memory}
	a.all.Go(func() {
		defer close(p.done)
		defer os.RemoveAll(dir)
		defer end()
		if _, err := process.Run(ctx); err != nil && ctx.Err() == nil {
			a.Log.Error("the process that reads dialogues failed; the next question starts another", "error", err)
		}
	})
	return p, nil
}

func (a *Aside) proxy(socket string) http.Handler {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
		ResponseHeaderTimeout: answerIn + waitFor + 5*time.Second, DisableCompression: true,
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", "reader"
		},
		Transport: transport,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				a.Log.Warn("a question to the process that reads dialogues failed", "error", err)
			}
			unanswered(w)
		},
	}
}

// awaits waits until the process can be asked.
func (a *Aside) awaits(ctx context.Context, p *running) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(a.Patience, 30*time.Second))
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := net.Dial("unix", p.socket); err == nil {
			return c.Close()
		}
		select {
		case <-tick.C:
		case <-p.done:
			return errors.New("it ended before it could be asked")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Run ends the process when ctx is done.
func (a *Aside) Run(ctx context.Context) error {
	<-ctx.Done()
	a.mu.Lock()
	a.closed = true
	if a.running != nil {
		a.running.end()
	}
	a.mu.Unlock()
	a.all.Wait()
	return nil
}

// ServeSocket serves a handler at a socket until ctx is done or nobody has asked
// for so long.
func ServeSocket(ctx context.Context, socket string, h http.Handler, idle time.Duration) error {
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	resting := time.AfterFunc(idle, stop)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resting.Stop()
		defer resting.Reset(idle)
		h.ServeHTTP(w, r)
	})}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case <-ctx.Done():
		return server.Close()
	case err := <-ended:
		return err
	}
}
