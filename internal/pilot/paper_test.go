package pilot

import (
	"context"
	"fmt"
	"testing"
	"time"

	"weir/analyze"
	"weir/internal/control"
	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout"
	"weir/rollout/spec"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) // a Monday

func release(t testing.TB, text string) *spec.Release {
	t.Helper()
	r, err := spec.Parse("weir.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func specOf(ramp, rest string) string {
	return fmt.Sprintf("app: bot\nrelease: r1\nstable: v1\ncandidate: v2\nramp: %s\n%s", ramp, rest)
}

// A paper is a control plane that keeps its ledger on paper, and an autopilot's
// memory.
type paper struct {
	release *spec.Release
	entries []ledger.Entry
	now     time.Time
	course  control.Course
	held    error

	latest *rollout.Record
	kept   map[string]bool
	// before and after are called around each durable write.
	before, after func(what string)
}

func newPaper(r *spec.Release) *paper {
	p := &paper{release: r, now: start, kept: map[string]bool{}, before: func(string) {}, after: func(string) {}}
	p.entries = []ledger.Entry{{Seq: 1, At: start, Kind: ledger.KindBegin, Actor: "weir", State: steering.Begin(start)}}
	return p
}

func (p *paper) last() ledger.Entry { return p.entries[len(p.entries)-1] }

func (p *paper) See(context.Context) (Seen, error) {
	return Seen{p.last().Seq, p.release, stateOf(p.last())}, nil
}

func (p *paper) Show(_ context.Context, c control.Course) error {
	if p.held == nil {
		p.course = c
	}
	return p.held
}

func (p *paper) Act(_ context.Context, seen int64, a steering.Action) error {
	a.Actor = control.AutopilotActor
	if seen != p.last().Seq {
		return ErrChanged
	}
	p.before(string(a.Kind))
	err := p.do(a)
	p.after(string(a.Kind))
	return err
}

// do takes an action of anybody.
func (p *paper) do(a steering.Action) error {
	next, err := steering.Next(p.release, p.last().State, a, false, p.now)
	if err != nil || next == p.last().State {
		return err
	}
	p.entries = append(p.entries, ledger.Entry{
		Seq: p.last().Seq + 1, At: p.now, Kind: a.Kind, Actor: a.Actor, Reason: a.Reason, Record: a.Record, State: next,
	})
	return nil
}

func (p *paper) Recall() (rollout.Record, bool, error) {
	if p.latest == nil {
		return rollout.Record{}, false, nil
	}
	return *p.latest, true, nil
}

func (p *paper) Remember(r rollout.Record) error {
	p.before("look")
	p.latest = &r
	p.after("look")
	return nil
}

func (p *paper) Keep(r rollout.Record) (ledger.Record, error) {
	p.before("keep")
	at := r.Analysis.Period.AsOf.Format(time.RFC3339)
	p.kept[at] = true
	p.after("keep")
	return ledger.Record{Path: at, Verdict: r.Analysis.Decision.Verdict.String()}, nil
}

// record is what an analysis of the release would give, with so many mature
// units of the epoch in force.
func (p *paper) record(v rollout.Verdict, mature int) rollout.Record {
	epoch := p.last().State.Epoch
	d := analyze.Data{
		Strata:  []analyze.Stratum{{Epoch: &epoch}},
		Arrived: []analyze.Arrival{{Hour: p.now.Add(-100*time.Hour).Unix() / 3600, ByArm: analyze.ByArm{Treatment: int64(mature)}}},
		Period:  analyze.Period{AsOf: p.now},
	}
	return rollout.Record{
		Schema: rollout.RecordSchema, Promise: p.release.Promise(), Data: d,
		Analysis: rollout.Analysis{
			Result:   analyze.Result{Release: p.release.Release, Period: d.Period},
			Decision: rollout.Decision{Verdict: v, Reasons: []string{"Because of " + v.String() + "."}},
		},
	}
}

// pilot is a new process over the same paper.
func (p *paper) pilot(analyse func() (rollout.Record, error)) *Pilot {
	return New(Options{
		Plane: p, Memory: p, Now: func() time.Time { return p.now },
		Analyze: func(context.Context, time.Time) (rollout.Record, error) { return analyse() },
	})
}
