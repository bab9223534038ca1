package importer

import (
	"cmp"
	"fmt"
	"path/filepath"

	"weir/trace"
)

// A Sink takes the rows of a run. It may keep what it is given. Its errors end
// the run.
type Sink interface {
	Exchange(*trace.Exchange) error
	Content(date string, c *trace.Content) error
	Outcome(*trace.Outcome) error
	Judgment(*trace.Judgment) error
	Label(*trace.Label) error
	Loss(*trace.Loss) error
}

// A writer gives rows identity and passes on those that are new.
type writer struct {
	app, release string
	sink         Sink
	lake         func(table, id string) (Hash, bool)
	seen         occurrences
	own          Index // rows of this run whose id came from the source, and outcomes
	report       *Report
}

// badRow is the reason of losses that an import counts.
const badRow = "bad_row"

// write passes on the row that a plan has read.
func (w *writer) write(p *plan, r *record) error {
	switch p.rows {
	case rowsContents:
		return w.contentRow(p, r)
	case rowsOutcomes:
		return w.outcomeRow(p, r)
	case rowsJudgments:
		return w.judgment(r, p.scratch.judgment)
	case rowsLabels:
		return w.label(r, p.scratch.label)
	default:
		return w.exchange(p, r)
	}
}

// exchange writes a request or a session with its texts and outcomes.
func (w *writer) exchange(p *plan, r *record) error {
	e := p.scratch.exchange
	explicit := w.identify(&e, p.rows, r)
	isNew, err := w.admit(r, "traces", e.TraceID, explicit, func() Hash { return HashExchange(&e) })
	if err != nil {
		return err
	}
	var texts *trace.Content
	if hasText(&p.scratch.content) {
		if texts, err = w.texts(p.scratch.content, &e, explicit, r); err != nil {
			return err
		}
	}
	w.countArm(e.AssignedVersion, Arm{Exchanges: 1})
	if isNew {
		err = w.add("traces", w.sink.Exchange(&e))
	}
	if texts != nil && err == nil {
		err = w.add("contents", w.sink.Content(trace.Date(e.StartedAt), texts))
	}
	if err != nil {
		return err
	}
	return w.outcomes(p, &e)
}

// texts returns the texts of an exchange, or nil where they are known.
func (w *writer) texts(c trace.Content, e *trace.Exchange, explicit bool, r *record) (*trace.Content, error) {
	c.TraceID, c.App = e.TraceID, w.app
	isNew, err := w.admit(r, "contents", c.TraceID, explicit, func() Hash { return HashContent(&c) })
	if err != nil || !isNew {
		return nil, err
	}
	return &c, nil
}

// identify fills in what an exchange has from the run, and the ids it lacks.
// It says whether the row brought its own trace_id.
func (w *writer) identify(e *trace.Exchange, rows string, r *record) (explicit bool) {
	e.App = w.app
	e.Release = cmp.Or(e.Release, w.release)
	explicit = e.TraceID != ""
	if !explicit {
		e.TraceID = w.rowID(r, "traces", e.Release, e.AssignedVersion)
	}
	if e.SessionID == "" && rows == rowsSessions {
		e.SessionID = e.TraceID
	}
	return explicit
}

func hasText(c *trace.Content) bool {
	return c.Input != "" || c.Output != "" || c.Prompt != "" || c.ToolCalls != "" || c.Retrieval != nil || c.Spans != nil
}

// contentRow writes texts that come by themselves.
func (w *writer) contentRow(p *plan, r *record) error {
	c := p.scratch.content
	c.App = w.app
	isNew, err := w.admit(r, "contents", c.TraceID, true, func() Hash { return HashContent(&c) })
	if err != nil || !isNew {
		return err
	}
	return w.add("contents", w.sink.Content(trace.Date(p.scratch.exchange.StartedAt), &c))
}

// outcomes writes the outcomes of a request or session: of its session, else
// of itself. What the session has said before is not said again.
func (w *writer) outcomes(p *plan, e *trace.Exchange) error {
	subject, session, request := "session", e.SessionID, ""
	if session == "" {
		subject, request = "trace", e.TraceID
	}
	for i, v := range p.scratch.outcomes {
		if v == nil {
			continue
		}
		name := p.outcomes[i].target
		id := outcomeID(w.app, subject, session+request, name, *v)
		if _, said := w.own.Known("outcomes", id); said {
			continue
		}
		w.own.add("outcomes", id, Hash{})
		if _, known := w.lake("outcomes", id); known {
			w.report.Known["outcomes"]++
			continue
		}
		o := &trace.Outcome{OutcomeID: id, App: w.app, TraceID: request, SessionID: session, Name: name, Value: *v, OccurredAt: e.StartedAt}
		if err := w.add("outcomes", w.sink.Outcome(o)); err != nil {
			return err
		}
	}
	return nil
}

