package judge

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/trace"
)

// canaryCalls is what the common canaries take.
var canaryCalls = int64(len(small.Canaries))

func TestRun(t *testing.T) {
	l := hours(3, 10, [2]float64{.4, .7})
	c, m := setup(l, honest)
	s, err := run(t, c)
	if err != nil {
		t.Fatal(err)
	}
	if s.Stopped != "done" || s.Hours != 3 || s.Arms[Control].Judged != 30 || math.Abs(s.Arms[Control].Mean-.4) > 1e-12 || math.Abs(s.Arms[Treatment].Mean-.7) > 1e-12 {
		t.Errorf("%+v", s)
	}
	if want := 60 + canaryCalls; m.calls.Load() != want || s.Spent.Calls != want {
		t.Errorf("%d calls, %d counted, wanted %d", m.calls.Load(), s.Spent.Calls, want)
	}
	if want := float64(s.Spent.Calls) * (100e-6 + 40e-6); math.Abs(s.Spent.USD-want) > 1e-12 {
		t.Errorf("spent %g dollars, not %g", s.Spent.USD, want)
	}
	if len(l.rows) != 2*60 {
		t.Fatalf("%d rows", len(l.rows))
	}
	whole, part := l.rows[0], l.rows[1]
	if whole.Criterion != "small" || part.Criterion != "small.help" || whole.JudgeHash != s.Hash || *whole.InclusionProbability != .5 ||
		whole.CostUSD == nil || part.CostUSD != nil || part.Verdict == "" || part.Reason != "because" || whole.SessionID == "" || whole.Release != "r1" {
		t.Errorf("rows %+v\n%+v", whole, part)
	}
	ids := map[string]bool{}
	for _, r := range l.rows {
		ids[r.JudgmentID] = true
	}
	if len(ids) != len(l.rows) {
		t.Errorf("%d ids of %d rows", len(ids), len(l.rows))
	}
}

// TestRowsRepeat holds that judging the same again writes the same rows, but for
// their time.
func TestRowsRepeat(t *testing.T) {
	var before []trace.Judgment
	for range 2 {
		l := hours(1, 5, [2]float64{.4, .7})
		c, _ := setup(l, honest)
		if _, err := run(t, c); err != nil {
			t.Fatal(err)
		}
		for i := range l.rows {
			l.rows[i].JudgedAt = time.Time{}
			l.rows[i].InclusionProbability, l.rows[i].Score, l.rows[i].Tokens, l.rows[i].CostUSD = nil, nil, nil, nil
		}
		if before != nil && !slices.Equal(before, l.rows) {
			t.Error("rows differ")
		}
		before = l.rows
	}
}

// TestNeverTwice holds that what was answered is not asked again, whatever ended
// the run: here the budget, again and again.
func TestNeverTwice(t *testing.T) {
	l := hours(2, 20, [2]float64{.5, .5})
	c, m := setup(l, honest)
	c.Budget.Calls = canaryCalls + 7
	c.Concurrency = 4
	runs := 0
	for ; ; runs++ {
		s, err := run(t, c)
		if err != nil {
			t.Fatal(err)
		}
		if s.Spent.Calls > c.Budget.Calls {
			t.Fatalf("%d calls under a budget of %d", s.Spent.Calls, c.Budget.Calls)
		}
		if s.Stopped == "done" {
			break
		}
		if s.Stopped != "budget" || !strings.Contains(s.Detail, "calls") {
			t.Fatalf("stopped: %s, %s", s.Stopped, s.Detail)
		}
	}
	if want := 80 + canaryCalls*int64(runs+1); m.calls.Load() > want {
		t.Errorf("%d calls in %d runs, %d would do", m.calls.Load(), runs+1, want)
	}
	if len(l.rows) != 160 {
		t.Errorf("%d rows", len(l.rows))
	}
}

