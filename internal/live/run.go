package live

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Run serves until ctx is done or something fails, and then ends in order. It
// closes what New opened. What was recorded is in the lake when it returns nil;
// else in the journal, for the next start.
func (l *Live) Run(ctx context.Context) error {
	serving, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	servers := l.servers()
	for _, s := range servers {
		go func() {
			if err := s.serve(); !errors.Is(err, http.ErrServerClosed) {
				stop(err)
			}
		}()
	}
	beside, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	group, work := errgroup.WithContext(beside)
	group.Go(func() error { return l.sticky.Run(work) })
	group.Go(func() error { return l.keepBreakersUntil(work) })
	group.Go(func() error { return l.tellAloneUntil(work) })
	group.Go(func() error { return l.ingest.Run(work) })
	group.Go(func() error { return l.probes.run(work, l.current.Load()) })
	group.Go(func() error { l.reloadOnHangup(work); return nil })
	group.Go(func() error { return l.hooks.Run(work) })
	for _, run := range l.options.Beside {
		group.Go(func() error { return run(work, l) })
	}
	collecting, collected := context.WithCancel(context.WithoutCancel(ctx))
	defer collected()
	publishing := make(chan error, 1)
	go func() { publishing <- l.collector.Run(collecting) }()

	l.serving.Store(true)
	select {
	case <-serving.Done():
	case <-work.Done(): // something beside the traffic failed
	}
	l.serving.Store(false)

	var errs []error
	if cause := context.Cause(serving); cause != nil && ctx.Err() == nil {
		errs = append(errs, cause)
	}
	// From the client inwards: what is recorded is complete once the requests
	// have ended, and the control plane is there until all is in the lake.
	l.options.Log.Info("draining", "at most", l.options.Drain)
	errs = append(errs, servers[0].end(l.options.Drain))
	end()
	errs = append(errs, group.Wait())
	l.breaking.Wait()
	collected()
	errs = append(errs, <-publishing)
	for _, s := range servers[1:] {
		errs = append(errs, s.end(time.Second))
	}
	return errors.Join(append(errs, l.Close())...)
}

// A server is a listener with what answers there.
type server struct {
	http.Server
	listener net.Listener
	underway underway
	cut      context.CancelFunc // ends the requests under way
}

// cutGrace is how long requests that are cut may take to be recorded.
const cutGrace = 5 * time.Second

// maxHeader bounds the headers of a request, in bytes.
const maxHeader = 64 << 10

// servers are that of the traffic and, where there is one, the control plane's.
func (l *Live) servers() []*server {
	traffic := &server{listener: l.data}
	traffic.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.current.Load().ServeHTTP(w, r) })
	traffic.DisableGeneralOptionsHandler = true // OPTIONS * is for a version to answer
	// No bound on bodies: the versions' time-outs hold, and streams are long.
	traffic.ReadHeaderTimeout, traffic.IdleTimeout = 10*time.Second, 2*time.Minute
	out := []*server{traffic}
	if l.admin != nil {
		admin := &server{listener: l.admin}
		admin.Handler, admin.TLSConfig = l.control(), l.encryption
		admin.ReadHeaderTimeout, admin.ReadTimeout, admin.IdleTimeout = 5*time.Second, 30*time.Second, time.Minute
		out = append(out, admin)
	}
	for _, s := range out {
		s.MaxHeaderBytes = maxHeader
		s.Handler = s.underway.counting(s.Handler)
		ctx, cut := context.WithCancel(context.Background())
		s.BaseContext, s.cut = func(net.Listener) context.Context { return ctx }, cut
		s.ErrorLog = slog.NewLogLogger(l.options.Log.Handler(), slog.LevelWarn)
	}
	return out
}

func (s *server) serve() error {
	if s.TLSConfig != nil {
		return s.ServeTLS(s.listener, "", "")
	}
	return s.Serve(s.listener)
}

// end stops accepting, waits for what is under way, and cuts what takes longer.
// What is cut has been recorded when it returns.
func (s *server) end(within time.Duration) error {
	defer s.cut()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	err := s.Shutdown(ctx)
	if s.underway.wait(ctx) {
		return err
	}
	s.cut()
	err = s.Close()
	last, cancel := context.WithTimeout(context.Background(), cutGrace)
	defer cancel()
	s.underway.wait(last)
	return err
}

// everySecond does something every second until ctx is done.
func everySecond(ctx context.Context, do func()) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			do()
		}
	}
}

func (l *Live) reloadOnHangup(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.options.Hangup:
			if _, err := l.Reload("SIGHUP"); err != nil {
				l.options.Log.Error("the spec was not reloaded; nothing has changed", "error", err)
			}
		}
	}
}

// probes asks the versions of the generation in force for their health.
type probes struct {
	mu   sync.Mutex
	stop context.CancelFunc
	all  sync.WaitGroup
	ctx  context.Context // while run is under way
}

// run probes until ctx is done.
func (p *probes) run(ctx context.Context, g *generation) error {
	p.mu.Lock()
	p.ctx = ctx
	p.mu.Unlock()
	p.of(g)
	<-ctx.Done()
	p.mu.Lock()
	p.ctx = nil
	p.mu.Unlock()
	p.all.Wait()
	return nil
}

// of goes over to the versions of a generation.
func (p *probes) of(g *generation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
	if p.ctx == nil {
		return
	}
	ctx, cancel := context.WithCancel(p.ctx)
	p.stop = cancel
	p.all.Go(func() { g.Run(ctx) })
}
