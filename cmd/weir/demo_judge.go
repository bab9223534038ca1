package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/app/judging"
	simjudge "weir/internal/sim/standin/judge"
	"weir/internal/story"
	"weir/rollout/spec"
)

// A demoJudge scores the dialogues of a demo's lake: by a simulated model over
// HTTP, or by a real one.
type demoJudge struct {
	real  bool
	model string
}

// Of the simulated judge of the demo.
const (
	demoJudgeNoise = .1
	demoJudgeFlip  = .08
)

// run judges and says what came of it on standard error.
func (d demoJudge) run(cmd *cobra.Command, lake string, release *spec.Release, asOf time.Time) error {
	w := cmd.ErrOrStderr()
	endpoint, model, close := "${OPENAI_BASE_URL}", d.model, func() {}
	if !d.real {
		var err error
		model = "sim-judge"
		if endpoint, close, err = story.Serve(cmd.Context(), simjudge.New(simjudge.Behaviour{Seed: 1, Noise: demoJudgeNoise, Flip: demoJudgeFlip, LogProbs: true})); err != nil {
			return err
		}
		endpoint += "/v1"
		fmt.Fprintf(w, "Judging dialogues over HTTP by a simulated model: none is behind it, and it takes %.0f in 100 for their opposite\n", 100*demoJudgeFlip)
	} else {
		if os.Getenv("OPENAI_BASE_URL") == "" {
			endpoint = "https://api.openai.com/v1"
		}
		fmt.Fprintf(w, "Judging simulated dialogues by %s\n", model)
	}
	defer close()
	bar := newTally(w)
	report, err := judging.Run(cmd.Context(), judging.Job{
		Lake: lake, Spec: d.judged(release, endpoint, model), AsOf: asOf, Progress: bar.set,
	})
	bar.done()
	if err == nil || len(report.Summaries) > 0 {
		err = errors.Join(err, report.Text(w))
	}
	return err
}

// judged is the release with a judge.
func (d demoJudge) judged(release *spec.Release, endpoint, model string) *spec.Release {
	r := *release
	r.Judge = &spec.Judge{
		Endpoint: endpoint, Models: []string{model}, Rubrics: []string{"support-quality"}, Samples: 1,
		Sample: spec.Sample{Rate: .5}, Budget: spec.Budget{USD: 1, Calls: 1000, Minutes: 5}, Concurrency: 8,
	}
	r.Prices = map[string]spec.Price{"sim-judge": {Input: .15, Output: .6, Cached: .15, Per: 1e6}}
	maps.Copy(r.Prices, release.Prices)
	return &r
}
