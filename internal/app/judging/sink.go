package judging

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"weir/collector/parquet"
	"weir/internal/answers"
	"weir/judge"
	"weir/trace"
)

// judgedKind is the kind of event that says an hour is done.
const judgedKind = "judged"

// A sink brings judged hours into the lake, with an event for each.
type sink struct {
	job    Job
	rubric *judge.Rubric
	source *source
	lake   *parquet.Lake
}

// Publish writes one batch of the lake, named by its hours.
func (s *sink) Publish(_ context.Context, b judge.Batch, rows []trace.Judgment) error {
	err := s.publish(b, rows)
	if err != nil && !errors.Is(err, parquet.ErrCompacted) { // compacted: in the lake already
		return err
	}
	s.source.next++
	for _, hour := range b.Hours {
		s.source.plans.settle(hour)
	}
	return nil
}

func (s *sink) publish(b judge.Batch, rows []trace.Judgment) error {
	for i := range rows {
		if !s.job.judgedAt.IsZero() {
			rows[i].JudgedAt = s.job.judgedAt
		}
	}
	for { // who was forgotten since the run began is left out, and taken out again who was meanwhile
		left, err := s.unforgotten(rows)
		if err != nil {
			return err
		}
		if err := s.commit(b, left); err != nil {
			return err
		}
		if again, err := s.unforgotten(left); err != nil || len(again) == len(left) {
			return err
		}
	}
}

// unforgotten are the rows about nobody who was forgotten since the run began.
func (s *sink) unforgotten(rows []trace.Judgment) ([]trace.Judgment, error) {
	gone, err := answers.Forgotten(s.job.stateRoot(), s.job.Spec.App, s.job.began)
	if err != nil || gone == nil {
		return rows, err
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r trace.Judgment) bool {
		return gone(r.SessionID) || gone(r.TraceID) || r.CaseID != "" && gone("case "+r.CaseID)
	}), nil
}

// commit writes the batch; the same again takes its place.
func (s *sink) commit(b judge.Batch, rows []trace.Judgment) error {
	events := make([]trace.Event, len(b.Hours))
	for i, hour := range b.Hours {
		events[i] = trace.Event{
			EventID: s.id(hour), App: s.job.Spec.App, Release: s.job.Spec.Release, Kind: judgedKind,
			Actor: "judge", Detail: s.rubric.Name, OccurredAt: hour,
		}
	}
	return s.lake.Write("judge-"+s.id(b.Hours...)[:16], &parquet.Rows{Judgments: rows, Events: events})
}

// id names hours of a release by a rubric.
func (s *sink) id(hours ...time.Time) string {
	h := sha256.New()
	parts := []string{s.job.Spec.App, s.job.Spec.Release, s.rubric.Name}
	for _, hour := range hours {
		parts = append(parts, hour.UTC().Format(time.RFC3339))
	}
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}
