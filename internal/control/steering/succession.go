package steering

import (
	"fmt"

	"weir/internal/control/ledger"
	"weir/rollout/spec"
)

// Follow says what speaks against putting a specification in force after the changes of
// a ledger, of which held is the last specification: an error, a *[Refusal], where it
// would not be taken, and a doubt, which is empty where there is none.
func Follow(r *spec.Release, changes []ledger.Entry, held []byte) (doubt string, err error) {
	switch {
	case len(changes) == 0:
		return "", nil
	case changes[len(changes)-1].Release == r.Release:
		_, err = amendedFrom(r, held)
		return "", err
	}
	return succeed(r, changes, held)
}

// succeed is Follow of a release that is not the one before.
//
// A name that a release had before is refused: its units would be drawn as they were
// then, and its rows would count again. So is one that calls the version before a
// promotion stable: everybody would go back to it, and nobody would have decided that.
func succeed(r *spec.Release, changes []ledger.Entry, held []byte) (doubt string, err error) {
	last := changes[len(changes)-1]
	for _, e := range changes {
		if e.Release == r.Release {
			return "", at(r, "release", "give it another name",
				"%s began on %s already, and %s came after it", r.Release, e.At.UTC().Format("2 January 2006"), last.Release)
		}
	}
	before, err := spec.Parse("the ledger's spec", held)
	if err != nil {
		return "", fmt.Errorf("the spec that the ledger holds cannot be read: %w", err)
	}
	serves := before.Stable
	if last.State.Promoted {
		serves = before.Candidate
	}
	switch {
	case r.Stable == serves:
		return "", nil
	case last.State.Promoted && r.Stable == before.Stable:
		return "", at(r, "stable",
			fmt.Sprintf("write stable: %s; or, to go back to %s, roll release %s back under its own spec first (weir rollback)", serves, r.Stable, last.Release),
			"%s is the version before %s, which release %s has promoted: everyone would go back to it", r.Stable, serves, last.Release)
	}
	return fmt.Sprintf("everyone goes from %s to %s without a comparison: release %s left %s in force, and the spec says stable: %s", serves, r.Stable, last.Release, serves, r.Stable), nil
}

// at is a refusal of a value of a specification, with its place.
func at(r *spec.Release, path, wayOut, format string, args ...any) error {
	return &Refusal{Problem: r.FaultAt(path, fmt.Sprintf(format, args...), "").Error(), WayOut: wayOut}
}
