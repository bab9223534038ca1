package importer

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The parts of OTLP/JSON that are read. Ids are hexadecimal, 64-bit integers
// may be texts; both differ from the JSON mapping of Protocol Buffers.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
type (
	otlpRequest struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes []otlpAttribute }
			ScopeSpans []struct{ Spans []json.RawMessage }
		}
		ResourceLogs, ResourceMetrics json.RawMessage
	}
	otlpSpan struct {
		TraceID, SpanID, ParentSpanID      string
		StartTimeUnixNano, EndTimeUnixNano json.Number
		Attributes                         []otlpAttribute
		Events                             []struct{ Attributes []otlpAttribute }
		Status                             struct{ Code any }
	}
	otlpAttribute struct {
		Key   string
		Value otlpValue
	}
	otlpValue struct {
		StringValue, BytesValue *string
		BoolValue               *bool
		IntValue, DoubleValue   *json.Number
		ArrayValue              *struct{ Values []otlpValue }
		KvlistValue             *struct{ Values []otlpAttribute }
	}
)

// readOTLP reads lines of OTLP/JSON, and yields a record for each trace once
// all files are read.
func readOTLP(r *run, j job, yield yield) {
	var set spanSet
	for _, name := range j.files {
		r.progress.File = name
		if !r.readOTLPFile(name, &set, j.mapping.keeps, yield) {
			return
		}
		r.tell()
	}
	set.yield(yield)
}

// readOTLPFile says whether to go on.
func (r *run) readOTLPFile(name string, set *spanSet, keep func(string) bool, yield yield) bool {
	t, err := openText(name, r.count)
	if err != nil {
		return yield(nil, err)
	}
	defer t.file.Close()
	goOn := true
	t.readLines(maxRow, func(line int64, text []byte, err error) bool {
		at := position{file: name, line: line}
		if dead := r.alive(line); dead != nil {
			err = dead
		}
		if err != nil {
			goOn = yield(at.unreadable(""), at.rowError(err))
		} else {
			goOn = addOTLP(at, text, set, keep, yield)
		}
		return goOn
	})
	return goOn
}

// addOTLP adds the spans of one request. A span whose trace cannot be told is
// a bad row of its own.
func addOTLP(at position, text []byte, set *spanSet, keep func(string) bool, yield yield) bool {
	var request otlpRequest
	if err := decodeOTLP(text, &request); err != nil {
		return yield(at.unreadable(string(text)), at.bad("", "", err))
	}
	if request.ResourceSpans == nil && request.ResourceLogs == nil && request.ResourceMetrics == nil {
		return yield(at.unreadable(string(text)), at.bad("", "", errors.New("is no ExportTraceServiceRequest: it has no resourceSpans")))
	}
	for _, resource := range request.ResourceSpans {
		shared := kept(attributeMap(resource.Resource.Attributes), keep)
		for _, scope := range resource.ScopeSpans {
			for _, raw := range scope.Spans {
				sp := parseSpan(at, raw, keep)
				sp.resource = shared
				if sp.trace == "" {
					if !yield(at.unreadable(string(raw)), sp.fault) {
						return false
					}
					continue
				}
				set.add(sp)
			}
		}
	}
	return true
}

func decodeOTLP(text []byte, into any) error {
	if !utf8.Valid(text) {
		return errors.New("is not UTF-8")
	}
	err := json.Unmarshal(text, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("is not OTLP/JSON: %s is of the JSON type %s", cmp.Or(wrong.Field, "it"), wrong.Value)
	}
	return jsonError(err)
}

// parseSpan reads a span; what is wrong with it is its fault.
func parseSpan(at position, raw json.RawMessage, keep func(string) bool) *span {
	sp := &span{position: at}
	var o otlpSpan
	err := decodeOTLP(raw, &o)
	if id := strings.ToLower(o.TraceID); isID(id, 16) {
		sp.trace = id
	} else if err == nil {
		err = errors.New("a span has a traceId that is not 32 hexadecimal digits")
	}
	if err == nil {
		err = sp.read(&o, keep)
	}
	sp.fault = at.bad("", "", err)
	return sp
}

func isID(s string, bytes int) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == bytes && slices.ContainsFunc(b, func(c byte) bool { return c != 0 })
}

