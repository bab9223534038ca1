package judging

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"weir/collector/parquet"
	"weir/judge"
	"weir/trace"
)

// judgedKind is the kind of event that says an hour is done.
const judgedKind = "judged"

// A sink brings judged hours into the lake, each with its event.
type sink struct {
	job    Job
	rubric *judge.Rubric
	source *source
	lake   *parquet.Lake
}

// Publish writes one batch of the lake. Its name is the hour's, so that an hour
// published again, after a crash in between, replaces and never doubles.
func (s *sink) Publish(_ context.Context, b judge.Batch, rows []trace.Judgment) error {
	err := s.publish(b, rows)
	if err != nil && !errors.Is(err, parquet.ErrCompacted) { // compacted: in the lake already
		return err
	}
	s.source.next++
	s.source.plans.settle(b.Hour)
	return nil
}

func (s *sink) publish(b judge.Batch, rows []trace.Judgment) error {
	id := s.id(b.Hour)
	batch, err := s.lake.Begin("judge-" + id[:16])
	if err != nil {
		return err
	}
	event := trace.Event{
		EventID: id, App: s.job.Spec.App, Release: s.job.Spec.Release, Kind: judgedKind,
		Actor: "judge", Detail: s.rubric.Name, OccurredAt: b.Hour,
	}
	if err := batch.Add(&parquet.Rows{Judgments: rows, Events: []trace.Event{event}}); err != nil {
		return errors.Join(err, batch.Abort())
	}
	return batch.Commit()
}

// id names an hour of a release by a rubric.
func (s *sink) id(hour time.Time) string {
	h := sha256.New()
	for _, part := range []string{s.job.Spec.App, s.job.Spec.Release, s.rubric.Name, hour.UTC().Format(time.RFC3339)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}
