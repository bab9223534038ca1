package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/collector/parquet"
	"weir/internal/atomicfile"
	"weir/judge/replay"
	"weir/rollout/spec"
	"weir/trace"
)

// A CaseDraw says which sessions of the lake become cases.
type CaseDraw struct {
	Count   int
	Version string // that the session was assigned to; empty: any
	// Outcome, where set, is one that the session has, with the value Value.
	Outcome string
	Value   float64
	Seed    uint64
	AsOf    time.Time // clock: which sessions are over
}

// ErrDraw says that cases cannot be drawn as asked.
var ErrDraw = errors.New("no cases can be drawn from the lake")

// DrawCases makes cases of what users said in sessions of live traffic that are
// over and whose texts are all there: those of the least hashes under the seed.
// A case's id is its session's. What was drawn for a release stays: the ids are
// remembered in the state, so that an interrupted run goes on with the same cases.
func DrawCases(ctx context.Context, dir, state string, r *spec.Release, d CaseDraw) ([]replay.Case, error) {
	l, err := parquet.Open(dir)
	if err != nil {
		return nil, err
	}
	if state == "" {
		state = filepath.Join(dir, "_state")
	}
	kept := caseDrawn{path: filepath.Join(state, "replay", r.App, r.Release+".drawn.json")}
	wanted := caseDrawn{Count: d.Count, Version: d.Version, Outcome: d.Outcome, Value: d.Value, Seed: d.Seed}
	if err := kept.read(wanted); err != nil {
		return nil, err
	}
	s := spoken{app: r.App, sessions: map[string]*spokenSession{}, requests: map[string]*spokenTurn{}}
	if err := s.read(ctx, l); err != nil {
		return nil, err
	}
	if kept.Sessions == nil {
		if kept.Sessions, err = s.draw(d, r.Sessions); err != nil {
			return nil, err
		}
		if err := kept.write(wanted); err != nil {
			return nil, err
		}
	}
	return s.cases(ctx, l, kept.Sessions)
}

// A caseDrawn is what was drawn for a release, and by what.
type caseDrawn struct {
	path     string
	Count    int      `json:"count"`
	Version  string   `json:"version,omitempty"`
	Outcome  string   `json:"outcome,omitempty"`
	Value    float64  `json:"value,omitempty"`
	Seed     uint64   `json:"seed"`
	Sessions []string `json:"sessions"`
}

func (c *caseDrawn) read(wanted caseDrawn) error {
	raw, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, c); err != nil {
		return fmt.Errorf("%s is damaged: remove it, to draw anew", c.path)
	}
	if c.Count != wanted.Count || c.Version != wanted.Version || c.Outcome != wanted.Outcome || c.Value != wanted.Value || c.Seed != wanted.Seed {
		return fmt.Errorf("%w: this release has cases that were drawn with another number, filter or seed: draw as before, or name a new --release", ErrDraw)
	}
	return nil
}

func (c *caseDrawn) write(wanted caseDrawn) error {
	wanted.Sessions = c.Sessions
	raw, err := json.Marshal(wanted)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(c.path, raw, 0o644)
}

// spoken is what the lake has of an app's live sessions.
type spoken struct {
	app      string
	sessions map[string]*spokenSession
	requests map[string]*spokenTurn // by trace
}

type spokenSession struct {
	user, version, language string
	attributes              map[string]string
	begun, last             time.Time
	turns                   []*spokenTurn
	outcomes                map[string]trace.Outcome
}

type spokenTurn struct {
	session *spokenSession
	started time.Time
	turn    int64
	texted  bool
	input   string // of sessions that were drawn
}

func (s *spoken) read(ctx context.Context, l *parquet.Lake) error {
	if _, err := collect(ctx, l, s.app, s.request); err != nil {
		return err
	}
	if _, err := collect(ctx, l, s.app, s.outcome); err != nil {
		return err
	}
	_, err := collect(ctx, l, s.app, func(c *trace.Content) error {
		if t := s.requests[c.TraceID]; t != nil && strings.TrimSpace(c.Input) != "" {
			t.texted = true
		}
		return nil
	})
	return err
}