func TestPublishFails(t *testing.T) {
	l := hours(1, 5, [2]float64{.5, .5})
	l.fail = errDisk
	c, m := setup(l, honest)
	s, err := run(t, c)
	if !errors.Is(err, errDisk) || s.Stopped != "failed" || s.Arms[0].Drawn != 0 {
		t.Errorf("%v, %+v", err, s)
	}
	l.fail = nil
	before := m.calls.Load()
	if s, err = run(t, c); err != nil || s.Cached != 10 || m.calls.Load()-before != canaryCalls {
		t.Errorf("%v, %d cached", err, s.Cached)
	}
}

// TestBudgets holds every budget: no call begins whose largest cost would pass
// it.
func TestBudgets(t *testing.T) {
	for what, b := range map[string]Budget{
		"dollars": {USD: 0.02}, "tokens": {Tokens: 30_000}, "calls": {Calls: 15}, "minutes": {Time: time.Minute},
	} {
		l := hours(1, 500, [2]float64{.5, .5})
		c, _ := setup(l, nil)
		clock := c.Clock.(*hasty)
		c.Panel.Members[0].Model = &scripted{answer: func(n int, r Request) (Reply, error) {
			clock.Sleep(context.Background(), time.Second)
			return honest(n, r)
		}}
		c.Budget = b
		s, err := run(t, c)
		if err != nil || s.Stopped != "budget" || !strings.Contains(s.Detail, what) {
			t.Errorf("%s: %v, %s, %s", what, err, s.Stopped, s.Detail)
		}
		if b.USD > 0 && s.Spent.USD > b.USD || b.Tokens > 0 && s.Spent.Tokens > b.Tokens || b.Calls > 0 && s.Spent.Calls > b.Calls {
			t.Errorf("%s: spent %+v", what, s.Spent)
		}
		if len(l.rows) != 0 {
			t.Errorf("%s: a batch that is not whole was published", what)
		}
	}
}

func TestUnpriced(t *testing.T) {
	l := hours(1, 2, [2]float64{1, 1})
	c, _ := setup(l, honest)
	c.Panel.Members[0].Price = nil
	_, err := New(c)
	var unpriced *Unpriced
	if !errors.As(err, &unpriced) || !strings.Contains(err.Error(), "scripted") {
		t.Fatalf("%v", err)
	}
	c.Unpriced = true
	s, err := run(t, c)
	if err != nil || !math.IsNaN(s.Spent.USD) || l.rows[0].CostUSD != nil || s.Spent.Calls == 0 {
		t.Errorf("%v %+v", err, s.Spent)
	}
}

// TestStopper holds that nothing is judged once there is enough.
func TestStopper(t *testing.T) {
	l := hours(5, 3, [2]float64{.5, .5})
	c, _ := setup(l, honest)
	c.Stopper = stopAfter{l, 2}
	s, err := run(t, c)
	if err != nil || s.Stopped != "enough" || s.Detail != "decided" || s.Hours != 2 {
		t.Errorf("%v %+v", err, s)
	}
}

type stopAfter struct {
	l *list
	n int
}

func (s stopAfter) Stop(context.Context) (string, error) {
	if len(s.l.published) == s.n {
		return "decided", nil
	}
	return "", nil
}

func TestInterrupted(t *testing.T) {
	l := hours(1, 50, [2]float64{.5, .5})
	ctx, cancel := context.WithCancel(t.Context())
	c, m := setup(l, nil)
	m.answer = func(n int, r Request) (Reply, error) {
		if n == 30 {
			cancel()
		}
		return honest(n, r)
	}
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Run(ctx)
	if !errors.Is(err, context.Canceled) || s.Stopped != "interrupted" || len(l.rows) != 0 {
		t.Errorf("%v %+v", err, s)
	}
}

