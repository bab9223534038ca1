package control

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"weir/rollout/spec"
	"weir/router"
	"weir/trace"
)

// An outcome is something that became known later, as it is reported.
type outcome struct {
	App        string          `json:"app"` // absent: the one that is served
	OutcomeID  string          `json:"outcome_id"`
	TraceID    string          `json:"trace_id"`
	SessionID  string          `json:"session_id"`
	UserID     string          `json:"user_id"`
	Name       string          `json:"name"`
	Value      json.RawMessage `json:"value"` // a number, true or false
	Comment    string          `json:"comment"`
	Source     string          `json:"source"`
	OccurredAt *instant        `json:"occurred_at"`
}

// An instant is a time whose fault says what would be right.
type instant struct{ time.Time }

var errNoTime = errors.New("occurred_at is no time: write it with its zone, such as 2026-11-23T14:00:00Z")

func (i *instant) UnmarshalJSON(raw []byte) error {
	if i.Time.UnmarshalJSON(raw) != nil {
		return errNoTime
	}
	return nil
}

// maxOutcomes is how many outcomes a call may report.
const maxOutcomes = 10_000

// A Report says what became of the outcomes of a call.
type Report struct {
	Accepted  int         `json:"accepted"`  // kept
	Doubled   int         `json:"doubled"`   // known already, by their id or as what was said last: nothing was added
	Corrected int         `json:"corrected"` // of the accepted: another value of the same subject and name was known
	Late      int         `json:"late"`      // of the accepted: too late to count for a metric
	Unknown   int         `json:"unknown"`   // of the accepted: the session or user is not remembered here
	Rejected  []Rejection `json:"rejected"`

	unkept int // of the rejected: they may be reported again
}

// A Rejection is an outcome that was not kept.
type Rejection struct {
	Index   int    `json:"index"` // in the call, from 0
	Message string `json:"message"`
}

func (a *api) outcomes(w http.ResponseWriter, r *http.Request, _ caller) error {
	reported, err := readOutcomes(r)
	if err != nil {
		return err
	}
	report, now := Report{Rejected: []Rejection{}}, a.Now().UTC()
	for i, raw := range reported {
		if err := a.take(raw, now, &report); err != nil {
			report.Rejected = append(report.Rejected, Rejection{i, err.Error()})
		}
	}
	a.count(report)
	status := http.StatusOK
	switch {
	case report.unkept > 0:
		status = http.StatusServiceUnavailable // to report all again adds nothing twice
	case len(report.Rejected) > 0 && report.Accepted+report.Doubled == 0:
		status = http.StatusBadRequest
	}
	writeJSON(w, status, report)
	return nil
}

func (a *api) count(r Report) {
	for result, n := range map[string]int{
		"accepted": r.Accepted, "doubled": r.Doubled, "corrected": r.Corrected, "late": r.Late, "unknown": r.Unknown, "rejected": len(r.Rejected),
	} {
		a.counts.WithLabelValues(result).Add(float64(n))
	}
}

// readOutcomes reads one outcome, a list of them, or {"outcomes": [...]}.
func readOutcomes(r *http.Request) ([]json.RawMessage, error) {
	var raw json.RawMessage
	if err := readJSON(r, &raw); err != nil {
		return nil, err
	}
	list := []json.RawMessage{raw}
	var body struct {
		Outcomes []json.RawMessage `json:"outcomes"`
	}
	switch {
	case raw[0] == '[':
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, badBody(err)
		}
	case json.Unmarshal(raw, &body) == nil && body.Outcomes != nil:
		list = body.Outcomes
	}
	if len(list) > maxOutcomes {
		return nil, fail(http.StatusRequestEntityTooLarge, "too_large", "the call reports %d outcomes: at most %d are taken at a time", len(list), maxOutcomes)
	}
	return list, nil
}

// take keeps one outcome.
func (a *api) take(raw json.RawMessage, now time.Time, report *Report) error {
	var o outcome
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := badBody(d.Decode(&o)); err != nil {
		return err
	}
	row, err := a.row(o, now)
	if err != nil {
		return err
	}
	seen, undo := a.recent.see(&row, o.OutcomeID == "" && o.OccurredAt == nil)
	if seen == doubled {
		report.Doubled++
		return nil
	}
	if err := a.Keep(&row); err != nil {
		undo()
		report.unkept++
		return fmt.Errorf("it cannot be kept now, report it again later: %w", err)
	}
	report.Accepted++
	if seen == corrected {
		report.Corrected++
	}
	assigned, known := a.assignedAt(row, now)
	switch {
	case !known:
		report.Unknown++
	case !assigned.IsZero() && now.After(assigned.Add(window(a.Steering.Current().Release, row.Name)+grace)):
		report.Late++
	}
	return nil
}

