package judge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"time"

	"weir/trace"
)

// A Runner judges what its source brings by one rubric. It is used once.
type Runner struct {
	Config
	hash      string
	wording   *wording
	account   *account
	examiners []*examiner
	count     counters
	seen      [2]duplicates
	given     [2][]given
	began     time.Time
	done      int
	summary   Summary
}

// New checks a configuration. It starts nothing.
func New(c Config) (*Runner, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	r := &Runner{Config: c, hash: c.Hash(), wording: c.Rubric.wording(c.Mode), account: newAccount(c.Budget, c.Clock)}
	pace, chance := newPace(c.Concurrency, c.Clock), &random{draw: c.Draw}
	for _, m := range c.Panel.Members {
		r.examiners = append(r.examiners, &examiner{
			member: m, hash: r.hash, patience: c.Patience, account: r.account, pace: pace, clock: c.Clock,
			cache: c.Cache, random: chance, count: &r.count,
		})
	}
	return r, nil
}

// ErrUnfit says that the judge missed a canary or has changed, and that nothing
// was judged.
var ErrUnfit = errors.New("the judge is not fit to judge")

// ErrOutage says that the service failed so often that what failed says nothing
// about the dialogues; they stay to be judged.
var ErrOutage = errors.New("the judge's service is out of order")

// Run judges until the source has no more, the stopper has enough, or the budget
// ends. Canaries come first, then anchors. Each batch is published whole; what
// was answered of one that is not is in the cache and is not asked again. The
// summary tells what was done also where there is an error.
func (r *Runner) Run(ctx context.Context) (Summary, error) {
	r.began = r.Clock.Now()
	r.summary = Summary{Rubric: r.Rubric.Name, Hash: r.hash, Mode: r.Mode}
	err := r.run(ctx)
	var exhausted *Exhausted
	switch {
	case errors.As(err, &exhausted):
		r.summary.Stopped, r.summary.Detail, err = "budget", exhausted.Error(), nil
	case ctx.Err() != nil:
		r.summary.Stopped, err = "interrupted", ctx.Err()
	case err != nil:
		r.summary.Stopped, r.summary.Detail = "failed", err.Error()
	}
	return r.finish(), err
}

// run goes through the source.
func (r *Runner) run(ctx context.Context) error {
	first := true
	for {
		b, err := r.Source.Next(ctx)
		if errors.Is(err, io.EOF) {
			r.summary.Stopped = "done"
			return nil
		}
		if err != nil {
			return err
		}
		if first {
			if err := r.examine(ctx); err != nil {
				return err
			}
			if err := r.recall(ctx); err != nil {
				return err
			}
			first = false
		}
		said, answers, err := r.batch(ctx, b)
		if err != nil {
			return err
		}
		back := r.withdraw()
		if err := r.Sink.Publish(ctx, b, append(r.write(said), r.write(back)...)); err != nil {
			return err
		}
		r.tally(said)
		r.remember(b, said, answers)
		r.summary.Hours += len(b.Hours)
		if stop, err := r.stop(ctx); stop || err != nil {
			return err
		}
	}
}

// stop asks the stopper.
func (r *Runner) stop(ctx context.Context) (bool, error) {
	if r.Stopper == nil {
		return false, nil
	}
	reason, err := r.Stopper.Stop(ctx)
	if reason != "" {
		r.summary.Stopped = "enough"
		r.summary.Detail = reason
	}
	return reason != "", err
}

// examine scores canaries and anchors, before anything is judged.
func (r *Runner) examine(ctx context.Context) error {
	var missed []string
	for _, e := range r.examiners {
		found, err := r.canaries(ctx, e)
		r.summary.Canaries = append(r.summary.Canaries, found...)
		if err != nil {
			return err
		}
		for _, f := range found {
			if !f.OK {
				missed = append(missed, r.missed(f))
			}
		}
	}
	if len(missed) > 0 {
		return fmt.Errorf("%w: %s; use another model, or a rubric whose canaries fit it", ErrUnfit, missed[0])
	}
	return r.anchors(ctx)
}

// missed says what a canary found.
func (r *Runner) missed(f Found) string {
	if r.Mode == Pairwise && f.Whole <= f.AtMost {
		return fmt.Sprintf("%s named two winners for canary %s, one an order", f.Model, f.Canary)
	}
	return fmt.Sprintf("%s scored canary %s %.2f; allowed is %.2f to %.2f", f.Model, f.Canary, f.Whole, f.AtLeast, f.AtMost)
}

// canaries scores the rubric's canaries by one member. They are always asked.
func (r *Runner) canaries(ctx context.Context, e *examiner) ([]Found, error) {
	if r.Mode == Pairwise {
		return r.pairCanaries(ctx, e)
	}
	found := make([]Found, len(r.Rubric.Canaries))
	err := each(ctx, r.Concurrency, len(found), func(ctx context.Context, i int) error {
		c := r.Rubric.Canaries[i]
		s, err := r.canary(ctx, e, c)
		// No score is no high one; a good canary needs one.
		ok := s.Whole >= c.AtLeast && s.Whole <= c.AtMost || s.Error != "" && c.AtLeast == 0
		found[i] = Found{c.Name, e.member.Name, s.Whole, c.AtLeast, c.AtMost, ok}
		if err == nil && Fault(s.Error).again() {
			err = fmt.Errorf("%w: no answer from %s (%s)", ErrOutage, e.member.Name, s.Error)
		}
		return err
	})
	return found, err
}

