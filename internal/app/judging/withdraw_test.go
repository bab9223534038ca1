package judging

import (
	"testing"
	"time"

	"weir/internal/app"
	simjudge "weir/internal/sim/standin/judge"
)

// A version that answers everything alike is found out by runs that each see a few
// of its dialogues: the first scores are taken back, and what the analysis reads is
// that they are missing.
func TestConstantOverRuns(t *testing.T) {
	dir := t.TempDir()
	_, url := serve(t, simjudge.Behaviour{LogProbs: true})
	withdrawn, drawn := 0, 0
	for night := range 4 {
		fill(t, dir, population{from: night * 16, sessions: 16, perHour: 4, solved: [2]float64{.6, .6}, constant: true})
		j := job(t, dir, url, "")
		j.Spec.Judge.Sample.Rate = 1
		j.AsOf = day0.Add(time.Duration(night*4+8) * time.Hour)
		r, err := Run(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		s := r.Summaries[0]
		withdrawn += s.Withdrawn
		drawn += s.Arms[1].Drawn
		t.Logf("night %d: %d drawn of treatment, %d judged, %d withdrawn", night, s.Arms[1].Drawn, s.Arms[1].Judged, s.Withdrawn)
	}
	if drawn != 32 || withdrawn != 16 {
		t.Errorf("%d drawn of treatment, %d withdrawn", drawn, withdrawn)
	}
	record, err := app.Analyze(t.Context(), app.Job{Lake: dir, State: t.TempDir(), Spec: job(t, dir, url, "").Spec, AsOf: day0.Add(30 * 24 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range record.Analysis.Metrics {
		if m.Judge != nil && (m.Judge.Judged.Treatment != 0 || m.Judge.Judged.Control != 32) {
			t.Errorf("%s rests on %+v", m.Name, m.Judge.Judged)
		}
	}
}
