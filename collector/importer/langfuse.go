package importer

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

// langfuseTimes is how Langfuse writes times, in UTC.
// https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields
const langfuseTimes = "2006-01-02 15:04:05"

// langfuseJobs tells exports of scores from those of observations. A mapping
// is for the one or the other; what it is not for is read as ready-made.
func langfuseJobs(m *Mapping, files []string) ([]job, error) {
	observations := job{mapping: readyMade("langfuse", rowsRequests), read: readLangfuse}
	scores := job{mapping: readyMade("langfuse", rowsOutcomes), read: readRows("")}
	if exchanges(m.rows) || m.rows == rowsContents {
		observations.mapping = m
	} else {
		scores.mapping = m
	}
	for _, name := range files {
		isScores, err := holdsScores(name)
		switch {
		case err != nil:
			return nil, err
		case isScores:
			scores.files = append(scores.files, name)
		default:
			observations.files = append(observations.files, name)
		}
	}
	var jobs []job
	for _, j := range []job{observations, scores} {
		if len(j.files) > 0 {
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

// holdsScores looks at the first row of a file.
func holdsScores(name string) (bool, error) {
	scores := false
	var failed error
	probe := &run{source: Source{Format: "langfuse"}}
	probe.readFile(name, "", func(r *record, err error) bool {
		failed = err
		if r.readable() {
			scores = r.named("data_type").kind != null && r.named("start_time").kind == null
		}
		return false
	})
	_, fatal := badRowOf(failed) // a bad row is told of when the file is imported
	return scores, fatal
}

// named returns a field by the name that the export gives it, or that the API does.
func (r *record) named(name string) value {
	for _, n := range []string{name, camel(name)} {
		if where, ok := r.header.locate(n); ok {
			if v, found := r.get(where); found {
				return v
			}
		}
	}
	return value{}
}

// camel turns trace_id into traceId.
func camel(name string) string {
	var b strings.Builder
	upper := false
	for _, c := range name {
		switch {
		case c == '_':
			upper = true
			continue
		case upper:
			c = unicode.ToUpper(c)
		}
		upper = false
		b.WriteRune(c)
	}
	return b.String()
}

// readLangfuse reads observations, and yields a record for each trace once
// all files are read.
func readLangfuse(r *run, j job, yield yield) {
	var set spanSet
	goOn := true
	steps := int64(0)
	r.eachFile(j.files, "", func(rec *record, err error) bool {
		steps++
		if dead := r.alive(steps); dead != nil {
			err = dead
		}
		if err == nil {
			sp := observation(rec, j.mapping)
			if sp.trace != "" {
				set.add(sp)
				return true
			}
			err = sp.fault
		}
		goOn = yield(rec, err)
		return goOn
	})
	if goOn {
		set.yield(yield)
	}
}

// observation reads one row as a span; what is wrong with it is its fault.
func observation(r *record, m *Mapping) *span {
	sp := &span{
		position: r.position, trace: r.named("trace_id").literal(), id: r.named("id").literal(),
		parent: r.named("parent_observation_id").literal(), model: r.named("type").literal() == "GENERATION",
	}
	if r.named("level").literal() == "ERROR" {
		sp.failed = failure
	}
	sp.attributes = r.fields(m)
	switch {
	case sp.trace == "":
		sp.fault = r.bad("trace_id", "", errors.New("is empty"))
	case sp.id == "":
		sp.fault = r.bad("id", "", errors.New("is empty"))
	default:
		sp.fault = sp.readTimes(r)
		if sp.fault == nil {
			sp.fault = sp.readUsage(r)
		}
	}
	return sp
}

// fields returns the fields of an observation that a mapping may read.
func (r *record) fields(m *Mapping) map[string]any {
	fields := map[string]any{}
	names := m.sourceNames()
	if m.where != "" {
		names = append(names, slices.Collect(maps.Keys(r.object))...)
		if r.header != nil {
			names = append(names, r.header.names...)
		}
	}
	for _, name := range names {
		addField(fields, name, r.named(name).decoded())
	}
	return fields
}

// readTimes reads start, end and first token. Where an export tells how long
// they took instead, that is in seconds.
func (sp *span) readTimes(r *record) *RowError {
	for name, field := range map[string]*int64{"start_time": &sp.start, "end_time": &sp.end, "completion_start_time": &sp.firstToken} {
		if v := r.named(name); v.kind != null {
			t, err := langfuseTime(v)
			if err != nil {
				return r.bad(name, v.shown(false), err)
			}
			*field = t.UnixNano()
		}
	}
	for name, field := range map[string]*int64{"latency": &sp.end, "time_to_first_token": &sp.firstToken} {
		seconds, err := amount(name, r.named(name).decoded())
		if err != nil {
			return r.bad("", "", err)
		}
		if *field == 0 && seconds != nil {
			*field = sp.start + int64(math.Round(*seconds*1e9))
		}
	}
	switch {
	case sp.start == 0:
		return r.bad("start_time", "", errors.New("is empty"))
	case sp.end != 0 && sp.end < sp.start:
		return r.bad("end_time", "", errors.New("is before start_time"))
	case sp.firstToken != 0 && sp.firstToken < sp.start:
		return r.bad("completion_start_time", "", errors.New("is before start_time"))
	}
	return nil
}

// langfuseTime reads a time of an export, or of the API.
func langfuseTime(v value) (time.Time, error) {
	if t, err := asTime(v, langfuseTimes); err == nil {
		return t, nil
	}
	return asTime(v, "")
}

// readUsage adds up the kinds of tokens that have input, or output, in their
// names, as Langfuse itself does: cached ones are among those of the input.
// https://langfuse.com/docs/observability/features/token-and-cost-tracking
func (sp *span) readUsage(r *record) *RowError {
	details, err := r.namedObject("usage_details")
	if err != nil {
		return r.bad("usage_details", "", err)
	}
	for _, name := range slices.Sorted(maps.Keys(details)) {
		n, err := amount("usage_details."+name, details[name])
		switch {
		case err != nil:
			return r.bad("", "", err)
		case n == nil:
		case strings.Contains(name, "input"):
			addTo(&sp.usage.input, *n)
			if strings.Contains(name, "cache") && !strings.Contains(name, "creation") && !strings.Contains(name, "write") {
				addTo(&sp.usage.cached, *n)
			}
		case strings.Contains(name, "output"):
			addTo(&sp.usage.output, *n)
		}
	}
	cost, err := amount("total_cost", r.named("total_cost").decoded())
	if err != nil {
		return r.bad("", "", err)
	}
	if priced, _ := r.namedObject("cost_details"); cost != nil && (*cost > 0 || len(priced) > 0) {
		sp.usage.cost = cost // a price that is not known is exported as 0 without details
	}
	return nil
}

func addTo(sum **float64, n float64) {
	if *sum == nil {
		*sum = new(float64)
	}
	**sum += n
}

// namedObject returns a field that is an object, in CSV as JSON; nil where there is none.
func (r *record) namedObject(name string) (map[string]any, error) {
	v := r.named(name)
	data := v.decoded()
	if v.kind == text {
		data, _ = opened(v.text)
	}
	object, ok := data.(map[string]any)
	if !ok && v.kind != null {
		return nil, errors.New("is no object")
	}
	return object, nil
}
