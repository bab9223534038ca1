package app

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"weir/analyze/lake"
	"weir/collector/parquet"
	"weir/judge"
	"weir/judge/label"
	"weir/rollout/spec"
	"weir/trace"
)

// EventExported is the kind of an event that says: every judged unit assigned in
// that hour has had its chance to be drawn for labels by the rubric that Detail names.
const EventExported = "exported"

// minLabelRate is the least probability with which a dialogue is drawn for labels: rarer
// ones would weigh so much that a handful decides.
const minLabelRate = .05

// An ExportJob says what people are to label.
type ExportJob struct {
	Lake   string
	Spec   *spec.Release
	Rubric *judge.Rubric
	AsOf   time.Time // zero is now
	// Rate is the probability with which a dialogue is drawn among the judged, or,
	// where it is 0, what gives Count of them on average.
	Rate  float64
	Count int
	// SplitRate, where set, is that of dialogues on which the judges of a panel disagree.
	SplitRate float64
	// Strata are parts with rates of their own, of which the first that matches counts;
	// they go before SplitRate.
	Strata []spec.SampleStratum
	// Pairs asks which of two is better, where cases ran on both versions.
	Pairs bool
	// Again names a set that was drawn before, to be written out once more.
	Again string
}

// An Export is what was drawn.
type Export struct {
	Set        label.Set
	Candidates int     // dialogues that might have been drawn
	Judged     bool    // they are those that were judged
	Rate       float64 // with which they were
	Textless   int     // drawn, but their texts are not kept
	Silent     [2]int  // of those pairs, the ones in which control's, and treatment's, are not
	Strata     []ExportedStratum
}

// An ExportedStratum is what was drawn of a stratum.
type ExportedStratum struct{ Candidates, Drawn int }

// ErrNothingToLabel says that there is no dialogue that people have not been offered.
var ErrNothingToLabel = errors.New("nothing to label")

// ErrUnknownSet says that a set which is asked for again was not drawn.
var ErrUnknownSet = errors.New("there is no such set")

// ExportLabels draws dialogues for people. Who was drawn, with which probability, and of
// which hours enters the lake before the set is returned: an hour is offered once.
func ExportLabels(ctx context.Context, j ExportJob) (Export, error) {
	if j.AsOf.IsZero() {
		j.AsOf = time.Now().UTC()
	}
	l, err := OpenLake(ctx, j.Lake, lake.Options{})
	if err != nil {
		return Export{}, err
	}
	defer l.Close()
	if j.Again != "" {
		return j.again(ctx, l)
	}
	if j.Pairs {
		return j.pairs(ctx, l)
	}
	q := lake.LabelQuery{
		App: j.Spec.App, Release: j.Spec.Release, Versions: []string{j.Spec.Stable, j.Spec.Candidate}, Rubric: j.Rubric.Name,
		AsOf: j.AsOf, Complete: j.AsOf.Add(-j.Spec.Sessions.Idle),
	}
	candidates, judged, err := l.LabelCandidates(ctx, q)
	if err != nil {
		return Export{}, err
	}
	strata, err := strataOf(ctx, l, lake.ConversationQuery{
		App: j.Spec.App, Release: j.Spec.Release, Control: j.Spec.Stable, Treatment: j.Spec.Candidate, Unit: j.Spec.Unit.String(), AsOf: j.AsOf,
	}, j.Strata)
	if err != nil {
		return Export{}, err
	}
	n := 0
	for _, c := range candidates {
		if c.Judged || !judged {
			n++
		}
	}
	if err := j.much(n, judged, "dialogues"); err != nil {
		return Export{}, err
	}
	d := j.draw(candidates, judged, strata)
	if len(d.items) == 0 {
		return Export{}, fmt.Errorf("%w: of %d sessions in hours that are over and not offered yet, %d may be drawn (judged by %s where anything is) and none was; wait for more, or raise --rate",
			ErrNothingToLabel, len(candidates), d.export.Candidates, j.Rubric.Name)
	}
	texts, err := l.Transcripts(ctx, j.Spec.App, d.sessions())
	if err != nil {
		return Export{}, err
	}
	if err := j.keep(&d, texts); err != nil {
		return Export{}, err
	}
	return d.export, nil
}

