package live

import (
	"strings"
	"testing"

	"weir/trace"
)

// What an application reports is in the lake when the process has ended, spans
// that were held among it.
func TestReportedRequests(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	status, body := f.call("POST", "/v1/traces", `{"traces": [{"trace_id": "t1", "session_id": "s", "assigned_version": "v2", "output": "hello"}, {"assigned_version": "v9"}, {"session_id": "x"}]}`)
	if status != 200 || !strings.Contains(body, `"accepted":2`) || !strings.Contains(body, `"unknown":1`) || !strings.Contains(body, `"index":2`) {
		t.Errorf("%d %s", status, body)
	}
	const span = `{"resourceSpans": [{"resource": {"attributes": [{"key": "service.version", "value": {"stringValue": "v1"}}]}, "scopeSpans": [{"spans": [
		{"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "00f067aa0ba902b7", "startTimeUnixNano": "1795424340000000000", "endTimeUnixNano": "1795424341000000000", "attributes": []}]}]}]}`
	if status, body := f.call("POST", "/v1/traces", span); status != 200 || body != "{}\n" {
		t.Errorf("%d %s", status, body)
	}
	if _, body := f.call("GET", "/metrics", ""); !strings.Contains(body, `weir_traces_reported_total{result="accepted"} 2`) {
		t.Error("the metrics do not count them")
	}
	f.stop()
	versions := map[string]int{}
	for _, x := range rows[trace.Exchange](p) {
		versions[x.AssignedVersion+" "+x.Release]++
	}
	if len(versions) != 3 || versions["v1 r1"]+versions["v2 r1"]+versions["v9 r1"] != 3 {
		t.Errorf("%v", versions)
	}
	if texts := rows[trace.Content](p); len(texts) != 1 || texts[0].Output != "hello" {
		t.Errorf("%+v", texts)
	}
}
