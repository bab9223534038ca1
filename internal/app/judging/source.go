package judging

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"weir/analyze/lake"
	"weir/collector/parquet"
	"weir/judge"
	"weir/rollout/spec"
	"weir/router"
	"weir/trace"
)

// A source draws conversations of the lake, by hours of assignment.
type source struct {
	job      Job
	rubric   string
	mode     judge.Mode
	lake     *lake.Lake
	query    lake.ConversationQuery
	plans    plans
	batches  []judge.Batch
	next     int
	known    map[string]lake.Conversation // by session
	pairs    map[pairKey][2]string        // sessions of control and treatment
	warnings []string
	before   []lake.Conversation // of hours that are judged
	recalled []judge.Item        // of these
}

// A pairKey is a case and which of its trials.
type pairKey struct {
	id    string
	trial int64
}

// source finds the hours that may be judged and are not, and draws.
func (j Job) source(ctx context.Context, r *judge.Rubric, l *lake.Lake, files *parquet.Lake) (*source, error) {
	s := &source{
		job: j, rubric: r.Name, mode: j.Mode, lake: l, plans: plans{j.stateDir(), r.Name},
		known: map[string]lake.Conversation{}, pairs: map[pairKey][2]string{},
		query: lake.ConversationQuery{
			App: j.Spec.App, Release: j.Spec.Release, Control: j.Spec.Stable, Treatment: j.Spec.Candidate,
			Unit: j.Spec.Unit.String(), AsOf: j.AsOf, From: later(j.Since, j.AsOf.Add(-j.Spec.Retention.Contents)).Truncate(time.Hour),
		},
	}
	live, offline, err := l.Live(ctx, s.query)
	if err != nil {
		return nil, err
	}
	s.query.Offline = live == 0 && offline > 0
	if s.query.Offline {
		s.query.From = time.Time{}
	}
	if s.mode == judge.Pairwise && !s.query.Offline {
		return nil, setup("pairwise judging compares the same case under both versions, and the lake has live traffic of this release; weir replay runs cases")
	}
	all, err := l.Conversations(ctx, s.query)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(c lake.Conversation) bool { return s.uncaptured(c) || s.late(c) })
	for _, c := range all {
		s.known[c.Session] = c
	}
	done, err := judged(ctx, files, j, r)
	if err != nil {
		return nil, err
	}
	if s.query.Offline {
		err = s.offline(all, done)
	} else {
		err = s.live(all, done)
	}
	if err != nil {
		return nil, err
	}
	return s, s.gather(ctx)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// captured is the share of a version's conversations whose texts are kept.
func (s *source) captured(treated bool) float64 {
	v, stated := s.job.Spec.Versions[[]string{s.query.Control, s.query.Treatment}[arm(treated)]]
	if !stated {
		return 1
	}
	return float64(v.Capture.Content)
}

// uncaptured reports whether a conversation has no text because the spec keeps
// that of a share alone, drawn by chance: it cannot be drawn, and is not missing.
func (s *source) uncaptured(c lake.Conversation) bool {
	return !c.Spoken && s.captured(c.Treated) < 1
}

// judged lists the hours that are done, by the rubric; the zero time where rows
// have none.
func judged(ctx context.Context, files *parquet.Lake, j Job, r *judge.Rubric) (map[time.Time]bool, error) {
	done := map[time.Time]bool{}
	for e, err := range parquet.ReadAll[trace.Event](ctx, files, j.Spec.App) {
		if err != nil {
			return nil, err
		}
		if e.Kind == judgedKind && e.Release == j.Spec.Release && e.Detail == r.Name {
			done[e.OccurredAt.UTC()] = true
		}
	}
	return done, ctx.Err()
}

// live groups the units by the hour of their assignment. An hour is judged when
// each of its conversations is over; those after it wait.
func (s *source) live(all []lake.Conversation, done map[time.Time]bool) error {
	hours := map[time.Time][]lake.Conversation{}
	for _, c := range all {
		h := hour(c)
		if !done[h] {
			hours[h] = append(hours[h], c)
		} else {
			s.before = append(s.before, c)
		}
	}
	order := make([]time.Time, 0, len(hours))
	for h := range hours {
		order = append(order, h)
	}
	slices.SortFunc(order, time.Time.Compare)
	for i, h := range order {
		if open := s.open(h, hours[h]); open > 0 {
			s.warnings = append(s.warnings, fmt.Sprintf("%d hours wait, from %s on: %d conversations of that hour may still go on", len(order)-i, h.Format("2006-01-02 15:04 UTC"), open))
			break
		}
		items, err := s.plans.draw(h, hours[h], s.item)
		if err != nil {
			return err
		}
		s.put(h, items)
	}
	return nil
}

