package main

import (
	"context"
	"errors"
	"fmt"

	"weir/collector/importer"
	"weir/internal/calculator"
	"weir/internal/control/steering"
	"weir/internal/live"
	"weir/judge/label"
	"weir/judge/replay"
	"weir/rollout"
	"weir/rollout/spec"
)

// The exit statuses.
const (
	statusDone     = 0
	statusFailure  = 1
	statusUsage    = 2
	statusHold     = 3
	statusRollback = 4
	statusInvalid  = 5
)

// A usageError says that the command line cannot be carried out as it stands.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// A verdictStatus ends a command with the status of a verdict that was written
// already; it has no message of its own.
type verdictStatus struct{ verdict rollout.Verdict }

func (e verdictStatus) Error() string { return e.verdict.String() }

// An interruptedError says what an interrupted command leaves behind.
type interruptedError struct{ left string }

func (e interruptedError) Error() string { return "interrupted; " + e.left }

// errChecked ends a command with statusFailure after it has said all there is
// to say.
var errChecked = errors.New("")

// outcome maps an error to the exit status and the message to print. It is the
// one place that does.
func outcome(err error) (status int, message string) {
	var verdict verdictStatus
	var wrong usageError
	var specFaults spec.Faults
	var specFault spec.Fault
	var settings live.SettingsError
	var refused *steering.Refusal
	var mapFaults importer.Faults
	var caseFaults replay.Faults
	var labelFaults label.Faults
	var interrupted interruptedError
	switch {
	case err == nil:
		return statusDone, ""
	case errors.As(err, &verdict):
		return map[rollout.Verdict]int{
			rollout.Hold: statusHold, rollout.Promote: statusDone,
			rollout.Rollback: statusRollback, rollout.Invalid: statusInvalid,
		}[verdict.verdict], ""
	case errors.Is(err, errChecked):
		return statusFailure, ""
	case errors.As(err, &wrong), errors.As(err, &specFaults), errors.As(err, &mapFaults), errors.As(err, &caseFaults), errors.As(err, &labelFaults),
		errors.As(err, &specFault), errors.As(err, &settings), errors.As(err, &refused),
		errors.Is(err, calculator.ErrUnknown), errors.Is(err, calculator.ErrInput):
		return statusUsage, err.Error()
	case errors.As(err, &interrupted):
		return statusFailure, "interrupted; " + interrupted.left
	case errors.Is(err, context.Canceled):
		return statusFailure, "interrupted; nothing was changed"
	}
	return statusFailure, err.Error()
}