// canary scores one as it stands, without what else protects from its text; once
// or twice more where the reply is no verdict.
func (r *Runner) canary(ctx context.Context, e *examiner, c Canary) (s Score, err error) {
	for range 3 {
		s, err = e.repeated(ctx, r.wording.pointwise(c.Dialogue), 1, "canary", true)
		if err != nil || s.Error == "" || Fault(s.Error).again() {
			break
		}
	}
	return s, err
}

// pairCanaries puts each bad canary against each good one, in both orders. The bad
// one must not win, and the orders must not name different winners: who takes what
// is shown first reads nothing.
func (r *Runner) pairCanaries(ctx context.Context, e *examiner) ([]Found, error) {
	var bad, good []Canary
	for _, c := range r.Rubric.Canaries {
		if c.AtLeast > 0 {
			good = append(good, c)
		} else {
			bad = append(bad, c)
		}
	}
	found := make([]Found, len(bad)*len(good))
	err := each(ctx, r.Concurrency, len(found), func(ctx context.Context, i int) error {
		b, g := bad[i/len(good)], good[i%len(good)]
		sum, won, lost := 0., false, false
		for _, order := range []Order{ControlFirst, TreatmentFirst} {
			s, err := e.repeated(ctx, r.wording.pairwise(g.Dialogue, b.Dialogue, order), 1, "canary", true)
			if err != nil {
				return err
			}
			sum, won, lost = sum+s.Whole/2, won || s.Whole > canaryFloor, lost || s.Whole < canaryFloor
		}
		found[i] = Found{b.Name, e.member.Name, sum, 0, canaryFloor, !(sum > canaryFloor) && !(won && lost)}
		return nil
	})
	return found, err
}

// anchors scores the anchors again and compares with earlier runs.
func (r *Runner) anchors(ctx context.Context) error {
	if len(r.Anchors) == 0 || r.Mode == Pairwise {
		return nil
	}
	scores := make([]Score, len(r.Anchors))
	err := each(ctx, r.Concurrency, len(scores), func(ctx context.Context, i int) error {
		members := make([]Score, len(r.examiners))
		for m, e := range r.examiners {
			var err error
			if members[m], err = e.score(ctx, r.wording, r.Samples, r.Anchors[i].Dialogue, "anchor", true); err != nil {
				return err
			}
		}
		scores[i] = combine(r.Panel.Members, members)
		return nil
	})
	if err != nil {
		return err
	}
	known := map[string]float64{}
	for i, s := range scores {
		if s.Error == "" {
			known[r.Anchors[i].ID] = s.Whole
		}
	}
	r.summary.Anchors = len(known)
	changed, detail, err := r.Memory.Compare(ctx, r.hash, known)
	if err == nil && changed {
		err = fmt.Errorf("%w: it scores the anchors otherwise than it did: %s", ErrUnfit, detail)
	}
	return err
}

// item judges one item by every member, and combines them.
func (r *Runner) item(ctx context.Context, item Item, d []Dialogue) ([]said, error) {
	if r.Mode == Pairwise {
		return r.pair(ctx, item, d)
	}
	if why, flags := r.withheld(item, d[0]); why != "" {
		s := missing(len(r.Rubric.Criteria), why)
		s.Model, s.Flags = r.label(), flags
		return []said{{item: item, score: s, at: r.Clock.Now()}}, nil
	}
	return r.members(ctx, item, "", func(e *examiner) (Score, error) {
		return e.score(ctx, r.wording, r.Samples, d[0], item.Subject.name(), false)
	})
}

// withheld says why a dialogue is not put to the judge.
func (r *Runner) withheld(item Item, d Dialogue) (string, []Flag) {
	if d.Blank() {
		return "no_text", nil
	}
	if r.seen[item.Arm].share(answerOf(d)) >= constantArm {
		return duplicateOutput, []Flag{FlagDuplicate}
	}
	return "", nil
}

// label is the model of rows that no call stands behind.
func (r *Runner) label() string {
	if len(r.examiners) > 1 {
		return PanelModel
	}
	return r.examiners[0].member.Name
}

// pair judges both orders.
func (r *Runner) pair(ctx context.Context, item Item, d []Dialogue) ([]said, error) {
	var out []said
	for _, order := range []Order{ControlFirst, TreatmentFirst} {
		if len(d) < 2 || d[0].Blank() || d[1].Blank() {
			s := missing(len(r.Rubric.Criteria), "no_text")
			s.Model = r.label()
			out = append(out, said{item: item, order: order, score: s, at: r.Clock.Now()})
			continue
		}
		s, err := r.members(ctx, item, order, func(e *examiner) (Score, error) {
			return e.compare(ctx, r.wording, r.Samples, d, order, item.Subject.name())
		})
		if err != nil {
			return nil, err
		}
		out = append(out, s...)
	}
	return out, nil
}

