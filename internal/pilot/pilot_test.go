package pilot

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/control/client"
	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout"
	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
	"weir/trace"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

const usual = `{steps: [{to: 5%, hold: 2h, units: 5}, {to: 20%, hold: 2h, units: 5}, {to: 50%, units: 5}]}`

// A failed look changes nothing, is shown and counted, and no step is taken until
// one succeeds.
func TestFailedLook(t *testing.T) {
	p := newPaper(release(t, specOf(usual, "")))
	var broken error
	pilot := p.pilot(func() (rollout.Record, error) { return p.record(rollout.Hold, 9), broken })
	step := func() control.Course {
		t.Helper()
		pilot.Look(t.Context())
		if err := pilot.Decide(t.Context()); err != nil {
			t.Fatal(err)
		}
		return p.course
	}
	step()
	p.now = p.now.Add(3 * time.Hour)
	before := p.latest
	broken = errors.New("it was killed")
	step()
	c := step()
	if p.last().State.Step != 1 || p.latest != before || c.Failure == nil || c.Failure.InARow != 2 || c.Waiting.For != "look" || !contains(c.Waiting.Reason, "it was killed") {
		t.Errorf("step %d, %+v, %+v", p.last().State.Step, c.Failure, c.Waiting)
	}
	broken = nil
	if c := step(); p.last().State.Step != 2 || c.Failure != nil || c.LastLook == nil {
		t.Errorf("step %d, %+v", p.last().State.Step, c)
	}
}

// Where nobody looks although it is due, no step is taken on an old look.
func TestOldLook(t *testing.T) {
	p := newPaper(release(t, specOf(usual, "jobs: {analyze: \"@every 1h\"}")))
	pilot := p.pilot(func() (rollout.Record, error) { return p.record(rollout.Hold, 9), nil })
	for _, after := range []time.Duration{0, time.Minute} { // the second look is of the first step
		p.now = start.Add(after)
		pilot.Look(t.Context())
		pilot.Decide(t.Context())
	}
	p.now = start.Add(3 * time.Hour)
	if err := pilot.Decide(t.Context()); err != nil || p.last().State.Step != 1 || !contains(p.course.Waiting.Reason, "A look was due") {
		t.Errorf("step %d, %+v, %v", p.last().State.Step, p.course.Waiting, err)
	}
}

// Where another steers, it neither acts nor looks; when it has the helm it reads
// what was seen meanwhile.
func TestHeld(t *testing.T) {
	p := newPaper(release(t, specOf(usual, "")))
	p.held = ErrHeld
	looks := 0
	pilot := p.pilot(func() (rollout.Record, error) { looks++; return p.record(rollout.Hold, 9), nil })
	if err := pilot.Decide(t.Context()); !errors.Is(err, ErrHeld) || len(p.entries) != 1 {
		t.Errorf("%v, %d changes", err, len(p.entries))
	}
	if said, err := pilot.Look(t.Context()); err != nil || looks != 0 || !contains(said, "another") {
		t.Errorf("%d looks, %q, %v", looks, said, err)
	}
	r := p.record(rollout.Rollback, 9)
	p.latest, p.held = &r, nil
	pilot.Decide(t.Context())
	if err := pilot.Decide(t.Context()); err != nil || !p.last().State.RolledBack {
		t.Errorf("%v, %+v", err, p.last())
	}
}

// A full disk keeps steps back, and no rollback.
func TestRecordThatCannotBeKept(t *testing.T) {
	for verdict, want := range map[rollout.Verdict]ledger.Kind{rollout.Hold: ledger.KindStep, rollout.Rollback: ledger.KindRollback} {
		p := newPaper(release(t, specOf(usual, "")))
		pilot := p.pilot(func() (rollout.Record, error) { return p.record(verdict, 9), nil })
		pilot.Decide(t.Context()) // the first step has no record
		full := pilotWith(p, pilot.options, full{p})
		p.now = p.now.Add(3 * time.Hour)
		full.Look(t.Context())
		err := full.Decide(t.Context())
		if verdict == rollout.Hold && (err == nil || p.last().State.Step != 1) || verdict == rollout.Rollback && (err != nil || p.last().Kind != want || p.last().Record != nil) {
			t.Errorf("%v: %v, %+v", verdict, err, p.last())
		}
	}
}

func pilotWith(p *paper, o Options, m Memory) *Pilot {
	o.Memory = m
	o.Plane = p
	return New(o)
}

// full is a memory on a disk that keeps looks, and no decisions.
type full struct{ *paper }

func (full) Keep(rollout.Record) (ledger.Record, error) {
	return ledger.Record{}, errors.New("no space left on device")
}

// A served is a control plane over HTTP, on a ledger on disk.
type served struct {
	release  *spec.Release
	steering *steering.Steering
	client   client.Client
	now      atomic.Int64
	lose     atomic.Bool // the answer to the next action
}

