package live

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"weir/collector"
	"weir/collector/ingest"
	"weir/collector/parquet"
	"weir/internal/control"
	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/internal/stickylog"
	"weir/internal/webhook"
	"weir/rollout/spec"
	"weir/router"
	"weir/trace"
)

// A Live is a process that serves one application.
type Live struct {
	options   Options
	ledger    *ledger.Ledger
	sticky    *stickylog.Store
	lake      *parquet.Lake
	collector *collector.Collector
	ingest    *ingest.Ingest
	steering  *steering.Steering
	metrics   *metrics
	hooks     *webhook.Teller

	current   atomic.Pointer[generation]
	reloading sync.Mutex
	probes    probes
	drawn     atomic.Pointer[string] // release that units were last drawn for
	breaking  sync.WaitGroup         // openings of breakers that are being written

	encryption  *tls.Config  // of the control plane; nil: none
	data, admin net.Listener // admin is nil where there is no control plane
	serving     atomic.Bool
	closing     sync.Once
	closed      error
}

// New opens state, journal and listeners, and puts the specification in force.
// It serves nothing yet. The error names what is in the way.
func New(options Options) (*Live, error) {
	o, err := options.complete()
	if err != nil {
		return nil, err
	}
	release, err := o.Spec()
	if err != nil {
		return nil, err
	}
	encryption, err := o.encryption()
	if err != nil {
		return nil, err
	}
	l := &Live{options: o, encryption: encryption}
	if err := l.open(release); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// open opens what lies deepest first, so that what is refused by a lock is
// refused before anything is touched.
func (l *Live) open(r *spec.Release) (err error) {
	state := func(err error) error { return fmt.Errorf("--state, %s: %w", l.options.State, err) }
	if l.ledger, err = ledger.Open(l.options.folder(r.App, Ledger)); err != nil {
		return state(err)
	}
	if l.ledger.Dropped > 0 {
		l.options.Log.Warn("the last change was being written when the process ended, and is dropped", "bytes", l.ledger.Dropped)
	}
	l.sticky, err = stickylog.Open(l.options.folder(r.App, Sticky), stickylog.Options{Bounds: r.Sticky, Fsync: r.Journal.Fsync, Now: l.options.Now()})
	if err != nil {
		return state(err)
	}
	if l.lake, err = l.openLake(); err != nil {
		return fmt.Errorf("--lake, %s: %w", l.options.Lake, err)
	}
	l.lake.Gently()
	l.collector, err = collector.New(collector.Options{
		App: r.App, Lake: l.lake, Journal: l.options.folder(r.App, Journal), Fsync: r.Journal.Fsync,
		Publish: l.options.Publish, Redact: l.redact, Now: l.options.Now, Log: l.options.Log,
	})
	if err != nil {
		return state(err)
	}
	l.ingest = ingest.New(ingest.Config{
		App: r.App, Current: l.comparing, Record: l.collector.Record, Hash: l.hash, Now: l.options.Now,
	})
	l.metrics = newMetrics(l)
	before := l.ledger.Last().Seq
	if err := l.begin(r); err != nil {
		return err
	}
	if l.hooks, err = webhook.New(webhook.Options{
		Feed: &feed{live: l}, Path: l.options.folder(r.App, "webhooks.json"), Now: l.options.Now, Log: l.options.Log,
	}); err != nil {
		return state(err)
	}
	l.hooks.Set(l.current.Load().receivers, before)
	return l.listen()
}

// openLake opens the lake, and makes its folder where there is none. One that cannot be
// written to now is a matter of the disk: traffic is served, and what is recorded waits
// in the journal.
func (l *Live) openLake() (*parquet.Lake, error) {
	if err := os.MkdirAll(l.options.Lake, 0o755); err != nil {
		return nil, err
	}
	if err := unix.Access(l.options.Lake, unix.W_OK|unix.X_OK); err != nil {
		l.options.Log.Error("the lake cannot be written to: what is recorded stays in the journal until it can", "lake", l.options.Lake, "error", err)
	}
	return parquet.Open(l.options.Lake)
}

// begin puts the first specification in force.
func (l *Live) begin(r *spec.Release) error {
	g, err := l.generation(r, nil, l.brokenBefore(r))
	if err != nil {
		return err
	}
	before := l.ledger.Last().Seq
	l.current.Store(g)
	l.steering, err = steering.New(steering.Options{
		Release: r, Ledger: l.ledger, Now: l.options.Now, Drawn: l.hasDrawn,
		Publish: func(p *router.Plan) { g.plans.Store(p) },
		Record:  func(e trace.Event) { l.collector.Record(trace.Record{Event: &e}) },
	})
	var refused *steering.Refusal
	switch {
	case err == nil:
		l.doubt(before, l.steering.Current().Entry)
		l.noteHashing(r.App, g.hasher)
	case errors.As(err, &refused):
		return SettingsError{err}
	}
	return err
}

// doubt logs what speaks against a release that has begun.
func (l *Live) doubt(before int64, e ledger.Entry) {
	if e.Seq != before && e.Kind == ledger.KindBegin && e.Reason != "" {
		l.options.Log.Warn("the release begins with a doubt", "release", e.Release, "doubt", e.Reason)
	}
}

func (l *Live) listen() (err error) {
	if l.data, err = net.Listen("tcp", l.options.Listen); err != nil {
		return unheard("the traffic's address, --listen", l.options.Listen, err)
	}
	if l.options.Admin == "" {
		return nil
	}
	if l.admin, err = net.Listen("tcp", l.options.Admin); err != nil {
		return unheard("the control plane's address, --admin", l.options.Admin, err)
	}
	return nil
}

// unheard says why an address is not listened at.
func unheard(what, address string, err error) error {
	if malformed := (*net.AddrError)(nil); errors.As(err, &malformed) {
		return Wrong("%s %q: %s; write host:port, such as 127.0.0.1:8080", what, address, malformed.Err)
	}
	return fmt.Errorf("%s %s: %w", what, address, err)
}

// Addresses are where the traffic and the control plane are listened for; the
// latter is nil where there is none.
func (l *Live) Addresses() (data, admin net.Addr) {
	if l.admin != nil {
		admin = l.admin.Addr()
	}
	return l.data.Addr(), admin
}

// Steering changes what the release does.
func (l *Live) Steering() *steering.Steering { return l.steering }

// Flush brings all that was recorded so far into the lake.
func (l *Live) Flush() error { return l.collector.Flush() }

// Reload reads the specification again and puts it in force, under the name of
// who asked. It is built whole before anything changes; after an error nothing
// has. Requests under way go on as they began.
func (l *Live) Reload(actor string) (ledger.Entry, error) {
	l.reloading.Lock()
	defer l.reloading.Unlock()
	r, err := l.options.Spec()
	if err != nil {
		return ledger.Entry{}, &control.SpecError{Err: err}
	}
	before, seq := l.current.Load(), l.steering.Current().Seq
	next, err := l.generation(r, before, nil)
	if err != nil {
		return ledger.Entry{}, &control.SpecError{Err: err}
	}
	e, err := l.steering.Reload(r, actor, func(p *router.Plan) {
		next.plans.Store(p)
		l.current.Store(next)
	})
	if err != nil {
		return e, errors.Join(err, next.Close())
	}
	l.probes.of(next)
	l.hooks.Set(next.receivers, seq)
	if l.options.Reloaded != nil {
		l.options.Reloaded(r)
	}
	l.doubt(seq, e)
	l.noteHashing(r.App, next.hasher)
	l.options.Log.Info("reloaded", "release", r.Release, "by", actor)
	return e, before.Close()
}

// control is the control plane's handler.
func (l *Live) control() http.Handler {
	c := control.Config{
		Steering: l.steering, Tokens: l.options.Tokens, Memory: l.sticky,
		Plan:   func() *router.Plan { return l.current.Load().plans.Plan() },
		Forget: l.forget,
		Keep:   l.collector.Outcome, Resumed: func() { l.current.Load().Resume() },
		Reload: l.Reload, Verdict: l.options.Verdict, Helm: l.options.Helm, Ready: l.ready,
		Hash: l.hash, Ingest: l.ingest, Jobs: l.jobs, Webhooks: l.hooks.Status,
		Live: l.standing, Underway: l.underway,
		Metrics: l.metrics.handler(), Pages: l.options.Pages, Dialogues: l.options.Dialogues, Hosts: l.options.Hosts,
		Now: l.options.Now, Register: l.metrics.registry, Log: l.options.Log,
	}
	return control.New(c)
}

// comparing is the release in force and its versions.
func (l *Live) comparing() (release string, versions []string) {
	r := l.steering.Current().Release
	return r.Release, slices.Sorted(maps.Keys(r.Versions))
}

// hash is the id that takes an id's place; itself, where ids stay as they are.
func (l *Live) hash(id string) string { return l.current.Load().hasher.ID(id) }

func (l *Live) redact(text string) string { return l.current.Load().redactor.Text(text) }

var errNotServing = errors.New("the process is starting, or ending")

func (l *Live) ready() error {
	if !l.serving.Load() {
		return errNotServing
	}
	return nil
}

// Close gives everything up that New opened. It may be called more than once.
func (l *Live) Close() error {
	l.closing.Do(func() { l.closed = l.close() })
	return l.closed
}

func (l *Live) close() error {
	l.breaking.Wait()
	var errs []error
	for _, listener := range []net.Listener{l.data, l.admin} {
		if listener == nil {
			continue
		}
		if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if g := l.current.Load(); g != nil {
		errs = append(errs, l.keepBreakers(), g.Close())
	}
	if l.collector != nil {
		errs = append(errs, l.collector.Close())
	}
	if l.sticky != nil {
		errs = append(errs, l.sticky.Close())
	}
	if l.ledger != nil {
		errs = append(errs, l.ledger.Close())
	}
	return errors.Join(errs...)
}
