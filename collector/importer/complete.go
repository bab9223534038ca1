package importer

import (
	"cmp"
	"errors"
	"fmt"

	"weir/trace"
)

// failure is the error_type of a call of which only is known that it failed.
const failure = "error"

// complete makes sure that a row has what its kind cannot do without.
func (p *plan) complete(r *record) *RowError {
	var err error
	switch row := &p.scratch; p.rows {
	case rowsRequests, rowsSessions:
		return p.completeExchange(r)
	case rowsContents:
		err = present("trace_id", row.content.TraceID)
	case rowsOutcomes:
		err = row.completeOutcome(len(p.outcomes) > 0)
	case rowsJudgments:
		j := &row.judgment
		err = cmp.Or(present("criterion", j.Criterion), present("trace_id, session_id or case_id", oneOf(&j.TraceID, &j.SessionID, &j.CaseID)))
	case rowsLabels:
		l := &row.label
		err = cmp.Or(present("criterion", l.Criterion), present("trace_id, session_id or case_id", oneOf(&l.TraceID, &l.SessionID, &l.CaseID)))
	}
	return r.bad("", "", err)
}

func (p *plan) completeExchange(r *record) *RowError {
	if failed := p.scratch.failed; failed != nil && *failed {
		p.scratch.exchange.ErrorType = failure
	}
	if p.scratch.exchange.AssignedVersion != "" {
		return nil
	}
	theirs := ""
	for _, s := range p.arm {
		if s.target == "assigned_version" {
			theirs = s.theirs()
		}
	}
	return r.bad(theirs, "", errors.New("is empty or missing: it has to tell the version (assigned_version)"))
}

func (r *row) completeOutcome(wide bool) error {
	o := &r.outcome
	if err := present("trace_id, session_id or user_id", oneOf(&o.TraceID, &o.SessionID, &o.UserID)); err != nil || wide {
		return err
	}
	switch {
	case o.Name == "":
		return present("name", "")
	case r.value == nil:
		return present("value", "")
	case !trace.OutcomeFits(o.Name, *r.value):
		return fmt.Errorf("the outcome %s is %v: it has to be 0 or 1", o.Name, *r.value)
	}
	o.Value = *r.value
	return nil
}

func present(column, value string) error {
	if value == "" {
		return fmt.Errorf("there is no %s", column)
	}
	return nil
}

// oneOf leaves the first id that is there, which it returns, and clears the others.
func oneOf(ids ...*string) string {
	first := ""
	for _, id := range ids {
		if first != "" {
			*id = ""
		}
		first += *id
	}
	return first
}

// legible returns what can be read of the arm and the time of a record that is
// bad otherwise.
func (p *plan) legible(r *record) trace.Exchange {
	p.scratch = p.base
	for i := range p.arm {
		p.arm[i].run(r) // what is bad stays null
	}
	return p.scratch.exchange
}