func serve(t *testing.T, r *spec.Release) *served {
	t.Helper()
	s := &served{release: r}
	book, err := ledger.Open(filepath.Join(t.TempDir(), "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	var plan atomic.Pointer[router.Plan]
	if s.steering, err = steering.New(steering.Options{Release: r, Ledger: book, Now: s.clock, Publish: func(p *router.Plan) { plan.Store(p) }}); err != nil {
		t.Fatal(err)
	}
	handler := control.New(control.Config{
		Steering: s.steering, Tokens: control.EnvironmentToken("KEY"), Plan: plan.Load, Memory: sticky.NewLRU(r.Sticky),
		Keep: func(*trace.Outcome) error { return nil }, Now: s.clock,
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/act") && s.lose.CompareAndSwap(true, false) {
			handler.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // done, and the answer is lost
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.client = client.Client{Server: server.URL, Token: "KEY", App: "bot"}
	return s
}

func (s *served) clock() time.Time { return start.Add(time.Duration(s.now.Load())) }

// beside is an autopilot beside the server, with a paper for memory and looks.
func (s *served) beside(name string, analyse func(p *paper) rollout.Record) *Pilot {
	p := newPaper(s.release)
	return New(Options{
		Plane:  Remote{Client: s.client, Spec: func() (*spec.Release, error) { return s.release, nil }, Holder: name, Hold: time.Minute},
		Memory: p, Now: s.clock,
		Analyze: func(context.Context, time.Time) (rollout.Record, error) {
			p.now, p.entries[0].State.Epoch = s.clock(), s.steering.Current().State.Epoch
			return analyse(p), nil
		},
	})
}

// Over HTTP, the same: up to a promotion, one of two acts, and when it is gone
// the other takes the helm; an answer that is lost is not an action done twice.
func TestTwoBeside(t *testing.T) {
	s := serve(t, release(t, specOf(usual, "")))
	verdict := rollout.Hold
	analyse := func(p *paper) rollout.Record { return p.record(verdict, 9) }
	a, b := s.beside("a", analyse), s.beside("b", analyse)
	if err := a.Decide(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.Decide(t.Context()); !errors.Is(err, ErrHeld) || !contains(err.Error(), "autopilot a steers") {
		t.Fatal(err)
	}
	s.now.Add(int64(3 * time.Hour)) // a is gone
	if err := b.Decide(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Look(t.Context())
	s.lose.Store(true)
	if err := b.Decide(t.Context()); err == nil {
		t.Fatal("the answer was not lost")
	}
	if err := b.Decide(t.Context()); err != nil || s.steering.Current().State.Step != 2 || s.steering.Current().Seq != 3 {
		t.Fatalf("%v, %+v", err, s.steering.Current().Entry)
	}
	if err := a.Decide(t.Context()); !errors.Is(err, ErrHeld) {
		t.Errorf("both steer: %v", err)
	}
	verdict = rollout.Promote
	for range 3 {
		s.now.Add(int64(3 * time.Hour))
		b.Decide(t.Context())
		b.Look(t.Context())
		if err := b.Decide(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	e := s.steering.Current().Entry
	if !e.State.Promoted || e.Record == nil || e.Record.Verdict != "promote" || !contains(e.Actor, "autopilot/") {
		t.Errorf("%+v", e)
	}
}

// One that leaves does not keep the other waiting, and what it showed stays.
func TestLeave(t *testing.T) {
	s := serve(t, release(t, specOf(usual, "")))
	analyse := func(p *paper) rollout.Record { return p.record(rollout.Hold, 0) }
	a, b := s.beside("a", analyse), s.beside("b", analyse)
	if err := a.Decide(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.options.Plane.(Remote).Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.now.Add(int64(time.Second))
	if shown, err := s.client.Autopilot(t.Context()); err != nil || shown.Steered || len(shown.Steps) == 0 {
		t.Errorf("%v, %+v", err, shown)
	}
	if err := b.Decide(t.Context()); err != nil {
		t.Errorf("b still waits: %v", err)
	}
}

// A spec that is not the server's decides nothing.
func TestAnotherSpec(t *testing.T) {
	s := serve(t, release(t, specOf(usual, "")))
	other := release(t, specOf(usual, "decision: {alpha: 0.1}"))
	r := Remote{Client: s.client, Spec: func() (*spec.Release, error) { return other, nil }}
	if _, err := r.See(t.Context()); err == nil || !contains(err.Error(), "the same spec") {
		t.Error(err)
	}
}

// What a server tells of its state is the state, as far as moves go.
func TestRemoteState(t *testing.T) {
	s := serve(t, release(t, specOf(usual, "")))
	at := start.Add(time.Hour)
	for _, a := range []steering.Action{
		{Kind: ledger.KindStep, Share: .05}, {Kind: ledger.KindSuspect, LookAt: at}, {Kind: ledger.KindPause},
		{Kind: ledger.KindHalt}, {Kind: ledger.KindResume}, {Kind: ledger.KindShare, Share: .5}, {Kind: ledger.KindResume},
	} {
		s.now.Add(int64(time.Minute))
		if _, err := s.steering.Do(a); err != nil {
			t.Fatal(err)
		}
		d, err := s.client.Deployment(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := remoteState(d), stateOf(s.steering.Current().Entry); got != want {
			t.Errorf("after %s\n%+v, want\n%+v", a.Kind, got, want)
		}
	}
}
