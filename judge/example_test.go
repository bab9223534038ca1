package judge_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"weir/judge"
	"weir/trace"
)

// An oracle stands for a model: it scores a dialogue in which the user says that
// it is solved as best, and all others as worst.
type oracle struct{}

func (oracle) Complete(_ context.Context, r judge.Request) (judge.Reply, error) {
	score, evidence := 0, ""
	if strings.Contains(r.Messages[1].Text, "solved it") {
		score, evidence = 1, "solved it"
	}
	return judge.Reply{
		Text:  fmt.Sprintf(`{"solved": {"evidence": %q, "reason": "the user says so", "score": %d}}`, evidence, score),
		Usage: judge.Usage{Known: true, Input: 300, Output: 30},
	}, nil
}

// A batch holds one batch of two dialogues, and takes what is said of them.
type batch struct{ published bool }

func (b *batch) Next(context.Context) (judge.Batch, error) {
	if b.published {
		return judge.Batch{}, io.EOF
	}
	return judge.Batch{Items: []judge.Item{
		{Subject: judge.Subject{SessionID: "a"}, Arm: judge.Control, Probability: 0.5},
		{Subject: judge.Subject{SessionID: "b"}, Arm: judge.Treatment, Probability: 0.5},
	}}, nil
}

func (b *batch) Dialogues(_ context.Context, items []judge.Item) ([][]judge.Dialogue, error) {
	said := map[string]string{"a": "That does not help me.", "b": "Thank you, that solved it."}
	var out [][]judge.Dialogue
	for _, item := range items {
		out = append(out, []judge.Dialogue{{Turns: []judge.Turn{
			{Input: "Where is my order?", Output: "It arrives tomorrow."},
			{Input: said[item.Subject.SessionID], Output: "I see."},
		}}})
	}
	return out, nil
}

func (b *batch) Total() int { return 2 }

func (b *batch) Publish(_ context.Context, _ judge.Batch, rows []trace.Judgment) error {
	b.published = true
	for _, r := range rows {
		fmt.Println(r.SessionID, r.Criterion, *r.Score)
	}
	return nil
}

func Example() {
	rubric, err := judge.Parse("solved.yaml", []byte(`
name: solved
about: Whether the user's problem was solved.
criteria:
  - {name: solved, question: Does the user say that it is solved?, scale: {0: "no", 1: "yes"}}
`))
	if err != nil {
		panic(err)
	}
	b := &batch{}
	runner, err := judge.New(judge.Config{
		App: "support-bot", Release: "2026-11", Job: "night", Rubric: rubric, Samples: 1, Concurrency: 1,
		Panel:  judge.Panel{Members: []judge.Member{{Name: "oracle", Model: oracle{}, Price: &judge.Price{Input: 1e-7, Output: 4e-7}}}},
		Source: b, Sink: b, Budget: judge.Budget{USD: 1}, Draw: rand.New(rand.NewPCG(1, 2)).Uint64,
	})
	if err != nil {
		panic(err)
	}
	summary, err := runner.Run(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s: %d calls, %.6f dollars\n", summary.Stopped, summary.Spent.Calls, summary.Spent.USD)
	// Output:
	// a solved 0
	// a solved.solved 0
	// b solved 1
	// b solved.solved 1
	// done: 10 calls, 0.000420 dollars
}
