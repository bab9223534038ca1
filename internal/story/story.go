package story

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/internal/app"
	"weir/internal/atomicfile"
	"weir/internal/control"
	"weir/internal/control/client"
	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/internal/live"
	"weir/internal/pilot"
	"weir/internal/sim/traffic"
	"weir/rollout"
	"weir/rollout/spec"
)

// A Story is a release to be told. Folder, Spec, Versions and Clock are needed.
type Story struct {
	Folder string
	// Spec writes the release spec for versions at these addresses.
	Spec     func(v1, v2 string) string
	Versions [2]http.Handler // what answers for v1 and v2
	// Address takes the place of what Versions are served at; nil: as they are.
	Address   func(version int, url string) string
	Clock     *traffic.Clock
	LookEvery time.Duration // of the clock, between the end of a look and the next; 0: none but by Told.Look
	// BeforeLook is done before each look, such as judging; nil: nothing is.
	BeforeLook func(ctx context.Context, j app.Job) error
	// Threads bound an analysis; 0: all cores.
	Threads int
	Log     *slog.Logger
}

// A Told is a release under way.
type Told struct {
	Job              app.Job
	Traffic, Control string // URLs
	Client           client.Client
	Clock            *traffic.Clock

	live  *live.Live
	pilot *pilot.Pilot
}

// Tell serves the release and lets the autopilot steer it while work is done, and
// ends it all. When it returns nil, all that was recorded is in the lake.
func (s Story) Tell(ctx context.Context, work func(ctx context.Context, t *Told) error) (*Told, error) {
	t := &Told{Clock: s.Clock}
	addresses := make([]string, len(s.Versions))
	for i, v := range s.Versions {
		url, end, err := Serve(ctx, v)
		if err != nil {
			return nil, fmt.Errorf("a version's address: %w", err)
		}
		defer end()
		if addresses[i] = url; s.Address != nil {
			addresses[i] = s.Address(i, url)
		}
	}
	text := s.Spec(addresses[0], addresses[1])
	file := filepath.Join(s.Folder, "weir.yaml")
	if err := atomicfile.Write(file, []byte(text), 0o644); err != nil {
		return nil, err
	}
	release, err := spec.Parse(file, []byte(text))
	if err != nil {
		return nil, err
	}
	t.Job = app.Job{Lake: filepath.Join(s.Folder, "lake"), Spec: release, SpecText: text, Threads: s.Threads}
	return t, s.serve(ctx, t, work)
}

// serve runs router and autopilot while work is done.
func (s Story) serve(ctx context.Context, t *Told, work func(context.Context, *Told) error) error {
	var beside []func(context.Context, *live.Live) error
	if s.LookEvery > 0 {
		beside = append(beside,
			func(ctx context.Context, _ *live.Live) error { return t.pilot.Run(ctx) },
			func(ctx context.Context, _ *live.Live) error { return s.look(ctx, t) })
	}
	token, helm := rand.Text(), &control.Helm{}
	l, err := live.New(live.Options{
		Spec: func() (*spec.Release, error) { return t.Job.Spec, nil }, Lake: t.Job.Lake,
		Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Tokens: control.EnvironmentToken(token), Helm: helm,
		Publish: 5 * time.Second, Drain: 5 * time.Second, Now: s.Clock.Now, Log: s.Log, Beside: beside,
	})
	if err != nil {
		return err
	}
	data, admin := l.Addresses()
	t.live, t.Traffic, t.Control = l, "http://"+data.String(), "http://"+admin.String()
	t.Client = client.Client{Server: t.Control, Token: token, App: t.Job.Spec.App}
	t.pilot = pilot.New(pilot.Options{
		Plane:  pilot.Local{Steering: l.Steering(), Helm: helm, Holder: "story", Now: s.Clock.Now},
		Memory: app.Looks{Lake: t.Job.Lake, App: t.Job.Spec.App}, Now: s.Clock.Now, Poll: 20 * time.Millisecond, Log: s.Log,
		Analyze: func(ctx context.Context, asOf time.Time) (rollout.Record, error) {
			if err := l.Flush(); err != nil {
				return rollout.Record{}, err
			}
			j := t.Job
			j.AsOf = asOf
			return app.Analyze(ctx, j)
		},
	})
	group, serving := errgroup.WithContext(ctx)
	serving, end := context.WithCancel(serving)
	defer end()
	group.Go(func() error { return l.Run(serving) })
	group.Go(func() error {
		defer end()
		return work(serving, t)
	})
	return group.Wait()
}

// look looks again and again.
func (s Story) look(ctx context.Context, t *Told) error {
	for s.Clock.SleepUntil(ctx, s.Clock.Now().Add(s.LookEvery)) {
		err := t.live.Flush()
		if err == nil && s.BeforeLook != nil {
			j := t.Job
			j.AsOf = s.Clock.Now()
			err = s.BeforeLook(ctx, j)
		}
		if err == nil {
			err = t.Look(ctx)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// Look has the autopilot look at the release now.
func (t *Told) Look(ctx context.Context) error {
	_, err := t.pilot.Look(ctx)
	return err
}

// Decide has it do what its plan says now, by what it has seen. Where the story looks by
// itself it decides by itself.
func (t *Told) Decide(ctx context.Context) error { return t.pilot.Decide(ctx) }

// Steering is what the release has come to.
func (t *Told) Steering() *steering.Steering { return t.live.Steering() }

// Users come over a span of the clock, until they are through or ctx ends, which
// is no error.
func (t *Told) Users(ctx context.Context, o traffic.Options) (*traffic.Summary, error) {
	o.Target, o.Control, o.Token, o.Clock = t.Traffic, t.Control, t.Client.Token, t.Clock
	if o.Protocol == nil {
		o.Protocol = traffic.OpenAI{}
	}
	got, err := traffic.Run(ctx, o)
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return got, err
}

// Until waits until the release's last change is as wanted, and returns all
// changes, the first first.
func (t *Told) Until(ctx context.Context, wanted func(ledger.Entry) bool) ([]ledger.Entry, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !wanted(t.live.Steering().Current().Entry) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
	return t.live.Steering().History()
}

// Serve serves on a free port of this machine until it is ended.
func Serve(ctx context.Context, h http.Handler) (url string, end func(), err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener)
	return "http://" + listener.Addr().String(), func() { server.Close() }, nil
}