func (sp *span) read(o *otlpSpan, keep func(string) bool) (err error) {
	sp.id, sp.parent = strings.ToLower(o.SpanID), strings.ToLower(o.ParentSpanID)
	if !isID(sp.id, 8) {
		return errors.New("a span has a spanId that is not 16 hexadecimal digits")
	}
	if sp.start, err = nanos(o.StartTimeUnixNano); err != nil || sp.start == 0 {
		return fmt.Errorf("span %s: startTimeUnixNano is no time", sp.id)
	}
	if sp.end, err = nanos(o.EndTimeUnixNano); err != nil {
		return fmt.Errorf("span %s: endTimeUnixNano is no time", sp.id)
	}
	if sp.end != 0 && sp.end < sp.start {
		return fmt.Errorf("span %s ended before it started", sp.id)
	}
	attributes := attributeMap(o.Attributes)
	canonical(attributes)
	sp.status = attributes["http.response.status_code"]
	sp.failed = failureOf(o, attributes)
	if err := sp.readModel(attributes); err != nil {
		return fmt.Errorf("span %s: %w", sp.id, err)
	}
	sp.attributes = kept(attributes, keep)
	return nil
}

// readModel tells whether a span is a call of a model, and what it used.
func (sp *span) readModel(attributes map[string]any) (err error) {
	fields := map[string]**float64{
		"gen_ai.usage.input_tokens": &sp.usage.input, "gen_ai.usage.output_tokens": &sp.usage.output,
		"gen_ai.usage.cache_read.input_tokens": &sp.usage.cached, "gen_ai.usage.cost": &sp.usage.cost,
	}
	var wait *float64
	fields["gen_ai.response.time_to_first_chunk"] = &wait
	for name, field := range fields {
		if *field, err = amount(name, attributes[name]); err != nil {
			return err
		}
	}
	if wait != nil && *wait > 0 {
		sp.firstToken = sp.start + int64(math.Round(*wait*1e9))
	}
	sp.model = isModelCall(attributes, sp.usage.input != nil || sp.usage.output != nil)
	return nil
}

// isModelCall says whether attributes are those of a call of a model. Spans of
// agents that tell what they used are, so that it is not lost where their
// calls have no span; embeddings, tools and retrievals are not.
func isModelCall(attributes map[string]any, tellsUsage bool) bool {
	operation, _ := attributes["gen_ai.operation.name"].(string)
	kind, _ := attributes["openinference.span.kind"].(string)
	switch {
	case slices.Contains([]string{"chat", "text_completion", "generate_content", "completion"}, operation), strings.EqualFold(kind, "LLM"):
		return true
	case slices.Contains([]string{"embeddings", "embedding", "execute_tool", "retrieval", "rerank"}, operation),
		slices.Contains([]string{"EMBEDDING", "TOOL", "RETRIEVER", "RERANKER"}, strings.ToUpper(kind)):
		return false
	}
	return tellsUsage
}

// amount reads a number that may be absent.
func amount(name string, v any) (*float64, error) {
	cell := valueOf(v)
	if cell.kind == null {
		return nil, nil
	}
	f, err := asNumber(cell)
	if err == nil && f < 0 {
		err = errors.New("is negative")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s %w", name, cell.shown(false), err)
	}
	return &f, nil
}

// failureOf returns why a span failed, empty where it did not.
func failureOf(o *otlpSpan, attributes map[string]any) string {
	code := fmt.Sprint(o.Status.Code)
	reason, _ := attributes["error.type"].(string)
	if reason == "" && code != "2" && code != "STATUS_CODE_ERROR" {
		return ""
	}
	for _, e := range o.Events {
		if exception, _ := attributeMap(e.Attributes)["exception.type"].(string); reason == "" {
			reason = exception
		}
	}
	if reason == "" {
		return failure
	}
	return reason
}

// nanos reads a time in nanoseconds since 1970; 0 where there is none.
func nanos(n json.Number) (int64, error) {
	if n == "" {
		return 0, nil
	}
	t, err := strconv.ParseInt(string(n), 10, 64)
	if err == nil && t < 0 {
		err = errors.New("is before 1970")
	}
	return t, err
}

func attributeMap(list []otlpAttribute) map[string]any {
	attributes := make(map[string]any, len(list))
	for _, a := range list {
		if v := a.Value.native(); v != nil {
			attributes[a.Key] = v
		}
	}
	return attributes
}

// native returns an attribute's value as decoded JSON would be.
func (v otlpValue) native() any {
	switch {
	case v.StringValue != nil:
		return *v.StringValue
	case v.BytesValue != nil:
		return *v.BytesValue
	case v.BoolValue != nil:
		return *v.BoolValue
	case v.IntValue != nil:
		return *v.IntValue
	case v.DoubleValue != nil:
		return *v.DoubleValue
	case v.ArrayValue != nil:
		items := make([]any, len(v.ArrayValue.Values))
		for i, item := range v.ArrayValue.Values {
			items[i] = item.native()
		}
		return items
	case v.KvlistValue != nil:
		return attributeMap(v.KvlistValue.Values)
	}
	return nil
}

// kept drops what nobody asks for.
func kept(attributes map[string]any, keep func(string) bool) map[string]any {
	for name := range attributes {
		if !keep(name) {
			delete(attributes, name)
		}
	}
	return attributes
}
