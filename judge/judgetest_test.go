package judge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/trace"
)

// A scripted model answers by a function of the material it is shown.
type scripted struct {
	calls  atomic.Int64
	answer func(call int, r Request) (Reply, error)
}

func (s *scripted) Complete(ctx context.Context, r Request) (Reply, error) {
	if err := ctx.Err(); err != nil {
		return Reply{}, err
	}
	return s.answer(int(s.calls.Add(1)), r)
}

// usage of every scripted reply.
var scriptedUsage = Usage{Known: true, Input: 100, Output: 20}

// material is what stands between the tags of a request.
func material(r Request) string { return r.Messages[1].Text }

// verdict is a reply that gives every criterion of the schema one word, with
// the first words of the material as evidence.
func verdict(r Request, word string) Reply {
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
	}
	if err := json.Unmarshal(r.Schema, &schema); err != nil {
		panic(err)
	}
	key := "score"
	if strings.Contains(string(r.Schema), `"better"`) {
		key, word = "better", `"`+word+`"`
	}
	var parts []string
	for _, name := range schema.Required {
		evidence, _ := json.Marshal(quoteFrom(material(r)))
		parts = append(parts, fmt.Sprintf(`%q: {"evidence": %s, "reason": "because", %q: %s}`, name, evidence, key, word))
	}
	return Reply{Text: "{" + strings.Join(parts, ", ") + "}", Model: "scripted-1", Usage: scriptedUsage}
}

// quoteFrom takes a text of the user from a material.
func quoteFrom(material string) string {
	begin, end := strings.Index(material, "["), strings.LastIndex(material, "]")
	var turns []shownTurn
	if json.NewDecoder(strings.NewReader(material[begin:end+1])).Decode(&turns) != nil || len(turns) == 0 {
		return ""
	}
	if turns[0].User != "" {
		return turns[0].User
	}
	return turns[0].Assistant
}

// honest scores what says GOOD with the best level and all else with the worst.
func honest(_ int, r Request) (Reply, error) {
	if strings.Contains(material(r), "GOOD") || strings.Contains(material(r), "That solved it") {
		return verdict(r, "1"), nil
	}
	return verdict(r, "0"), nil
}

// A list is a source of batches held in memory, and the sink that they go to.
type list struct {
	batches   []Batch
	dialogues map[string]Dialogue // by session
	pairs     map[string][2]Dialogue
	mu        sync.Mutex
	published []Batch
	rows      []trace.Judgment
	fail      error // of Publish
}

func (l *list) Next(context.Context) (Batch, error) {
	if len(l.published) == len(l.batches) {
		return Batch{}, io.EOF
	}
	return l.batches[len(l.published)], nil
}

func (l *list) Dialogues(_ context.Context, items []Item) ([][]Dialogue, error) {
	out := make([][]Dialogue, len(items))
	for i, item := range items {
		if p, ok := l.pairs[item.Subject.CaseID]; ok {
			out[i] = p[:]
		} else {
			out[i] = []Dialogue{l.dialogues[item.Subject.SessionID]}
		}
	}
	return out, nil
}

func (l *list) Total() (n int) {
	for _, b := range l.batches {
		n += len(b.Items)
	}
	return n
}

func (l *list) Publish(_ context.Context, b Batch, rows []trace.Judgment) error {
	if l.fail != nil {
		return l.fail
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.published, l.rows = append(l.published, b), append(l.rows, rows...)
	return nil
}

// said makes a source of hours with so many dialogues of each arm, of which the
// share good says GOOD.
func hours(n, each int, good [2]float64) *list {
	l := &list{dialogues: map[string]Dialogue{}}
	for h := range n {
		b := Batch{Hours: []time.Time{time.Unix(int64(h)*3600, 0).UTC()}}
		for i := range each {
			for arm := range 2 {
				id := fmt.Sprintf("s-%d-%d-%d", h, i, arm)
				words := "poor answer to " + id
				if float64(i) < good[arm]*float64(each) {
					words = "GOOD answer to " + id
				}
				l.dialogues[id] = Dialogue{Turns: []Turn{{Input: "question of " + id, Output: words}}}
				b.Items = append(b.Items, Item{Subject: Subject{SessionID: id}, Arm: Arm(arm), U: .01, Probability: .5})
			}
		}
		l.batches = append(l.batches, b)
	}
	return l
}

// shelf is a cache in memory.
type shelf struct {
	mu sync.Mutex
	m  map[string][]byte
}

func (s *shelf) Get(key string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.m[key]
	return v, ok
}

func (s *shelf) Put(key, _ string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = map[string][]byte{}
	}
	s.m[key] = value
	return nil
}

// hasty is a clock on which waiting takes no time and is added up.
type hasty struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hasty) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hasty) Sleep(ctx context.Context, d time.Duration) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
	return ctx.Err()
}

var small = func() *Rubric {
	r, err := Parse("small.yaml", []byte(smallRubric))
	if err != nil {
		panic(err)
	}
	return r
}()

// setup is a run of the small rubric by one scripted model.
func setup(l *list, answer func(int, Request) (Reply, error)) (Config, *scripted) {
	m := &scripted{answer: answer}
	return Config{
		App: "bot", Release: "r1", Job: "j1", Rubric: small, Samples: 1,
		Panel:  Panel{Members: []Member{{Name: "scripted", Model: m, Price: &Price{Input: 1e-6, Output: 2e-6}}}},
		Source: l, Sink: l, Cache: &shelf{}, Clock: &hasty{now: time.Unix(1e9, 0)},
		Draw: rand.New(rand.NewPCG(1, 2)).Uint64,
	}, m
}

func run(t *testing.T, c Config) (Summary, error) {
	t.Helper()
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r.Run(t.Context())
}

var errDisk = errors.New("disk full")
