package live

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/pflag"

	"weir/internal/control"
	"weir/rollout/spec"
)

// Settings are the options that a command line gives.
type Settings struct {
	Spec, Lake, State string
	Listen, Admin     string
	Tokens            string // file
	CertFile, KeyFile string
	Exposed           bool
	Hosts             []string
	Drain, Publish    time.Duration
	LogFormat         string
	// Healthcheck is the URL of a control plane to ask with Ready, instead of serving.
	Healthcheck string
}

// Flags declares the settings' flags.
func (s *Settings) Flags(f *pflag.FlagSet) {
	f.StringVar(&s.Spec, "spec", "weir.yaml", "release spec")
	f.StringVar(&s.Lake, "lake", "lake", "folder of the lake")
	f.StringVar(&s.State, "state", "", "folder of the state (default: _state in the lake)")
	f.StringVar(&s.Listen, "listen", "127.0.0.1:8080", "address of the traffic")
	f.StringVar(&s.Admin, "admin", "127.0.0.1:8081", "address of the control plane")
	f.StringVar(&s.Tokens, "tokens", "", "file of the control plane's tokens; WEIR_TOKEN is one with all scopes")
	f.StringVar(&s.CertFile, "admin-cert", "", "certificate of the control plane, PEM")
	f.StringVar(&s.KeyFile, "admin-key", "", "key of the certificate, PEM")
	f.BoolVar(&s.Exposed, "admin-exposed", false, "let the control plane listen beyond this machine without TLS")
	f.StringSliceVar(&s.Hosts, "admin-host", nil, "further name by which the control plane is called")
	f.DurationVar(&s.Drain, "drain", DefaultDrain, "how long requests under way may take to end at SIGTERM")
	f.DurationVar(&s.Publish, "publish", 30*time.Second, "age at which rows are written to the lake")
	f.StringVar(&s.Healthcheck, "healthcheck", "", "serve nothing, and ask the control plane at this URL whether it is ready: ends with 0 or 1")
	f.StringVar(&s.LogFormat, "log", "text", "text or json, on standard error")
}

// A SettingsError says that a command line cannot be carried out as it stands.
type SettingsError struct{ error }

func (e SettingsError) Unwrap() error { return e.error }

// Wrong is a SettingsError in words.
func Wrong(format string, args ...any) error { return SettingsError{fmt.Errorf(format, args...)} }

// Options are the settings as a process takes them. The log goes to w.
func (s *Settings) Options(w io.Writer, lookup func(string) string) (Options, error) {
	o := Options{
		Spec: s.read, Lake: s.Lake, State: s.State, Listen: s.Listen, Admin: s.Admin,
		CertFile: s.CertFile, KeyFile: s.KeyFile, Exposed: s.Exposed, Hosts: s.Hosts,
		Drain: s.Drain, Publish: s.Publish,
	}
	switch s.LogFormat {
	case "text":
		o.Log = slog.New(slog.NewTextHandler(w, nil))
	case "json":
		o.Log = slog.New(slog.NewJSONHandler(w, nil))
	default:
		return o, Wrong("--log %q: allowed are text and json", s.LogFormat)
	}
	if s.Drain <= 0 || s.Publish <= 0 {
		return o, Wrong("--drain %v, --publish %v: both are above 0", s.Drain, s.Publish)
	}
	o.Tokens = control.EnvironmentToken(lookup("WEIR_TOKEN"))
	if s.Tokens != "" {
		raw, err := os.ReadFile(s.Tokens)
		if err != nil {
			return o, Wrong("--tokens: %w", err)
		}
		tokens, err := control.ParseTokens(s.Tokens, raw)
		if err != nil {
			return o, SettingsError{err}
		}
		o.Tokens = append(o.Tokens, tokens...)
	}
	if o.Tokens == nil && o.Admin != "" {
		o.Log.Warn("there is no token, so the control plane takes no call: set WEIR_TOKEN, or give --tokens")
	}
	return o, nil
}

// read reads the specification.
func (s *Settings) read() (*spec.Release, error) {
	text, err := spec.ReadFile(s.Spec)
	if err != nil {
		return nil, Wrong("--spec, %w", err)
	}
	return spec.Parse(s.Spec, text)
}

// Greeting says what a process serves, and where.
func (l *Live) Greeting() string {
	c := l.steering.Current()
	data, admin := l.Addresses()
	scheme, where := "http", "none"
	if l.options.CertFile != "" {
		scheme = "https"
	}
	if admin != nil {
		where = scheme + "://" + admin.String()
	}
	return fmt.Sprintf("serving %s, release %s: %s against %s\n  traffic        http://%s\n  control plane  %s\n  lake           %s",
		c.App, c.Release.Release, c.Release.Candidate, c.Release.Stable, data, where, l.options.Lake)
}