// members asks every member, and adds the panel's score where there are several.
// The one that counts comes first.
func (r *Runner) members(ctx context.Context, item Item, order Order, ask func(*examiner) (Score, error)) ([]said, error) {
	scores := make([]Score, len(r.examiners))
	err := each(ctx, len(scores), len(scores), func(_ context.Context, i int) (err error) {
		e := r.examiners[i]
		scores[i], err = e.measured(func() (Score, error) { return ask(e) })
		return err
	})
	if err != nil {
		return nil, err
	}
	at := r.Clock.Now()
	out := []said{{item: item, order: order, score: combine(r.Panel.Members, scores), at: at}}
	if len(scores) > 1 {
		for _, s := range scores {
			out = append(out, said{item: item, order: order, score: s, at: at})
		}
	}
	return out, nil
}

// name is how a cache knows whom an answer is about.
func (s Subject) name() string {
	switch {
	case s.CaseID != "":
		return "case " + s.CaseID
	case s.SessionID != "":
		return s.SessionID
	}
	return s.TraceID
}

func (r *Runner) write(all [][]said) []trace.Judgment {
	var rows []trace.Judgment
	for _, item := range all {
		for _, s := range item {
			rows = append(rows, r.rows(r.hash, s)...)
		}
	}
	return rows
}

// tally counts a published batch.
func (r *Runner) tally(all [][]said) {
	for _, item := range all {
		if r.Mode == Pairwise {
			r.summary.Pairs.add(item[0].item.Probability, halves(item))
			continue
		}
		r.summary.Arms[item[0].item.Arm].add(item[0].item.Probability, item[0].score)
	}
}

// halves is the score of a pair: the mean of both orders, missing where one is.
func halves(item []said) Score {
	var both []said
	for _, s := range item {
		if !slices.ContainsFunc(both, func(o said) bool { return o.order == s.order }) {
			both = append(both, s) // the first of an order counts
		}
	}
	out := both[0].score
	for _, s := range both[1:] {
		out.Flags = union(out.Flags, s.score.Flags)
		if out.Error == "" {
			out.Error = s.score.Error
		}
		out.Whole = (out.Whole + s.score.Whole) / 2
	}
	return out
}

// tell reports progress. The caller sees to it that it is told by one at a time.
func (r *Runner) tell() {
	if r.Progress == nil {
		return
	}
	p := Progress{Done: r.done, Total: r.Source.Total(), Spent: r.spent(), Took: r.Clock.Now().Sub(r.began)}
	if p.Done > 0 && p.Total > p.Done {
		p.Left = p.Took / time.Duration(p.Done) * time.Duration(p.Total-p.Done)
	}
	r.Progress(p)
}

// spent is the account's total; dollars are unknown where a price is.
func (r *Runner) spent() Spent {
	s := r.account.total()
	if slices.ContainsFunc(r.Panel.Members, func(m Member) bool { return m.Price == nil }) {
		s.USD = math.NaN()
	}
	return s
}

// finish works out what the summary tells.
func (r *Runner) finish() Summary {
	s := &r.summary
	s.Spent, s.Cached, s.Retried, s.Repaired = r.spent(), r.count.cached.Load(), r.count.retried.Load(), r.count.repaired.Load()
	s.Took = r.Clock.Now().Sub(r.began)
	s.Service, s.Own = r.count.service.times(), r.count.own.times()
	for a := range s.Arms {
		s.Arms[a].figure()
		s.Warnings = append(s.Warnings, r.seen[a].warning(Arm(a))...)
	}
	s.Pairs.figure()
	if n := r.count.unkept.Load(); n > 0 {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%d answers could not be cached; after a crash they are asked for again", n))
	}
	return *s
}

// warning tells of answers that an arm gives to many questions.
func (d *duplicates) warning(a Arm) []string {
	most := 0
	for _, answer := range d.answers {
		if len(answer.questions) >= fewAnswers/4 {
			most = max(most, answer.times)
		}
	}
	share := float64(most) / float64(max(d.seen, 1))
	if d.seen < fewAnswers || share < oftenArm {
		return nil
	}
	text := fmt.Sprintf("%s gives one and the same answer in %.0f %% of %d dialogues", a, 100*share, d.seen)
	if share >= constantArm {
		text += ": those are not judged and count as missing, and scores that they got before are taken back"
	}
	return []string{text}
}

// each runs f for 0 to n-1, at most so many at a time, until one fails; those
// under way end first.
func each(ctx context.Context, most, n int, f func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		first error
		next  int
	)
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, next <= n && first == nil && ctx.Err() == nil
	}
	for range min(most, n) {
		wait.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				if err := f(ctx, i); err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
					return
				}
			}
		})
	}
	wait.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return first
}
