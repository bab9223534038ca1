package reports

import (
	"slices"
	"strings"
	"testing"
	"time"

	"weir/analyze"
	"weir/rollout"
)

// A release that goes on counts its days to now, one that is over to its last unit; cases
// have no days.
func TestDays(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*analyze.Result)
		en, zh string
	}{
		{name: "going on", change: func(*analyze.Result) {}, en: "day 6", zh: "第 6 天"},
		{name: "looked at a year later", change: func(r *analyze.Result) { r.Period.AsOf = r.Period.AsOf.AddDate(1, 0, 0) },
			en: "units to 23 Nov 2026 13:58 UTC, day 6", zh: "数据截至 2026 年 11 月 23 日 13:58 UTC，第 6 天"},
		{name: "for a day nobody came", change: func(r *analyze.Result) { r.Period.AsOf = r.Period.Last.Add(24 * time.Hour) }, en: "day 7", zh: "第 7 天"},
		{name: "the last unit is not known", change: func(r *analyze.Result) { r.Period.Last = nil }, en: "day 6", zh: "第 6 天"},
		{name: "cases", change: func(r *analyze.Result) { r.Design.Offline = true }, en: "offline, cases not paired", zh: "离线，用例未配对"},
	} {
		rec := live(rollout.Hold, nil, nil, resolution())
		c.change(&rec.Analysis.Result)
		if got := factsOf(rec); !slices.Contains(got, c.en) || len(got) != 2 {
			t.Errorf("%s: %v, want %q", c.name, got, c.en)
		}
		if got := strings.ReplaceAll(Chinese.Say(c.en), "\u2009", " "); got != c.zh {
			t.Errorf("%s: %q, want %q", c.name, got, c.zh)
		}
	}
}
