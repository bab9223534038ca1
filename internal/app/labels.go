package app

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"weir/collector/parquet"
	"weir/judge"
	"weir/judge/label"
	"weir/trace"
)

// A LabelJob brings labels back.
type LabelJob struct {
	Lake, App string
	Rubric    *judge.Rubric
	Labeler   string // of rows that name none
	Files     []string
	Now       time.Time // zero is now
	picked    bool      // what is labelled was chosen, and not drawn
}

// A LabelReport says what came of it, in answers to questions.
type LabelReport struct {
	Dialogues int `json:"dialogues"` // that something was said of
	Pairs     int `json:"pairs"`     // that something was said of
	Added     int `json:"added"`
	Corrected int `json:"corrected"` // of those, answers that take the place of another by the same person
	Known     int `json:"known"`     // were there already
	Older     int `json:"older"`     // left out: the same person has given another answer since
	Skipped   int `json:"skipped"`   // of those added, declined
}

// A subject is what a label is about: a session, or both runs of a trial of a case.
type subject struct {
	session string
	pair
}

// A pair is a trial of a case, run under both versions of a release. Release is empty and
// trial noTrial where rows do not tell them.
type pair struct {
	release, caseID string
	trial           int64
}

const noTrial = -1

func pairOf(release, caseID string, trial *int64) pair {
	p := pair{release: release, caseID: caseID, trial: noTrial}
	if trial != nil {
		p.trial = *trial
	}
	return p
}

// subjectOf is what a label is about, as its row says.
func subjectOf(x *trace.Label) subject {
	if x.CaseID != "" {
		return subject{pair: pairOf(x.Release, x.CaseID, x.Trial)}
	}
	return subject{session: x.SessionID}
}

// An offered is what was drawn for labels.
type offered struct {
	subject
	position    judge.Order // of a pair: in which order people see it
	probability *float64
	at          time.Time // when it was drawn
}

// offeredBy is what was drawn, as its row says.
func offeredBy(x *trace.Label) offered {
	return offered{subjectOf(x), judge.Order(x.Position), x.InclusionProbability, x.LabeledAt}
}

// mode is how people are asked about it.
func (o offered) mode() judge.Mode {
	if o.caseID != "" {
		return judge.Pairwise
	}
	return judge.Pointwise
}

// ofTreatment turns A's share of the win into treatment's.
func (o offered) ofTreatment(share float64) float64 {
	if o.mode() == judge.Pairwise && o.position != judge.TreatmentFirst {
		return 1 - share
	}
	return share
}

// An answer is what a person last said on a question.
type answer struct {
	at      time.Time
	score   *float64
	verdict string
	comment string
}

type answerID struct {
	subject
	criterion, labeler string
}

// same reports whether two answers say the same.
func (a answer) same(b answer) bool {
	score := a.score == nil && b.score == nil || a.score != nil && b.score != nil && *a.score == *b.score
	return score && a.verdict == b.verdict && a.comment == b.comment
}

// A labelBook is what the lake holds of labels by one rubric.
type labelBook struct {
	offered map[string]offered // by item
	last    map[answerID]answer
	picked  map[answerID]answer // of what was chosen, and not drawn
}

func readBook(ctx context.Context, l *parquet.Lake, app string, rubric *judge.Rubric) (labelBook, error) {
	b := labelBook{map[string]offered{}, map[answerID]answer{}, map[answerID]answer{}}
	_, err := collect(ctx, l, app, func(x *trace.Label) error {
		if _, item, ok := drawnOf(x.LabelID); ok {
			if x.Criterion == rubric.Name {
				b.offered[item] = offeredBy(x)
			}
			return nil
		}
		id, last := answerID{subjectOf(x), x.Criterion, x.Labeler}, b.last
		if strings.HasPrefix(x.LabelID, trace.PickedPrefix) {
			last = b.picked
		}
		if old, ok := last[id]; !ok || !x.LabeledAt.Before(old.at) {
			last[id] = answer{x.LabeledAt, x.Score, x.Verdict, x.Comment}
		}
		return nil
	})
	return b, err
}

// ImportLabels reads the files, all or, after a fault, none, and adds what the lake
// does not hold yet. The same files again add nothing; a changed answer takes the
// place of the earlier one.
func ImportLabels(ctx context.Context, j LabelJob) (LabelReport, error) {
	if j.Now.IsZero() {
		j.Now = time.Now().UTC()
	}
	book, err := j.book(ctx)
	if err != nil {
		return LabelReport{}, err
	}
	var marks []label.Mark
	for _, path := range j.Files {
		read, err := readMarks(path, j, book)
		if err != nil {
			return LabelReport{}, err
		}
		marks = append(marks, read...)
	}
	return j.add(marks, book)
}

// GiveLabels takes in what one person says of one item, as a line of JSON, and
// tells which session it is about.
func GiveLabels(ctx context.Context, j LabelJob, item string, line io.Reader) (report LabelReport, session string, err error) {
	book, err := j.book(ctx)
	if err != nil {
		return report, "", err
	}
	marks, err := label.Read("the label", line, j.Rubric, j.Labeler, book.drawn, j.Now)
	if err != nil {
		return report, "", err
	}
	report, err = j.add(marks, book)
	return report, book.offered[item].session, err
}