// outcomeRow writes a row that is an outcome, or one for each outcome of the
// mapping that the row has.
func (w *writer) outcomeRow(p *plan, r *record) error {
	if len(p.outcomes) == 0 {
		return w.outcome(r, p.scratch.outcome, "")
	}
	id := w.rowID(r, "outcomes", "", "")
	for i, v := range p.scratch.outcomes {
		if v == nil {
			continue
		}
		o := p.scratch.outcome
		o.Name, o.Value = p.outcomes[i].target, *v
		if err := w.outcome(r, o, deriveID(id, o.Name)); err != nil {
			return err
		}
	}
	return nil
}

// outcome writes one event; id is for one that has none itself.
func (w *writer) outcome(r *record, o trace.Outcome, id string) error {
	o.App = w.app
	explicit := o.OutcomeID != ""
	switch {
	case explicit:
	case id != "":
		o.OutcomeID = id
	default:
		o.OutcomeID = w.rowID(r, "outcomes", "", "")
	}
	isNew, err := w.admit(r, "outcomes", o.OutcomeID, explicit, func() Hash { return HashOutcome(&o) })
	if err != nil || !isNew {
		return err
	}
	return w.add("outcomes", w.sink.Outcome(&o))
}

func (w *writer) judgment(r *record, j trace.Judgment) error {
	j.App = w.app
	explicit := j.JudgmentID != ""
	if !explicit {
		j.JudgmentID = w.rowID(r, "judgments", "", "")
	}
	isNew, err := w.admit(r, "judgments", j.JudgmentID, explicit, func() Hash { return HashJudgment(&j) })
	if err != nil || !isNew {
		return err
	}
	return w.add("judgments", w.sink.Judgment(&j))
}

func (w *writer) label(r *record, l trace.Label) error {
	l.App = w.app
	explicit := l.LabelID != ""
	if !explicit {
		l.LabelID = w.rowID(r, "labels", "", "")
	}
	isNew, err := w.admit(r, "labels", l.LabelID, explicit, func() Hash { return HashLabel(&l) })
	if err != nil || !isNew {
		return err
	}
	return w.add("labels", w.sink.Label(&l))
}

// loss counts a bad row of requests or sessions against its arm.
func (w *writer) loss(p *plan, r *record) error {
	l := trace.Loss{App: w.app, Release: w.release, Reason: badRow, Rows: 1, Source: filepath.Base(r.file)}
	if r.readable() {
		e := p.legible(r)
		l.Version, l.StartedAt, l.EndedAt = e.AssignedVersion, e.StartedAt, e.StartedAt
		l.Release = cmp.Or(e.Release, w.release)
	}
	l.LossID = w.rowID(r, "losses", l.Release, l.Version)
	w.countArm(l.Version, Arm{Skipped: 1})
	if isNew, err := w.admit(r, "losses", l.LossID, false, nil); err != nil || !isNew {
		return err
	}
	return w.add("losses", w.sink.Loss(&l))
}

// add counts a row that the sink has taken.
func (w *writer) add(table string, err error) error {
	if err == nil {
		w.report.Added[table]++
	}
	return err
}

func (w *writer) countArm(version string, n Arm) {
	arm := w.report.Arms[version]
	w.report.Arms[version] = Arm{arm.Exchanges + n.Exchanges, arm.Skipped + n.Skipped}
}

// admit says whether a row is new. A row that is known by its id is not; if
// its content is another one, that is an error of the row. A nil hash asks for the id only.
func (w *writer) admit(r *record, table, id string, explicit bool, hash func() Hash) (isNew bool, err error) {
	var content Hash
	if explicit {
		content = hash()
		if earlier, ok := w.own.Known(table, id); ok {
			return false, w.known(r, table, id, earlier == content, "in the files of this import")
		}
		w.own.add(table, id, content)
	}
	stored, ok := w.lake(table, id)
	if !ok {
		return true, nil
	}
	if !explicit && hash != nil {
		content = hash()
	}
	return false, w.known(r, table, id, hash == nil || stored == content, "in the lake")
}

// known counts a row that is there already, or returns the error of one that
// says something else.
func (w *writer) known(r *record, table, id string, same bool, where string) error {
	if same {
		w.report.Known[table]++
		return nil
	}
	changed := r.bad("", "", fmt.Errorf("the %s row %s is already %s with other content", table, id, where))
	changed.Changed = true
	return changed
}

func newReport() Report {
	return Report{Added: map[string]int64{}, Known: map[string]int64{}, Arms: map[string]Arm{}}
}
