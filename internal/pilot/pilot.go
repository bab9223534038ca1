package pilot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"weir/internal/control"
	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout"
	"weir/rollout/autopilot"
	"weir/rollout/spec"
)

// A Memory keeps records on disk.
type Memory interface {
	// Recall gives the latest look's record, and false where there is none.
	Recall() (rollout.Record, bool, error)
	// Remember puts a look's record in the place of the latest, durably.
	Remember(rollout.Record) error
	// Keep keeps a record for good, durably, because something is done on it. The
	// same record again changes nothing.
	Keep(rollout.Record) (ledger.Record, error)
}

// Options are what a Pilot works with. Plane, Memory, Analyze and Now are needed.
type Options struct {
	Plane  Plane
	Memory Memory
	// Analyze looks at the lake as of a time. It changes nothing where it fails.
	Analyze func(ctx context.Context, asOf time.Time) (rollout.Record, error)
	Now     func() time.Time
	// Poll is how often it sees whether something has changed; 0: a second.
	Poll time.Duration
	// NextLook says when the next look comes; nil: as the spec's jobs.analyze has it.
	NextLook func() time.Time
	Log      *slog.Logger // nil: nothing is written
}

// A Pilot is an autopilot. Its methods may be called from several goroutines.
type Pilot struct {
	options Options
	looked  chan struct{}

	looking sync.Mutex // held while looking
	mu      sync.Mutex // guards what follows
	read    bool       // the latest look was recalled
	record  rollout.Record
	look    *autopilot.Look
	ended   time.Time // when the look's analysis had ended, where that is known: the next is due after that
	shown   *control.Look
	failure *control.LookFailure
	said    string // what was logged last of a problem
	waiting bool   // another has the helm
}

// New returns a pilot that has not looked yet.
func New(o Options) *Pilot {
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Pilot{options: o, looked: make(chan struct{}, 1)}
}