// ErrDrawn says that what somebody chose to label was drawn by chance too.
var ErrDrawn = errors.New("it is drawn for labels: label it in its set, blind")

// PickLabels takes in what one person says of a dialogue that they chose, as a line of
// JSON whose item is the session. It is kept as theirs and enters no estimate: who
// chooses sees what others did not. One that was drawn too has to be labelled as that.
func PickLabels(ctx context.Context, j LabelJob, session string, line io.Reader) (LabelReport, error) {
	j.picked = true
	book, err := j.book(ctx)
	if err != nil {
		return LabelReport{}, err
	}
	for _, o := range book.offered {
		if _, given := book.last[answerID{o.subject, j.Rubric.Name, j.Labeler}]; o.session == session && !given {
			return LabelReport{}, ErrDrawn
		}
	}
	book.offered, book.last = map[string]offered{session: {subject: subject{session: session}}}, book.picked
	marks, err := label.Read("the label", line, j.Rubric, j.Labeler, book.drawn, j.Now)
	if err != nil {
		return LabelReport{}, err
	}
	return j.add(marks, book)
}

func (j LabelJob) book(ctx context.Context) (labelBook, error) {
	l, err := parquet.Open(j.Lake)
	if err != nil {
		return labelBook{}, err
	}
	return readBook(ctx, l, j.App, j.Rubric)
}

func (b labelBook) drawn(item string) (label.Drawn, bool) {
	o, ok := b.offered[item]
	return label.Drawn{Mode: o.mode(), At: o.at}, ok
}

// add brings what is not known into the lake.
func (j LabelJob) add(marks []label.Mark, book labelBook) (report LabelReport, err error) {
	rows := &parquet.Rows{}
	for i, m := range marks {
		if m.Mode == judge.Pairwise {
			report.Pairs++
		} else {
			report.Dialogues++
		}
		at := m.At
		if at.IsZero() {
			at = j.Now.Add(time.Duration(i) * time.Microsecond)
		}
		j.rows(m, at, book, rows, &report)
	}
	if len(rows.Labels) == 0 {
		return report, nil
	}
	return report, publish(j.Lake, "labels-"+strings.TrimPrefix(rows.Labels[0].LabelID, trace.PickedPrefix), rows)
}

func readMarks(path string, j LabelJob, book labelBook) ([]label.Mark, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return label.Read(path, f, j.Rubric, j.Labeler, book.drawn, j.Now)
}

// rows adds what a mark says that is not known: its criteria, and the rubric as a
// whole where all of them are answered.
func (j LabelJob) rows(m label.Mark, at time.Time, book labelBook, rows *parquet.Rows, report *LabelReport) {
	of, prefix := book.offered[m.Item], ""
	if j.picked {
		prefix = trace.PickedPrefix
	}
	add := func(criterion string, a answer) {
		id := answerID{of.subject, criterion, m.Labeler}
		old, had := book.last[id]
		if had && old.same(a) {
			report.Known++
			return
		}
		if had && at.Before(old.at) {
			report.Older++
			return
		}
		at := at
		if had {
			report.Corrected++
			if at.Equal(old.at) { // said at the same time, as far as it is told: what comes in last counts
				at = at.Add(time.Microsecond)
			}
		}
		if a.score == nil {
			report.Skipped++
		}
		report.Added++
		a.at = at
		book.last[id] = a
		rows.Labels = append(rows.Labels, of.row(trace.Label{
			LabelID: prefix + name12("label", j.App, m.Item, criterion, m.Labeler, a.verdict, strconv.FormatInt(at.UnixMicro(), 10)), App: j.App,
			Criterion: criterion, Score: a.score, Verdict: a.verdict, Comment: a.comment, Labeler: m.Labeler, LabeledAt: at,
		}))
	}
	shares, whole, all := m.Shares(j.Rubric)
	for i := range shares {
		shares[i] = of.ofTreatment(shares[i])
	}
	whole = of.ofTreatment(whole)
	open := false
	for i, c := range j.Rubric.Criteria {
		switch level := m.Levels[i]; level.State {
		case label.Open:
			open = true
		case label.Skipped:
			add(j.Rubric.Criterion(i), answer{verdict: trace.Skipped, comment: m.Comment})
		default:
			add(j.Rubric.Criterion(i), answer{score: &shares[i], verdict: m.Word(c, level), comment: m.Comment})
		}
	}
	switch {
	case all:
		add(j.Rubric.Name, answer{score: &whole, comment: m.Comment})
	case !open:
		add(j.Rubric.Name, answer{verdict: trace.Skipped, comment: m.Comment})
	}
}

// row says in a label what it is about, and with which probability that was drawn.
func (o offered) row(x trace.Label) trace.Label {
	x.SessionID, x.CaseID, x.Release, x.Position, x.InclusionProbability = o.session, o.caseID, o.release, string(o.position), o.probability
	if o.caseID != "" && o.trial != noTrial {
		x.Trial = &o.trial
	}
	return x
}