// TestPairs holds half points, both orders, and what a judge that always takes
// the first one comes to.
func TestPairs(t *testing.T) {
	judges := map[string]struct {
		answer func(int, Request) (Reply, error)
		want   float64
	}{
		"honest": {func(_ int, r Request) (Reply, error) {
			a, b := strings.Index(material(r), "<a-"), strings.Index(material(r), "<b-")
			good := strings.Index(material(r), "GOOD")
			if good < 0 {
				good = strings.Index(material(r), "That solved it")
			}
			if good < 0 {
				return verdict(r, "tie"), nil
			}
			if a < good && good < b {
				return verdict(r, "A"), nil
			}
			return verdict(r, "B"), nil
		}, .75},
		"first": {func(n int, r Request) (Reply, error) { return verdict(r, "A"), nil }, .5},
	}
	for name, j := range judges {
		l := &list{pairs: map[string][2]Dialogue{}, batches: []Batch{{Hours: make([]time.Time, 1)}}}
		for i := range 20 {
			id := string(rune('a' + i))
			control, treatment := "poor "+id, "GOOD "+id
			if i%2 == 0 {
				treatment = "poor " + id
			}
			l.pairs[id] = [2]Dialogue{{Turns: []Turn{{"question " + id, control, "", nil}}}, {Turns: []Turn{{"question " + id, treatment, "", nil}}}}
			l.batches[0].Items = append(l.batches[0].Items, Item{Subject: Subject{CaseID: id}, Probability: 1})
		}
		c, _ := setup(l, j.answer)
		c.Mode = Pairwise
		s, err := run(t, c)
		if name == "first" {
			if !errors.Is(err, ErrUnfit) || !strings.Contains(err.Error(), "two winners") || len(l.rows) > 0 {
				t.Errorf("%s: %v, %d rows", name, err, len(l.rows))
			}
			continue
		}
		if err != nil || math.Abs(s.Pairs.Mean-j.want) > 1e-12 || s.Pairs.Judged != 20 {
			t.Errorf("%s: %v, %+v", name, err, s.Pairs)
		}
		if len(l.rows) != 20*2*2 || l.rows[0].Position != string(ControlFirst) || l.rows[2].Position != string(TreatmentFirst) {
			t.Errorf("%s: %d rows, %+v", name, len(l.rows), l.rows[0])
		}
	}
}

// TestPanel holds that a family has one vote, however many members it has.
func TestPanel(t *testing.T) {
	l := hours(1, 2, [2]float64{1, 1})
	c, _ := setup(l, nil)
	says := func(word string) Model {
		return &scripted{answer: func(n int, r Request) (Reply, error) {
			if reply, err := honest(n, r); !strings.Contains(material(r), "GOOD") {
				return reply, err
			}
			return verdict(r, word), nil
		}}
	}
	price := &Price{}
	c.Panel.Members = []Member{
		{Name: "gpt-4o", Model: says("1"), Price: price}, {Name: "gpt-4o-mini", Model: says("1"), Price: price},
		{Name: "openai/o3", Model: says("1"), Price: price}, {Name: "claude-x", Model: says("0"), Price: price},
	}
	s, err := run(t, c)
	if err != nil || s.Arms[0].Mean != .5 || s.Arms[0].Flags[FlagSplit] != 2 {
		t.Fatalf("%v %+v", err, s.Arms[0])
	}
	models := map[string]int{}
	for _, r := range l.rows {
		if r.Criterion == "small" {
			models[r.JudgeModel]++
		}
	}
	if models[PanelModel] != 4 || models["gpt-4o"] != 4 || len(models) != 5 {
		t.Errorf("%v", models)
	}
}

func TestAnchors(t *testing.T) {
	l := hours(1, 2, [2]float64{1, 1})
	c, _ := setup(l, honest)
	c.Anchors = []Anchor{{"a1", Dialogue{Turns: []Turn{{"q", "GOOD", "", nil}}}}, {"a2", Dialogue{Turns: []Turn{{"q", "poor", "", nil}}}}}
	memory := &remembered{}
	c.Memory = memory
	if s, err := run(t, c); err != nil || s.Anchors != 2 || memory.scores["a1"] != 1 || memory.scores["a2"] != 0 {
		t.Fatalf("%v %v", err, memory.scores)
	}
	l.published, memory.changed = nil, true
	if _, err := run(t, c); !errors.Is(err, ErrUnfit) {
		t.Errorf("a judge that has changed: %v", err)
	}
}

type remembered struct {
	scores  map[string]float64
	changed bool
}

func (r *remembered) Compare(_ context.Context, _ string, scores map[string]float64) (bool, string, error) {
	r.scores = scores
	return r.changed, "lower by 0.2", nil
}