func (s *spoken) request(e *trace.Exchange) error {
	if e.CaseID != "" || e.SessionID == "" || s.requests[e.TraceID] != nil {
		return nil
	}
	of := s.sessions[e.SessionID]
	if of == nil {
		of = &spokenSession{begun: e.StartedAt, version: e.AssignedVersion}
		s.sessions[e.SessionID] = of
	}
	t := &spokenTurn{session: of, started: e.StartedAt}
	if e.Turn != nil {
		t.turn = *e.Turn
	}
	if e.StartedAt.Before(of.begun) {
		of.begun, of.version = e.StartedAt, e.AssignedVersion
	}
	if e.StartedAt.After(of.last) {
		of.last = e.StartedAt
	}
	of.user, of.language = newer(of.user, e.UserID), newer(of.language, e.Language)
	if e.Attributes != nil {
		of.attributes = e.Attributes
	}
	of.turns = append(of.turns, t)
	s.requests[e.TraceID] = t
	return nil
}

// newer is the newer of two words of which each may be missing.
func newer(old, new string) string {
	if new == "" {
		return old
	}
	return new
}

// outcome notes the last of each name, of the session or any of its requests.
func (s *spoken) outcome(o *trace.Outcome) error {
	of := s.sessions[o.SessionID]
	if t := s.requests[o.TraceID]; t != nil {
		of = t.session
	}
	if of == nil {
		return nil
	}
	if known, ok := of.outcomes[o.Name]; ok && o.OccurredAt.Before(known.OccurredAt) {
		return nil
	}
	if of.outcomes == nil {
		of.outcomes = map[string]trace.Outcome{}
	}
	of.outcomes[o.Name] = *o
	return nil
}

// over reports whether nothing more will be said; without times, it was a log.
func (s *spokenSession) over(at time.Time, within spec.Sessions) bool {
	return s.last.IsZero() || s.last.Add(within.Idle).Before(at) || s.begun.Add(within.Cap).Before(at)
}

func (s *spokenSession) texted() bool {
	return !slices.ContainsFunc(s.turns, func(t *spokenTurn) bool { return !t.texted })
}

// draw gives the sessions of the least hashes.
func (s *spoken) draw(d CaseDraw, within spec.Sessions) ([]string, error) {
	var drawn []string
	over, matching := 0, 0
	for id, of := range s.sessions {
		if !of.over(d.AsOf, within) {
			continue
		}
		over++
		if o, ok := of.outcomes[d.Outcome]; d.Version != "" && of.version != d.Version || d.Outcome != "" && !(ok && o.Value == d.Value) {
			continue
		}
		matching++
		if of.texted() {
			drawn = append(drawn, id)
		}
	}
	switch {
	case over == 0:
		return nil, fmt.Errorf("%w: it has no live session of app %s that is over", ErrDraw, s.app)
	case matching == 0:
		return nil, fmt.Errorf("%w: of %d sessions that are over, none is as the filters ask", ErrDraw, over)
	case len(drawn) == 0:
		return nil, fmt.Errorf("%w: of %d sessions, none has all its texts: set capture.content of the versions, and draw from traffic recorded since; texts older than retention.contents are gone", ErrDraw, matching)
	case len(drawn) < d.Count:
		return nil, fmt.Errorf("%w: %d sessions are wanted, and %d of %d have all their texts: draw at most %[3]d", ErrDraw, d.Count, len(drawn), matching)
	}
	hash := func(id string) string {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d/%s/replay/%s", d.Seed, s.app, id))
		return string(sum[:])
	}
	slices.SortFunc(drawn, func(a, b string) int { return strings.Compare(hash(a), hash(b)) })
	return drawn[:d.Count], nil
}

// cases reads what was said in the sessions.
func (s *spoken) cases(ctx context.Context, l *parquet.Lake, sessions []string) ([]replay.Case, error) {
	wanted := map[*spokenSession]bool{}
	for _, id := range sessions {
		of := s.sessions[id]
		if of == nil || !of.texted() {
			return nil, fmt.Errorf("%w: a session that was drawn has been erased since, with its texts: name a new --release", ErrDraw)
		}
		wanted[of] = true
	}
	_, err := collect(ctx, l, s.app, func(c *trace.Content) error {
		if t := s.requests[c.TraceID]; t != nil && wanted[t.session] {
			t.input = c.Input
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []replay.Case
	for _, id := range sessions {
		of := s.sessions[id]
		slices.SortStableFunc(of.turns, func(a, b *spokenTurn) int {
			if a.started.Equal(b.started) {
				return int(a.turn - b.turn)
			}
			return a.started.Compare(b.started)
		})
		c := replay.Case{ID: id, User: of.user, Language: of.language, Attributes: of.attributes}
		for _, t := range of.turns {
			c.Turns = append(c.Turns, replay.Turn{Input: t.input})
		}
		out = append(out, c)
	}
	return out, nil
}
