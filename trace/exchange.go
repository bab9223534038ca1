package trace

import "time"

// An Exchange is one request and what became of it: a row of the traces
// table.
type Exchange struct {
	// Identity. TraceID is never empty. UnitID is the string that was hashed
	// to assign the request; null where nothing was hashed (imports).
	TraceID   string
	App       string
	Release   string
	SessionID string
	UserID    string
	UnitID    string
	Turn      *int64 // 1 for the first request of a session

	// Assignment.
	AssignedVersion string
	ServedVersion   string
	Reason          Reason
	Rule            string
	Randomized      *bool
	Propensity      *float64 // probability of AssignedVersion as the router used it, in (0, 1)
	Epoch           *int64   // stretch of constant allocation in which the unit was assigned
	ServingEpoch    *int64   // the one in which this request was served
	AssignedAt      time.Time
	PromiseHash     string

	// Timing.
	StartedAt  time.Time
	LatencyMS  *float64
	TTFTMS     *float64
	UpstreamMS *float64

	// Outcome of the call. ErrorType is null where the call succeeded.
	Status    *int64
	ErrorType string
	Streamed  *bool
	Truncated *bool

	// Model.
	Model        string
	InputTokens  *int64
	OutputTokens *int64
	CachedTokens *int64
	CostUSD      *float64 // at most 9 decimals are kept
	UsageSource  UsageSource

	// Context.
	Device     string
	Region     string
	Language   string
	Attributes map[string]string

	// Offline runs: the case that was put to the version, and which repetition.
	CaseID string
	Trial  *int64
}

// Reason says why a request went to its version. The zero value is null.
type Reason string

// The reasons, in the router's order of precedence.
const (
	ReasonRollback  Reason = "rollback"
	ReasonHalt      Reason = "halt"
	ReasonBreaker   Reason = "breaker"
	ReasonBinding   Reason = "binding"
	ReasonSticky    Reason = "sticky"
	ReasonRule      Reason = "rule"
	ReasonHoldout   Reason = "holdout"
	ReasonSplit     Reason = "split"
	ReasonDefault   Reason = "default"
	ReasonFallback  Reason = "fallback"
	ReasonUnknownID Reason = "unknown_id"
)

// UsageSource says where token counts come from. The zero value is null.
type UsageSource string

// The sources of token counts.
const (
	UsageReported  UsageSource = "reported"  // by the upstream
	UsageEstimated UsageSource = "estimated" // by Weir, from text
	UsageUnknown   UsageSource = "unknown"   // nobody said; the counts are null
)
