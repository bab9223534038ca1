package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"weir/analyze/lake"
	"weir/internal/app"
	"weir/internal/browse"
	"weir/internal/control"
	"weir/internal/live"
	"weir/judge"
	"weir/rollout/spec"
	"weir/web"
)

// Bounds of the process that reads dialogues beside a server.
const (
	readerMemory  = 1536 << 20 // bytes
	readerQueries = 768        // of it, MiB, for DuckDB
	readerIdle    = 5 * time.Minute
)

// A browsing is what the flags of browse say.
type browsing struct {
	lake, spec, app, listen, socket string
}

func newBrowse() *cobra.Command {
	var b browsing
	cmd := &cobra.Command{
		Use:   "browse --lake DIR",
		Short: "find, read and label the dialogues of a lake, in a browser",
		Long: `Serve a page on this machine to find and read the dialogues of a lake: by version,
time, score, error, outcome and text, v1 beside v2 for replayed cases. With --spec, its
rubrics can be labelled by: what weir export draws is labelled in place, as weir label
takes it. The address that is printed opens the page; who has it may read and label.

weir serve has the same page at /dialogues of its control plane.`,
		Example: `  weir browse --lake lake
  weir browse --lake lake --spec weir.yaml --listen 127.0.0.1:8082`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return b.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&b.lake, "lake", "", "folder of the lake")
	flags.StringVar(&b.spec, "spec", "", "release spec, weir.yaml: for labels")
	flags.StringVar(&b.app, "app", "", "application (default: the spec's, or the lake's only one)")
	flags.StringVar(&b.listen, "listen", "127.0.0.1:0", "address on this machine; port 0 takes a free one")
	flags.StringVar(&b.socket, "socket", "", "serve the questions of a server at this socket")
	if err := flags.MarkHidden("socket"); err != nil {
		panic("weir: " + err.Error())
	}
	return cmd
}

func (b *browsing) run(cmd *cobra.Command) error {
	if err := checkLake(b.lake); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	c := browse.Config{Lake: b.lake, App: b.app, Log: log}
	if b.spec != "" {
		release, _, err := readSpec(b.spec)
		if err != nil {
			return err
		}
		if c.App == "" {
			c.App = release.App
		}
		c.Spec = b.promise
	}
	if c.App == "" {
		apps, err := app.Apps(b.lake)
		if err != nil {
			return err
		}
		if len(apps) != 1 {
			return usage("--app is missing: the lake holds %d applications: %v", len(apps), apps)
		}
		c.App = apps[0]
	}
	var err error
	if c.Options, err = app.Bounded(lake.Options{}); err != nil {
		return err
	}
	if b.socket != "" {
		return browse.ServeSocket(cmd.Context(), b.socket, browse.New(c), readerIdle)
	}
	return b.serve(cmd, c)
}

// serve serves the page on this machine, to whoever has its address.
func (b *browsing) serve(cmd *cobra.Command, c browse.Config) error {
	if host, _, err := net.SplitHostPort(b.listen); err != nil || host != "localhost" && !isLoopback(host) {
		return usage("--listen %s: browse is for this machine alone, such as 127.0.0.1:8082; weir serve has the page for others", b.listen)
	}
	listener, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", b.listen)
	if err != nil {
		return err
	}
	token := rand.Text()
	handler := control.NewReader(c.App, control.Config{
		Tokens: control.EnvironmentToken(token).Named(userName()), Dialogues: browse.New(c), Pages: web.New(web.Dialogues), Log: c.Log,
	})
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(cmd.Context(), func() { server.Close() })
	defer stop()
	fmt.Fprintf(cmd.OutOrStdout(), "http://%s/dialogues#token=%s\n", listener.Addr(), token)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// userName is who labels on this machine.
func userName() string {
	for _, name := range []string{"USER", "LOGNAME", "USERNAME"} {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return "me"
}

// promise reads the spec and its rubrics, those built in where it names none.
func (b *browsing) promise() (*spec.Release, []*judge.Rubric, error) {
	r, _, err := readSpec(b.spec)
	if err != nil {
		return nil, nil, err
	}
	names, language := judge.Builtins(), "en"
	if r.Judge != nil {
		language = r.Judge.Language.String()
		if len(r.Judge.Rubrics) > 0 {
			names = r.Judge.Rubrics
		}
	}
	var out []*judge.Rubric
	for _, name := range names {
		rubric, err := readRubric(name, filepath.Dir(b.spec), language)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, rubric)
	}
	return r, out, nil
}

// readRubric reads one that is built in, or a file beside the spec.
func readRubric(name, dir, language string) (*judge.Rubric, error) {
	if !spec.IsFile(name) {
		return judge.Builtin(name, language)
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return judge.Parse(name, src)
}

// reader answers questions about dialogues beside a server.
func reader(s *live.Settings, log *slog.Logger) *browse.Aside {
	return &browse.Aside{
		Log:    log,
		Args:   []string{"browse", "--lake", s.Lake, "--spec", s.Spec, "--socket"},
		Env:    append(os.Environ(), fmt.Sprintf("%s=%d", app.MemoryEnv, readerQueries), app.ThreadsEnv+"=1"),
		Memory: readerMemory,
	}
}
