package importer

import (
	"slices"

	"weir/trace"
)

// What the rows of a source are.
const (
	rowsRequests  = "requests"
	rowsSessions  = "sessions"
	rowsOutcomes  = "outcomes"
	rowsContents  = "contents"
	rowsJudgments = "judgments"
	rowsLabels    = "labels"
)

var rowKinds = []string{rowsRequests, rowsSessions, rowsOutcomes, rowsContents, rowsJudgments, rowsLabels}

// exchanges says whether rows of that kind are exchanges.
func exchanges(rows string) bool { return rows == rowsRequests || rows == rowsSessions }

// A row is one row of a source in our words, before it has an identity. Which
// of its parts are meant depends on what the rows are.
type row struct {
	exchange trace.Exchange
	failed   *bool // error, in place of exchange.ErrorType
	content  trace.Content
	outcome  trace.Outcome
	value    *float64 // outcome.Value; null until it is set
	judgment trace.Judgment
	label    trace.Label
	outcomes []*float64 // in the order of the mapping
}

// failedColumn is the column error, which no table has.
var failedColumn = trace.Column{Name: "error", Type: trace.Boolean, Meaning: "the call failed"}

// notMapped are columns that no mapping gives, and why.
var notMapped = map[string]string{
	"app":         "the app is that of the command (--app)",
	"unit_id":     "it is what the router hashed; the analysis derives it from the spec's unit",
	"received_at": "it is null for imports",
	"attributes":  "name their columns in the list attributes",
}

// freeText are the columns that hold what people and models wrote.
var freeText = []string{"input", "output", "prompt", "tool_calls", "retrieval", "spans", "comment", "reason"}

// targets returns the columns that rows of that kind can have.
func targets(rows string) []trace.Column {
	names := map[string][]string{
		rowsRequests: {"traces", "contents"}, rowsSessions: {"traces", "contents"}, rowsContents: {"contents"},
		rowsOutcomes: {"outcomes"}, rowsJudgments: {"judgments"}, rowsLabels: {"labels"},
	}[rows]
	var columns []trace.Column
	for i, name := range names {
		table, _ := trace.TableNamed(name)
		for _, c := range table.Columns {
			if notMapped[c.Name] == "" && (i == 0 || c.Name != "trace_id") {
				columns = append(columns, c)
			}
		}
	}
	switch {
	case exchanges(rows):
		columns = append(columns, failedColumn)
	case rows == rowsContents:
		columns = append(columns, trace.Column{Name: "started_at", Type: trace.Timestamp, Meaning: "arrival of the request; dates its texts"})
	}
	return columns
}

// isFree says whether a column holds text of people or models.
func isFree(rows string, c trace.Column) bool {
	return slices.Contains(freeText, c.Name) && !(exchanges(rows) && c.Name == "reason")
}

// field returns a pointer to the field of r that holds a column.
func (r *row) field(rows, column string) any {
	switch rows {
	case rowsOutcomes:
		return r.outcomeField(column)
	case rowsJudgments:
		return r.judgmentField(column)
	case rowsLabels:
		return r.labelField(column)
	case rowsContents:
		if column == "trace_id" {
			return &r.content.TraceID
		}
	}
	if f := r.contentField(column); f != nil {
		return f
	}
	return r.exchangeField(column)
}

func (r *row) exchangeField(column string) any {
	e := &r.exchange
	return map[string]any{
		"trace_id": &e.TraceID, "release": &e.Release, "session_id": &e.SessionID, "user_id": &e.UserID, "turn": &e.Turn,
		"assigned_version": &e.AssignedVersion, "served_version": &e.ServedVersion, "reason": &e.Reason, "rule": &e.Rule,
		"randomized": &e.Randomized, "propensity": &e.Propensity, "epoch": &e.Epoch, "serving_epoch": &e.ServingEpoch,
		"assigned_at": &e.AssignedAt, "promise_hash": &e.PromiseHash, "started_at": &e.StartedAt,
		"latency_ms": &e.LatencyMS, "ttft_ms": &e.TTFTMS, "upstream_ms": &e.UpstreamMS,
		"status": &e.Status, "error_type": &e.ErrorType, "streamed": &e.Streamed, "truncated": &e.Truncated,
		"model": &e.Model, "input_tokens": &e.InputTokens, "output_tokens": &e.OutputTokens, "cached_tokens": &e.CachedTokens,
		"cost_usd": &e.CostUSD, "usage_source": &e.UsageSource, "device": &e.Device, "region": &e.Region,
		"language": &e.Language, "case_id": &e.CaseID, "trial": &e.Trial, "error": &r.failed,
	}[column]
}

func (r *row) contentField(column string) any {
	c := &r.content
	return map[string]any{
		"input": &c.Input, "output": &c.Output, "prompt": &c.Prompt, "tool_calls": &c.ToolCalls,
		"retrieval": &c.Retrieval, "spans": &c.Spans,
	}[column]
}

func (r *row) outcomeField(column string) any {
	o := &r.outcome
	return map[string]any{
		"outcome_id": &o.OutcomeID, "trace_id": &o.TraceID, "session_id": &o.SessionID, "user_id": &o.UserID,
		"name": &o.Name, "value": &r.value, "comment": &o.Comment, "source": &o.Source, "occurred_at": &o.OccurredAt,
	}[column]
}

func (r *row) judgmentField(column string) any {
	j := &r.judgment
	return map[string]any{
		"judgment_id": &j.JudgmentID, "trace_id": &j.TraceID, "session_id": &j.SessionID, "case_id": &j.CaseID,
		"job": &j.Job, "criterion": &j.Criterion, "score": &j.Score, "verdict": &j.Verdict, "reason": &j.Reason,
		"judge_model": &j.JudgeModel, "judge_hash": &j.JudgeHash, "position": &j.Position,
		"inclusion_probability": &j.InclusionProbability, "tokens": &j.Tokens, "cost_usd": &j.CostUSD,
		"error": &j.Error, "judged_at": &j.JudgedAt, "release": &j.Release, "trial": &j.Trial, "flags": &j.Flags,
	}[column]
}

func (r *row) labelField(column string) any {
	l := &r.label
	return map[string]any{
		"label_id": &l.LabelID, "trace_id": &l.TraceID, "session_id": &l.SessionID, "case_id": &l.CaseID,
		"criterion": &l.Criterion, "score": &l.Score, "verdict": &l.Verdict, "comment": &l.Comment,
		"labeler": &l.Labeler, "inclusion_probability": &l.InclusionProbability, "labeled_at": &l.LabeledAt,
		"release": &l.Release, "trial": &l.Trial, "position": &l.Position,
	}[column]
}
