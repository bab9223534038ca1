package main

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// A drill counts requests by when they began and ended, and what it has not seen is unknown.
func TestDrillCounts(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	const asked, acknowledged = 100, 110
	for name, c := range map[string]struct {
		all  []drilled
		want drillResult
		says string
	}{
		"moved at once": {[]drilled{
			{at(90), at(95), "v2", ""}, {at(105), at(108), "v1", ""}, {at(98), at(120), "v2", ""}, {at(111), at(115), "v1", ""}, {at(112), at(118), "", "refused"},
		}, drillResult{Before: 1, UnderWay: 1, After: 1, Failed: 1, AcknowledgeS: .01, FirstStableS: new(-.002)}, "-2.0 ms from the acknowledgement"},
		"leaked": {[]drilled{
			{at(111), at(112), "v2", ""}, {at(113), at(115), "v1", ""},
		}, drillResult{After: 2, Leaked: 1, AcknowledgeS: .01, FirstStableS: new(.005)}, "▼"},
		"stable answers nothing": {[]drilled{
			{at(90), at(95), "v2", ""}, {at(111), at(120), "", "refused"},
		}, drillResult{Before: 1, Failed: 1, AcknowledgeS: .01}, "no answer"},
	} {
		c.want.Candidate, c.want.Stable = "v2", "v1"
		r := drillResult{Candidate: "v2", Stable: "v1"}
		r.count(c.all, at(asked), at(acknowledged))
		if !reflect.DeepEqual(r, c.want) {
			t.Errorf("%s: %+v, want %+v", name, r, c.want)
		}
		var table strings.Builder
		if err := r.table(&table); err != nil || !strings.Contains(table.String(), c.says) {
			t.Errorf("%s: the table is\n%s, %v", name, table.String(), err)
		}
	}
}