// batchItems is how many dialogues are published together, where the hours allow:
// fewer would make many small files, more would be judged before anybody looks.
const batchItems = 200

// put adds an hour to the last batch, or begins another.
func (s *source) put(hour time.Time, items []judge.Item) {
	last := len(s.batches) - 1
	if last < 0 || len(s.batches[last].Items) >= batchItems {
		s.batches = append(s.batches, judge.Batch{})
		last++
	}
	b := &s.batches[last]
	b.Hours, b.Items = append(b.Hours, hour), append(b.Items, items...)
}

// hour is that of a unit's assignment.
func hour(c lake.Conversation) time.Time {
	if c.Assigned.IsZero() {
		return time.Time{}
	}
	return c.Assigned.Truncate(time.Hour)
}

// window is how long after its assignment the conversations of a user count: as
// long as the judged metrics wait. A session is its only conversation.
func (s *source) window() (longest time.Duration) {
	if s.job.Spec.Unit != spec.UnitUser {
		return 0
	}
	for _, m := range s.job.Spec.Metrics {
		if m.Judge != "" {
			longest = max(longest, m.MatureAfter)
		}
	}
	return longest
}

// late reports whether a conversation of a user began after those that count.
func (s *source) late(c lake.Conversation) bool {
	return s.window() > 0 && len(c.Starts) > 0 && c.Starts[0].After(c.Assigned.Add(s.window()))
}

// open counts the conversations of an hour that may still go on; the hour itself
// has to be over, and what its users may begin.
func (s *source) open(h time.Time, of []lake.Conversation) (n int) {
	over := h.Add(time.Hour + s.window())
	for _, c := range of {
		if !h.IsZero() && (s.job.AsOf.Before(over) || s.until(c).After(s.job.AsOf)) {
			n++
		}
	}
	return n
}