// grace is how long after a metric's window an outcome of it may come in.
const grace = time.Hour

// window is the longest time that a metric of an outcome waits for it.
func window(r *spec.Release, name string) (longest time.Duration) {
	for _, m := range r.Metrics {
		if m.Value == name {
			longest = max(longest, m.MatureAfter)
		}
	}
	if longest == 0 {
		return math.MaxInt64/2 - grace // no metric waits for it
	}
	return longest
}

// assignedAt is when the subject's unit was assigned. A trace is not looked up:
// it is known, at a time that is not.
func (a *api) assignedAt(o trace.Outcome, now time.Time) (time.Time, bool) {
	r := a.Steering.Current().Release
	var key router.Key
	switch {
	case o.TraceID != "":
		return time.Time{}, true
	case o.UserID != "" && r.Unit == spec.UnitUser:
		key = router.Key{Kind: router.KindUser, Within: r.Release, ID: o.UserID}
	case o.SessionID != "" && r.Unit == spec.UnitSession:
		key = router.Key{Kind: router.KindSession, ID: o.SessionID}
	default:
		return time.Time{}, true // not remembered under that id
	}
	e, ok := a.Memory.Get(key, now)
	return e.AssignedAt, ok
}

// row checks an outcome and completes it.
func (a *api) row(o outcome, now time.Time) (trace.Outcome, error) {
	row := trace.Outcome{
		OutcomeID: o.OutcomeID, App: a.Steering.Current().App, TraceID: o.TraceID, Name: o.Name,
		Comment: o.Comment, Source: o.Source, OccurredAt: now, ReceivedAt: now,
	}
	subjects := 0
	for _, id := range []string{o.TraceID, o.SessionID, o.UserID} {
		if id != "" {
			subjects++
		}
	}
	var err error
	switch row.Value, err = number(o.Value); {
	case o.App != "" && o.App != row.App:
		return row, fmt.Errorf("there is no app %q here: this process serves %s", o.App, row.App)
	case subjects != 1:
		return row, fmt.Errorf("it has %d subjects: write one of trace_id, session_id and user_id", subjects)
	case o.Name == "" || len(o.Name) > maxID:
		return row, errors.New("name is missing, or too long: write one such as resolved")
	case err != nil:
		return row, err
	case !trace.OutcomeFits(o.Name, row.Value):
		return row, fmt.Errorf("value is %v: %s is 1 or 0, true or false", row.Value, o.Name)
	case len(o.OutcomeID) > maxID || len(o.TraceID) > maxID || len(o.Source) > maxID:
		return row, fmt.Errorf("an id or the source is longer than %d bytes", maxID)
	case len(o.Comment) > maxComment:
		return row, fmt.Errorf("comment is longer than %d bytes", maxComment)
	}
	if row.SessionID, err = a.id(o.SessionID); err != nil {
		return row, err
	}
	if row.UserID, err = a.id(o.UserID); err != nil {
		return row, err
	}
	if o.OccurredAt != nil {
		row.OccurredAt = o.OccurredAt.UTC()
	}
	switch {
	case row.OccurredAt.Year() < 1970:
		return row, errors.New("occurred_at is no time of this age: write one such as 2026-11-23T14:00:00Z")
	case row.OccurredAt.After(now.Add(clocks)):
		return row, fmt.Errorf("occurred_at is later than now, %s: correct the clock that it was read from, or leave it out", now.UTC().Format(time.RFC3339))
	}
	if row.OutcomeID == "" {
		row.OutcomeID = derivedID(row, o.OccurredAt != nil)
	}
	return row, nil
}

// clocks is how far the clocks of others may be ahead.
const clocks = 10 * time.Minute

// maxComment bounds a comment, in bytes.
const maxComment = 16 << 10

// number reads a value: an event that happens or does not is 1 or 0.
func number(raw json.RawMessage) (float64, error) {
	switch string(raw) {
	case "true":
		return 1, nil
	case "false":
		return 0, nil
	}
	v, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, errors.New("value is no number: write 1, 0, true, false or another number")
	}
	return v, nil
}

// derivedID names an outcome that came without an id by what it says, so that
// the same again is the same one; timed, also by when it occurred.
func derivedID(o trace.Outcome, timed bool) string {
	h := sha256.New()
	at := ""
	if timed {
		at = o.OccurredAt.Format(time.RFC3339Nano)
	}
	for _, part := range []string{o.App, o.TraceID, o.SessionID, o.UserID, o.Name, strconv.FormatFloat(o.Value, 'g', -1, 64), o.Comment, o.Source, at} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return "derived-" + hex.EncodeToString(h.Sum(nil)[:16])
}
