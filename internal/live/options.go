package live

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weir/internal/control"
	"weir/internal/jobs"
	"weir/internal/jobs/disk"
	"weir/rollout/spec"
)

// Options are what a process serves with. Spec, Lake and Listen are required.
type Options struct {
	// Spec reads the release specification: at the start, and for each reload.
	Spec  func() (*spec.Release, error)
	Lake  string // folder
	State string // folder; empty: _state in the lake

	Listen string // address of the traffic
	Admin  string // address of the control plane; empty: there is none
	// CertFile and KeyFile are for TLS on the control plane, and are read once, by
	// New; empty: none.
	CertFile, KeyFile string
	// Exposed lets the control plane listen elsewhere than on loopback without TLS.
	Exposed bool
	Hosts   []string // further names by which the control plane is called
	Tokens  control.Tokens

	// Publish is the age at which rows are written to the lake; 0: the
	// collector's default.
	Publish time.Duration
	// Drain is how long requests under way may take to end when the process is
	// told to; 0: DefaultDrain.
	Drain time.Duration
	// Hangup asks for a reload; nil: nobody does but through the control plane.
	Hangup <-chan os.Signal

	// Verdict and Pages are handed to the control plane; nil: it has none.
	Verdict control.VerdictSource
	Pages   http.Handler
	// Helm is shared with an autopilot that is part of the process; nil: there is
	// none.
	Helm *control.Helm
	// Dialogues answers the control plane's calls about dialogues; nil: it takes none.
	Dialogues http.Handler
	// Beside run beside the traffic until the context is done; the process ends
	// when one returns an error.
	Beside []func(ctx context.Context, l *Live) error
	// Reloaded is told which release is in force after a reload; nil: nobody is.
	Reloaded func(*spec.Release)
	// Jobs are what is done beside the traffic; nil: what another process left in
	// the state is shown.
	Jobs func() []jobs.Status
	// Metrics are shown besides those of the traffic.
	Metrics []prometheus.Collector

	// Now is the clock that rows and state are dated by; nil: time.Now.
	Now func() time.Time
	Log *slog.Logger // nil: nothing is written
}

// DefaultDrain is how long requests under way may take to end.
const DefaultDrain = 30 * time.Second

func (o Options) complete() (Options, error) {
	switch {
	case o.Spec == nil || o.Lake == "" || o.Listen == "":
		return o, errors.New("a spec, a lake and an address to listen on are needed")
	case (o.CertFile == "") != (o.KeyFile == ""):
		return o, Wrong("TLS needs both the certificate's file and the key's: give --admin-cert and --admin-key")
	case o.Admin != "" && o.CertFile == "" && !o.Exposed && !loopback(o.Admin):
		return o, Wrong("the control plane at %s can be reached from elsewhere, and its tokens would travel in clear: give --admin-cert and --admin-key, listen on 127.0.0.1, or say with --admin-exposed that something before it encrypts", o.Admin)
	}
	o.State = cmp.Or(o.State, filepath.Join(o.Lake, "_state"))
	o.Drain = cmp.Or(o.Drain, DefaultDrain)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Helm == nil {
		o.Helm = &control.Helm{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// encryption is the TLS of the control plane, read from its files; nil where there
// is none.
func (o Options) encryption() (*tls.Config, error) {
	if o.CertFile == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
	if err != nil {
		return nil, Wrong("the control plane's certificate %s and key %s: %w", o.CertFile, o.KeyFile, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// loopback tells whether only this machine reaches an address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// JobStore remembers the jobs of an app's server, in the state; empty: _state in the
// lake. That a job is done once at a time holds for all that work on the lake.
func JobStore(lake, state, app string) disk.Store {
	inside := filepath.Join(lake, "_state")
	o := Options{State: cmp.Or(state, inside)}
	return disk.Store{Folder: o.folder(app, "jobs"), Locks: filepath.Join(inside, "jobs", app)}
}

// The parts of an app's state that others than its server read.
const (
	Ledger  = "ledger.jsonl"
	Journal = "journal"
	Sticky  = "sticky"
)

// StatePath is where a part of an app's state lies; state empty: in _state in the lake.
func StatePath(lake, state, app, part string) string {
	o := Options{State: cmp.Or(state, filepath.Join(lake, "_state"))}
	return o.folder(app, part)
}

// folder is where an app's part of the state lies.
func (o Options) folder(app, name string) string {
	return filepath.Join(o.State, "serve", app, name)
}
