package app

import (
	"fmt"
	"time"

	"weir/analyze"
	"weir/rollout/spec"
)

// amend compares the specification with that of the last look, where Weir's
// router wrote the log, and tells the data what has changed since the first. What touches a
// metric's definition, alpha, cap or threshold starts the metric anew on units
// assigned from the next hour on: units whose outcomes were seen must not choose what is
// made of them. An imported log is read as it is; nothing comes later.
func (s *state) amend(j Job, d *analyze.Data) error {
	if !d.Own || d.Design.Offline || d.Design.Method != analyze.Sequential {
		return nil
	}
	if err := s.compareSpecs(j); err != nil {
		return err
	}
	d.Amendments = s.kept.Amendments
	for i, m := range d.Metrics {
		if r, ok := s.kept.Restarted[m.Metric.Name]; ok {
			d.Metrics[i].Restart = &r
		}
	}
	return nil
}

// compareSpecs notes what differs from the last look's.
func (s *state) compareSpecs(j Job) error {
	now := j.Spec.JSON()
	if len(s.kept.Spec) == 0 {
		s.kept.Spec, s.amended = now, true
		return nil
	}
	before, err := spec.Parse(s.path, s.kept.Spec)
	if err != nil {
		return fmt.Errorf("state %s holds no specification that this Weir reads: %w; restore it, or use the Weir that wrote it", s.path, err)
	}
	if before.Promise() == j.Spec.Promise() {
		return nil
	}
	restarts := map[string]bool{}
	for _, a := range spec.Amendments(before, j.Spec) {
		switch {
		case a.Path == "unit":
			return fmt.Errorf("the release %s was begun with unit: %s, and the specification now says %s: write unit: %s again, or begin a new release", j.Spec.Release, a.Old, a.New, a.Old)
		case a.Path == "rules" || a.Change == spec.ChangeRefused: // no part of the promise; which versions are compared is the caller's choice
			continue
		case a.Change == spec.ChangeRestart && a.Metric != "":
			restarts[a.Metric] = true
		case a.Change == spec.ChangeRestart:
			for _, m := range j.Spec.Metrics {
				restarts[m.Name] = true
			}
		}
		s.kept.Amendments = append(s.kept.Amendments, analyze.Amendment{
			At: j.AsOf.UTC().Format(time.RFC3339), Change: a.Change.String(), Path: a.Path, Old: a.Old, New: a.New,
		})
	}
	s.restart(restarts, j.AsOf)
	s.kept.Spec, s.amended = now, true
	return nil
}

// restart starts metrics anew on units assigned from the next hour on.
func (s *state) restart(names map[string]bool, now time.Time) {
	if len(names) == 0 {
		return
	}
	s.kept.Restarts++
	if s.kept.Restarted == nil {
		s.kept.Restarted = map[string]analyze.Restart{}
	}
	for name := range names {
		s.kept.Restarted[name] = analyze.Restart{K: s.kept.Restarts, Since: now.Unix()/3600 + 1}
	}
}
