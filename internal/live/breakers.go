package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"weir/internal/atomicfile"
	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout/spec"
	"weir/router/breaker"
	"weir/trace"
)

// kept is what breakers have counted, of one release. It is kept every second: a
// kill forgets a second of counting. That the candidate's is open stands in the
// ledger.
type kept struct {
	Release  string                   `json:"release"`
	Breakers map[string]breaker.State `json:"breakers"`
}

// opened is told that a version's breaker opened. The candidate is kept from
// units already; that it is, is written down. Stable's only reports: there is
// nowhere else to send its units.
func (l *Live) opened(version string, s breaker.State) {
	r := l.steering.Current().Release
	l.options.Log.Error("a breaker opened", "version", version, "cause", s.Cause)
	if version != r.Candidate {
		l.collector.Record(trace.Record{Event: &trace.Event{
			EventID: r.App + "-" + r.Release + "-breaker-" + version + "-" + s.OpenedAt.UTC().Format("20060102T150405.000000000"),
			App:     r.App, Release: r.Release, Kind: string(ledger.KindBreaker), Version: version,
			Actor: breakerActor, Detail: string(s.Cause) + "; it moves no traffic", OccurredAt: l.options.Now().UTC(),
		}})
		return
	}
	l.breaking.Go(func() {
		a := steering.Action{Kind: ledger.KindBreaker, Actor: breakerActor, Reason: string(s.Cause)}
		if _, err := l.steering.Do(a); err != nil {
			l.options.Log.Error("that the breaker is open is not written down", "error", err)
		}
	})
}

const breakerActor = "breaker"

// brokenBefore is what the breakers had counted when the process ended.
func (l *Live) brokenBefore(r *spec.Release) map[string]breaker.State {
	var k kept
	raw, err := os.ReadFile(l.options.folder(r.App, "breakers.json"))
	if err == nil {
		err = json.Unmarshal(raw, &k)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.options.Log.Warn("what the breakers had counted cannot be read; they count anew", "error", err)
	}
	last := l.ledger.Last()
	if k.Release != r.Release || k.Breakers == nil {
		k.Breakers = map[string]breaker.State{}
	}
	// The ledger says whether the candidate's is open, not the counts.
	s := k.Breakers[r.Candidate]
	switch open := last.Release == r.Release && last.State.Breaker != ""; {
	case open && !s.Open():
		k.Breakers[r.Candidate] = breaker.State{Cause: breaker.Cause(last.State.Breaker), OpenedAt: last.At}
	case !open && s.Open():
		delete(k.Breakers, r.Candidate)
	}
	return k.Breakers
}

// keepBreakersUntil keeps what the breakers count until ctx is done.
func (l *Live) keepBreakersUntil(ctx context.Context) error {
	failed := false
	return everySecond(ctx, func() {
		err := l.keepBreakers()
		if err != nil && !failed {
			l.options.Log.Warn("what the breakers count cannot be kept", "error", err)
		}
		failed = err != nil
	})
}

// keepBreakers writes what the breakers have counted, where it is news.
func (l *Live) keepBreakers() error {
	if l.steering == nil {
		return nil
	}
	c := l.steering.Current()
	raw, err := json.Marshal(kept{c.Release.Release, l.current.Load().Breakers()})
	if err != nil {
		return err
	}
	path := l.options.folder(c.App, "breakers.json")
	if before, err := os.ReadFile(path); err == nil && bytes.Equal(before, raw) {
		return nil
	}
	return atomicfile.Write(path, raw, 0o600)
}