// Run decides, and acts, whenever something may have changed, until ctx is done.
func (p *Pilot) Run(ctx context.Context) error {
	tick := time.NewTicker(p.options.Poll)
	defer tick.Stop()
	for {
		if err := p.Decide(ctx); err != nil && ctx.Err() == nil {
			p.complain(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-p.looked:
		}
	}
}

// complain logs a problem once. That another has the helm is one problem, whoever it is and
// until when.
func (p *Pilot) complain(err error) {
	said := err.Error()
	if errors.Is(err, ErrHeld) {
		said = ErrHeld.Error()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.said == said {
		return
	}
	p.said = said
	p.options.Log.Warn("the autopilot does nothing", "because", err)
}

// Look analyses once and remembers what came of it. Said is that in words. After
// an error the last look stands, and no step is taken on it.
func (p *Pilot) Look(ctx context.Context) (said string, err error) {
	p.looking.Lock()
	defer p.looking.Unlock()
	if p.Waits() {
		return ErrHeld.Error(), nil
	}
	asOf := p.options.Now().UTC()
	record, err := p.options.Analyze(ctx, asOf)
	if err == nil {
		err = p.options.Memory.Remember(record)
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	p.mu.Lock()
	if err != nil {
		f := control.LookFailure{At: asOf, Message: err.Error(), InARow: 1}
		if p.failure != nil {
			f.InARow += p.failure.InARow
		}
		p.failure = &f
	} else {
		p.take(record)
		p.ended = p.options.Now().UTC()
	}
	p.mu.Unlock()
	select {
	case p.looked <- struct{}{}:
	default:
	}
	if err != nil {
		return "", err
	}
	d := record.Analysis.Decision
	said = d.Verdict.String()
	if len(d.Reasons) > 0 {
		said += ": " + d.Reasons[0]
	}
	return said, nil
}

// Waits tells whether another has the helm: it looks, too.
func (p *Pilot) Waits() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting
}

// take makes a record the latest look.
func (p *Pilot) take(r rollout.Record) {
	l := autopilot.LookOf(r)
	p.record, p.look, p.shown, p.failure, p.read = r, &l, lookOf(r), nil, true
	p.ended = l.At
}

// recall reads what was looked at before the process began.
func (p *Pilot) recall() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read {
		return nil
	}
	r, ok, err := p.options.Memory.Recall()
	if err != nil {
		return err
	}
	if p.read = true; ok {
		p.take(r)
	}
	return nil
}

// manyMoves bounds how many moves one decision may lead to.
const manyMoves = 20

// Decide makes the moves that are due, until there is something to wait for.
func (p *Pilot) Decide(ctx context.Context) error {
	err := p.decide(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	waited := p.waiting
	if p.waiting = errors.Is(err, ErrHeld); waited && !p.waiting {
		p.read = false // whoever had the helm has looked since
		p.options.Log.Info("this autopilot has the helm now")
	}
	return err
}

func (p *Pilot) decide(ctx context.Context) error {
	if err := p.recall(); err != nil {
		return err
	}
	for range manyMoves {
		waits, err := p.once(ctx)
		if errors.Is(err, ErrChanged) {
			continue
		}
		if waits || err != nil {
			return err
		}
	}
	return fmt.Errorf("%d moves in a row, and no end", manyMoves)
}

// once decides once, and makes the move; it tells whether there was none.
func (p *Pilot) once(ctx context.Context) (waits bool, err error) {
	seen, err := p.options.Plane.See(ctx)
	if err != nil {
		return false, err
	}
	plan, err := autopilot.PlanOf(seen.Release)
	if err != nil {
		return false, err
	}
	s, record, course := p.situation(seen)
	move := autopilot.Next(plan, s)
	shown := courseOf(plan, s, move)
	shown.Seen = seen.Seq
	shown.LastLook, shown.Failure, shown.NextLook = course.LastLook, course.Failure, course.NextLook
	if err := p.options.Plane.Show(ctx, shown); err != nil {
		return false, err
	}
	if move.Kind == autopilot.Wait {
		p.mu.Lock()
		p.said = ""
		p.mu.Unlock()
		return true, nil
	}
	return false, p.act(ctx, seen, move, record)
}

// situation is what is known now, with the record of the latest look and what is
// shown of it.
func (p *Pilot) situation(seen Seen) (autopilot.Situation, rollout.Record, control.Course) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.options.Now().UTC()
	s := autopilot.Situation{State: seen.State, Look: p.look, Now: now}
	due := schedule(seen.Release)
	c := control.Course{LastLook: p.shown, Failure: p.failure}
	if p.failure != nil {
		s.Failed = p.failure.Message
	}
	if p.look != nil && due != nil {
		s.NextLook = due.Next(p.ended).UTC()
	}
	switch {
	case p.options.NextLook != nil:
		c.NextLook = moment(p.options.NextLook())
	case due != nil:
		c.NextLook = moment(due.Next(now).UTC())
	}
	return s, p.record, c
}

// schedule is when looks are due; nil: never.
func schedule(r *spec.Release) interface{ Next(time.Time) time.Time } {
	zone, err := time.LoadLocation(r.Jobs.Timezone)
	if err != nil || r.Jobs.Analyze == "" {
		return nil
	}
	s, err := cron.ParseStandard(r.Jobs.Analyze)
	if err != nil {
		return nil
	}
	return zoned{s, zone}
}

type zoned struct {
	cron.Schedule
	zone *time.Location
}

func (z zoned) Next(t time.Time) time.Time { return z.Schedule.Next(t.In(z.zone)) }

var kinds = map[autopilot.Kind]ledger.Kind{
	autopilot.Step: ledger.KindStep, autopilot.Promote: ledger.KindPromote, autopilot.Rollback: ledger.KindRollback,
	autopilot.Halt: ledger.KindHalt, autopilot.Suspect: ledger.KindSuspect, autopilot.Trust: ledger.KindTrust,
}

// act keeps the record that the move was decided on, and makes the move. What
// takes the candidate out does not wait for a disk that is full.
func (p *Pilot) act(ctx context.Context, seen Seen, m autopilot.Move, r rollout.Record) error {
	a := steering.Action{Kind: kinds[m.Kind], Reason: m.Reason, Share: m.Share}
	if r.Schema != "" && r.Promise == seen.Release.Promise() && r.Analysis.Release == seen.Release.Release {
		kept, err := p.options.Memory.Keep(r)
		switch {
		case err == nil:
			a.Record, a.LookAt = &kept, r.Analysis.Period.AsOf
			p.mu.Lock()
			if p.shown != nil {
				shown := *p.shown
				shown.Record = &kept
				p.shown = &shown
			}
			p.mu.Unlock()
		case m.Kind == autopilot.Rollback || m.Kind == autopilot.Halt:
			p.options.Log.Error("the record of a decision is not kept", "decision", m.Kind.String(), "error", err)
			a.LookAt = r.Analysis.Period.AsOf
		default:
			return fmt.Errorf("the record that %s rests on cannot be kept: %w", m.Kind, err)
		}
	}
	if err := p.options.Plane.Act(ctx, seen.Seq, a); err != nil {
		return err
	}
	p.options.Log.Info("the autopilot acted", "what", m.Kind.String(), "share", float64(m.Share), "because", m.Reason)
	return nil
}
