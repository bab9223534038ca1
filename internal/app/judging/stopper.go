package judging

import (
	"context"
	"fmt"
	"strings"
	"time"

	"weir/analyze"
	"weir/internal/app"
	"weir/rollout/spec"
)

// A stopper looks at the judged metrics as every look does, through the sequence
// that is valid at all of them, and says when more judging can change nothing.
type stopper struct {
	job    Job
	rubric string
	now    func() time.Time // by which looks are paced

	looked time.Time
	took   time.Duration
}

// pause is how many times as long as a look takes it is judged before the next.
const pause = 4

// Stop analyses the lake. It gives no reason under a fixed method, which may look
// but once.
func (s *stopper) Stop(ctx context.Context) (string, error) {
	r := s.job.Spec
	if r.Decision.Method != spec.MethodSequential || len(s.metrics()) == 0 || s.now().Sub(s.looked) < pause*s.took {
		return "", nil
	}
	began := s.now()
	record, err := app.Analyze(ctx, app.Job{Lake: s.job.Lake, State: s.job.State, Spec: r, SpecText: s.job.SpecText, AsOf: s.job.AsOf, MemoryMB: s.job.MemoryMB, Threads: s.job.Threads})
	s.looked = s.now()
	s.took = s.looked.Sub(began)
	if err != nil {
		return "", fmt.Errorf("looking whether enough is judged: %w", err)
	}
	return enough(record.Analysis.Metrics, s.metrics(), r.Decision.Goals == spec.GoalsNonInferior), nil
}

// metrics are the names of those that rest on the rubric.
func (s *stopper) metrics() []string {
	var names []string
	for _, m := range s.job.Spec.Metrics {
		if rubric, _, _ := strings.Cut(m.Judge, "."); rubric == s.rubric && m.Role != spec.RoleMonitor {
			names = append(names, m.Name)
		}
	}
	return names
}

// enough gives the reason to stop where every one of the metrics is settled;
// empty else.
func enough(results []analyze.MetricResult, names []string, nonInferior bool) string {
	var reasons []string
	for _, m := range results {
		for _, name := range names {
			if m.Name != name {
				continue
			}
			reason := settled(m, nonInferior)
			if reason == "" {
				return ""
			}
			reasons = append(reasons, name+" is "+reason)
		}
	}
	if len(reasons) < len(names) {
		return ""
	}
	return strings.Join(reasons, ", ")
}

// settled says what is known for good of a metric; empty while it is open.
func settled(m analyze.MetricResult, nonInferior bool) string {
	alone := m.Judge != nil && !m.Judge.Corrected
	switch {
	case alone && hopeless(m):
		return "beyond its margin on the judge's own scale: what is left is to label, with weir export"
	case m.Margin.Check == analyze.CheckFailed:
		return "worse than its margin"
	case m.Margin.Check != analyze.CheckPassed:
		return ""
	case nonInferior || m.Role != analyze.Goal:
		return "within its margin"
	case alone:
		return "within its margin on the judge's own scale: whether it is better, labels have to say"
	case m.Direction == analyze.Better:
		return "better"
	case futile(m):
		return "within its margin of no change, either way: no effect that matters is left to find"
	}
	return ""
}

// hopeless reports whether the interval lies beyond the margin on the bad side.
func hopeless(m analyze.MetricResult) bool {
	margin := float64(m.Margin.Value)
	if m.Good == analyze.Down {
		return float64(m.Test.Lower) > margin
	}
	return float64(m.Test.Upper) < -margin
}

// futile reports whether the interval lies inside the margin on both sides.
func futile(m analyze.MetricResult) bool {
	margin := float64(m.Margin.Value)
	return margin > 0 && float64(m.Test.Lower) > -margin && float64(m.Test.Upper) < margin
}