// muchTooMany is how many dialogues are drawn where fewer were asked for at most.
const muchTooMany = 5000

// ErrTooMany says that far more dialogues would be drawn than were asked for.
var ErrTooMany = errors.New("too many to label")

// much refuses a count that the least probability makes far too many of: what is
// drawn is drawn for good, and its hours wait for every label.
func (j ExportJob) much(n int, judged bool, what string) error {
	least := int(minLabelRate * float64(n))
	if j.Rate > 0 || least <= muchTooMany || least <= 2*j.Count {
		return nil
	}
	among := "; judge a sample of them first, and people label some of those"
	if judged {
		among = ""
	}
	return fmt.Errorf("%w: of %d %s no fewer than %d would be drawn, as none is with a probability below %g, and each has to be labelled before its hour counts; nothing is drawn%s; --rate %g draws them all the same",
		ErrTooMany, n, what, least, minLabelRate, among, minLabelRate)
}

// A drawing is what a sample came to.
type drawing struct {
	export Export
	items  []drawn // in the order in which they are shown
	hours  []int64
}

// A drawn is a session that was drawn.
type drawn struct {
	item, session string
	probability   float64
}

func (d drawing) sessions() (out []string) {
	for _, i := range d.items {
		out = append(out, i.session)
	}
	return out
}

// hash53 is a number in [0, 1) that belongs to a salt and an id, as assignment has it.
func hash53(salt, id string) float64 {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%d:%s:%s", len(salt), salt, id)))
	return float64(binary.BigEndian.Uint64(sum[:8])>>11) / (1 << 53)
}

