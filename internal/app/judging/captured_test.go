package judging

import (
	"testing"

	"weir/analyze/lake"
	"weir/rollout/spec"
)

// Texts of a version are kept as its capture says: all of them unless it says otherwise.
func TestCaptured(t *testing.T) {
	for _, c := range []struct {
		capture spec.Capture
		want    float64
	}{{spec.Capture{Metadata: true, Content: 1}, 1}, {spec.Capture{Metadata: true}, 0}, {spec.Capture{Metadata: true, Content: .1}, .1}, {spec.Capture{}, 0}} {
		s := &source{job: Job{Spec: &spec.Release{Versions: map[string]spec.Version{"v1": {Capture: c.capture}}}}, query: lake.ConversationQuery{Control: "v1", Treatment: "v2"}}
		if got := s.captured(false); got != c.want {
			t.Errorf("%+v keeps %v, want %v", c.capture, got, c.want)
		}
		if got := s.captured(true); got != 1 {
			t.Errorf("a version that is not stated keeps %v", got)
		}
	}
}