// until is when a conversation is over: idle for the spec's time, or at its cap.
// What is said later is another one, whenever it is looked at.
func (s *source) until(c lake.Conversation) time.Time {
	began := c.Assigned
	if s.window() > 0 && len(c.Starts) > 0 {
		began = c.Starts[0]
	}
	limit := began.Add(s.job.Spec.Sessions.Cap)
	for i, end := range c.Ends {
		over := end.Add(s.job.Spec.Sessions.Idle)
		if i+1 == len(c.Starts) || c.Starts[i+1].After(over) {
			return earlier(over, limit)
		}
	}
	return limit
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// item is a conversation with the number and the probability that it is drawn
// with.
func (s *source) item(c lake.Conversation) (judge.Item, error) {
	probability, err := s.probability(c)
	i := judge.Item{
		Subject: judge.Subject{SessionID: c.Session, CaseID: c.CaseID, Trial: c.Trial}, Arm: arm(c.Treated),
		U:           s.captured(c.Treated) * router.Draw(router.Salt(s.query.App, s.query.Release, router.PurposeJudge), c.Unit),
		Probability: probability * s.captured(c.Treated),
	}
	if c.Single {
		i.Subject.SessionID, i.Subject.TraceID = "", c.Session
	}
	return i, err
}

func arm(treated bool) judge.Arm {
	if treated {
		return judge.Treatment
	}
	return judge.Control
}

// offline makes one batch of all runs, or of all pairs. A case is drawn under
// both versions, or under none.
func (s *source) offline(all []lake.Conversation, done map[time.Time]bool) error {
	if done[time.Time{}] {
		return nil
	}
	for _, c := range all {
		p := s.pairs[pairOf(c)]
		p[arm(c.Treated)] = c.Session
		s.pairs[pairOf(c)] = p
	}
	if s.mode == "" {
		s.mode = judge.Pointwise
		for _, p := range s.pairs {
			if p[0] != "" && p[1] != "" {
				s.mode = judge.Pairwise
			}
		}
	}
	if s.mode == judge.Pairwise {
		all = slices.DeleteFunc(slices.Clone(all), func(c lake.Conversation) bool { return !c.Treated || s.pairs[pairOf(c)][0] == "" })
	}
	items, err := s.plans.draw(time.Time{}, all, s.item)
	if err == nil && len(all) > 0 {
		s.put(time.Time{}, items)
	}
	return err
}

func pairOf(c lake.Conversation) pairKey {
	k := pairKey{id: c.CaseID}
	if c.Trial != nil {
		k.trial = *c.Trial
	}
	return k
}

// recalled is how many dialogues of each arm that earlier runs scored are looked at
// again, for being all the same: the latest.
const recalled = 256

// recall chooses them, of the hours that are judged: those that today's rates draw.
func (s *source) recall() error {
	var taken [2]int
	for _, c := range slices.Backward(s.before) {
		i, err := s.item(c)
		if err != nil {
			return err
		}
		if judge.Drawn(i.U, i.Probability) && taken[i.Arm] < recalled {
			taken[i.Arm]++
			s.recalled = append(s.recalled, i)
		}
	}
	return nil
}

// Scored gives dialogues that this judge has scored, of hours since the run's own
// bound.
func (s *source) Scored(ctx context.Context, hash string) ([]judge.Earlier, error) {
	if len(s.recalled) == 0 {
		return nil, nil
	}
	scored, err := s.lake.Scored(ctx, s.query.App, s.query.Release, s.rubric, hash)
	if err != nil {
		return nil, err
	}
	var items []judge.Item
	var out []judge.Earlier
	for _, i := range s.recalled {
		if score, is := scored[cmp.Or(i.Subject.SessionID, i.Subject.TraceID)]; is {
			i.Probability = score.Probability
			items, out = append(items, i), append(out, judge.Earlier{Item: i, Withdrawn: score.Withdrawn})
		}
	}
	said, err := s.Dialogues(ctx, items)
	for n, d := range said {
		out[n].Dialogue = d[0]
	}
	return out, err
}

// gather reads the texts of all that was drawn, in one pass.
func (s *source) gather(ctx context.Context) error {
	if s.mode == "" {
		s.mode = judge.Pointwise
	}
	var sessions []string
	if len(s.batches) > 0 && s.mode == judge.Pointwise {
		if err := s.recall(); err != nil {
			return err
		}
		for _, i := range s.recalled {
			sessions = append(sessions, s.sessionsOf(i)...)
		}
	}
	for _, b := range s.batches {
		for _, i := range b.Items {
			sessions = append(sessions, s.sessionsOf(i)...)
		}
	}
	return s.lake.GatherTexts(ctx, s.query, sessions)
}

// sessionsOf names the conversations of an item: control's and treatment's of a
// pair.
func (s *source) sessionsOf(i judge.Item) []string {
	if s.mode == judge.Pairwise {
		k := pairKey{id: i.Subject.CaseID}
		if i.Subject.Trial != nil {
			k.trial = *i.Subject.Trial
		}
		p := s.pairs[k]
		return p[:]
	}
	return []string{cmp.Or(i.Subject.SessionID, i.Subject.TraceID)}
}

// Next gives the next hour.
func (s *source) Next(context.Context) (judge.Batch, error) {
	if s.next == len(s.batches) {
		return judge.Batch{}, io.EOF
	}
	b := s.batches[s.next]
	if s.mode == judge.Pairwise { // what is judged is the pair, not the treatment's run
		b.Items = slices.Clone(b.Items)
		for i := range b.Items {
			b.Items[i].Subject.SessionID, b.Items[i].Subject.TraceID = "", ""
		}
	}
	return b, nil
}

// Total counts what is drawn.
func (s *source) Total() (n int) {
	for _, b := range s.batches {
		n += len(b.Items)
	}
	return n
}

// Dialogues gives the texts, up to where each conversation is over.
func (s *source) Dialogues(ctx context.Context, items []judge.Item) ([][]judge.Dialogue, error) {
	var sessions []string
	for _, i := range items {
		sessions = append(sessions, s.sessionsOf(i)...)
	}
	said, err := s.lake.Texts(ctx, sessions)
	if err != nil {
		return nil, err
	}
	out := make([][]judge.Dialogue, len(items))
	for n, i := range items {
		for _, session := range s.sessionsOf(i) {
			out[n] = append(out[n], s.dialogue(session, said[session]))
		}
	}
	return out, nil
}

func (s *source) dialogue(session string, said []lake.Said) judge.Dialogue {
	c, known := s.known[session]
	var d judge.Dialogue
	for _, one := range said {
		if known && !s.query.Offline && !one.Started.IsZero() && one.Started.After(s.until(c)) {
			break
		}
		d.Turns = append(d.Turns, turn(one.Content))
	}
	return d
}

func turn(c trace.Content) judge.Turn {
	t := judge.Turn{Input: c.Input, Output: c.Output, ToolCalls: c.ToolCalls}
	for _, p := range c.Retrieval {
		t.Passages = append(t.Passages, p.Text)
	}
	return t
}