// name12 names something by the hash of its parts.
func name12(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// draw decides by a hash of the session's id who is drawn: by no seed, no order and no
// score, unless a panel's disagreement has a rate of its own. The probability that is
// kept is that with which a session was drawn, its stratum's where it is in one.
func (j ExportJob) draw(candidates []lake.Candidate, judged bool, strata map[string]int) drawing {
	d := drawing{export: Export{Judged: judged, Strata: make([]ExportedStratum, len(j.Strata))}}
	var frame []lake.Candidate
	hours := map[int64]bool{}
	for _, c := range candidates {
		hours[c.Hour] = true
		if c.Judged || !judged {
			frame = append(frame, c)
		}
	}
	d.hours = slices.Sorted(maps.Keys(hours))
	rate := j.rate(len(frame))
	d.export.Candidates, d.export.Rate = len(frame), rate
	salt := j.Spec.App + "/" + j.Spec.Release + "/label"
	for _, c := range frame {
		p := rate
		if c.Split && j.SplitRate > 0 {
			p = j.SplitRate
		}
		stratum, in := strata[c.Session]
		if in {
			p = float64(j.Strata[stratum].Rate)
			d.export.Strata[stratum].Candidates++
		}
		if hash53(salt, c.Session) < p {
			if in {
				d.export.Strata[stratum].Drawn++
			}
			d.items = append(d.items, drawn{name12("item", j.Spec.App, j.Spec.Release, j.Rubric.Name, c.Session), c.Session, p})
		}
	}
	sort.Slice(d.items, func(a, b int) bool { return d.items[a].item < d.items[b].item })
	d.export.Set = label.Set{ID: name12("set", j.Spec.App, j.Spec.Release, j.Rubric.Name, fmt.Sprint(d.hours)), Rubric: j.Rubric}
	return d
}

// rate is the probability with which one of n is drawn.
func (j ExportJob) rate(n int) float64 {
	if j.Rate > 0 || n == 0 {
		return j.Rate
	}
	return math.Min(1, math.Max(minLabelRate, float64(j.Count)/float64(n)))
}

// criteria names the rubric as a whole and its criteria, as rows do.
func criteria(r *judge.Rubric) []string {
	out := []string{r.Name}
	for i := range r.Criteria {
		out = append(out, r.Criterion(i))
	}
	return out
}

// keep writes down what was drawn, and makes the set.
func (j ExportJob) keep(d *drawing, texts map[string][]trace.Content) error {
	rows := &parquet.Rows{}
	for _, i := range d.items {
		verdict := trace.Pending
		if turns, ok := texts[i.session]; ok {
			d.export.Set.Items = append(d.export.Set.Items, label.Item{ID: i.item, Shown: []judge.Dialogue{dialogueOf(turns)}})
		} else {
			verdict = trace.Skipped // nobody can label what is not kept
			d.export.Textless++
		}
		for _, c := range criteria(j.Rubric) {
			rows.Labels = append(rows.Labels, trace.Label{
				LabelID: drawnID(d.export.Set.ID, i.item, c), App: j.Spec.App, SessionID: i.session, Criterion: c, Verdict: verdict,
				InclusionProbability: &i.probability, LabeledAt: j.AsOf,
			})
		}
	}
	for _, hour := range d.hours {
		rows.Events = append(rows.Events, trace.Event{
			EventID: fmt.Sprintf("%s-%s-%d", EventExported, d.export.Set.ID, hour), App: j.Spec.App, Release: j.Spec.Release,
			Kind: EventExported, Detail: j.Rubric.Name, Actor: "weir export", OccurredAt: time.Unix(hour*3600, 0).UTC(),
		})
	}
	return publish(j.Lake, "export-"+d.export.Set.ID, rows)
}

// publish brings rows into the lake as a batch.
func publish(dir, name string, rows *parquet.Rows) error {
	l, err := parquet.Open(dir)
	if err != nil {
		return err
	}
	return l.Write(name, rows)
}

// drawnID names the row of something drawn for labels, by which its item is found again.
func drawnID(set, item, criterion string) string {
	return "drawn/" + set + "/" + item + "/" + criterion
}

// drawnOf reads such a name; false where it is none.
func drawnOf(id string) (set, item string, ok bool) {
	parts := strings.SplitN(id, "/", 4)
	if len(parts) != 4 || parts[0] != "drawn" {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// dialogueOf is what people see of a session.
func dialogueOf(turns []trace.Content) judge.Dialogue {
	var d judge.Dialogue
	for _, t := range turns {
		turn := judge.Turn{Input: t.Input, Output: t.Output}
		for _, p := range t.Retrieval {
			turn.Passages = append(turn.Passages, p.Text)
		}
		d.Turns = append(d.Turns, turn)
	}
	return d
}

// some names a few of a set, and how many there are if more.
func some(names map[string]bool) string {
	const most = 5
	list := slices.Sorted(maps.Keys(names))
	switch {
	case len(list) == 0:
		return "none"
	case len(list) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}

// again writes out a set that was drawn before.
func (j ExportJob) again(ctx context.Context, l *lake.Lake) (Export, error) {
	p, err := parquet.Open(j.Lake)
	if err != nil {
		return Export{}, err
	}
	items, pairs := map[string]string{}, map[string]offered{}
	sets := map[string]bool{}
	_, err = collect(ctx, p, j.Spec.App, func(x *trace.Label) error {
		if set, item, ok := drawnOf(x.LabelID); ok && x.Criterion == j.Rubric.Name {
			sets[set] = true
			of := subjectOf(x)
			switch {
			case set != j.Again:
			case of.caseID != "":
				pairs[item] = offeredBy(x)
			default:
				items[x.SessionID] = item
			}
		}
		return nil
	})
	if err != nil {
		return Export{}, err
	}
	if len(pairs) > 0 {
		return j.pairsAgain(ctx, l, pairs)
	}
	if len(items) == 0 {
		return Export{}, fmt.Errorf("%w: %q; sets of rubric %s in this lake: %s", ErrUnknownSet, j.Again, j.Rubric.Name, some(sets))
	}
	var sessions []string
	for s := range items {
		sessions = append(sessions, s)
	}
	texts, err := l.Transcripts(ctx, j.Spec.App, sessions)
	if err != nil {
		return Export{}, err
	}
	out := Export{Set: label.Set{ID: j.Again, Rubric: j.Rubric}, Candidates: len(items), Textless: len(items) - len(texts)}
	for session, turns := range texts {
		out.Set.Items = append(out.Set.Items, label.Item{ID: items[session], Shown: []judge.Dialogue{dialogueOf(turns)}})
	}
	sort.Slice(out.Set.Items, func(a, b int) bool { return out.Set.Items[a].ID < out.Set.Items[b].ID })
	return out, nil
}
