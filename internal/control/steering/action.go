package steering

import (
	"fmt"
	"time"

	"weir/internal/control/ledger"
	"weir/rollout/spec"
)

// An Action is a change that somebody asks for.
type Action struct {
	Kind   ledger.Kind
	Actor  string // name of a token, autopilot or breaker
	Reason string // in words; of a breaker: what opened it

	Share    spec.Share      // of KindShare and KindStep
	Strategy ledger.Strategy // of KindShare; empty: as it is
	Header   string          // of KindShare under StrategyHeader: Name: value

	// Drill is the mark of the requests that KindDrill tries a rollback on; empty: the
	// drill is over. DrillBack rolls them back.
	Drill     string
	DrillBack bool

	Record *ledger.Record // that the action was decided on; nil: somebody's own
	LookAt time.Time      // of KindSuspect, KindTrust and KindHalt: when was looked

	// After is the change that the action was decided on; 0: whatever is last.
	// Where another came since, it is a *[ledger.ConflictError].
	After int64
}

// A Refusal says why an action cannot be taken in this state, and the way out.
type Refusal struct{ Problem, WayOut string }

func (r *Refusal) Error() string { return r.Problem + ": " + r.WayOut }

func refuse(wayOut, format string, args ...any) error {
	return &Refusal{Problem: fmt.Sprintf(format, args...), WayOut: wayOut}
}

// newRelease is the way out where a release cannot become what is asked for.
const newRelease = "write a new release in the spec and reload it"

// urgent tells whether an action takes effect before it is written down: one
// that takes the candidate out must not wait for a disk.
func urgent(k ledger.Kind) bool {
	return k == ledger.KindRollback || k == ledger.KindBreaker || k == ledger.KindHalt
}
