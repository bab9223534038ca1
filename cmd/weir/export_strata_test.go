package main

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// Strata are drawn with rates of their own, and every row carries its own
// probability: what people label most of, here the bad dialogues alone, does not
// weigh more in what is estimated of all.
func TestExportStrata(t *testing.T) {
	b := newBench(t, 30, .6, .6)
	set := filepath.Join(b.dir, "set.jsonl")
	_, said := ran(t, statusDone, b.args("export", "--as-of", benchNow, "--format", "jsonl", "--output", set, "--rate", "0.2",
		"--stratum", `90% language == "zh"`, "--stratum", `50% language == "zh" and turns > 0`)...)
	for _, want := range []string{"each with probability 0.2 but where a stratum has its own", "with probability 0.9, where language", "of these 0 of 0 with probability 0.5"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
	drawn := parsed(t, statusDone, "query", "--lake", b.lake, "--format", "json", `
		select language, avg((l.session_id is not null)::double) as share, min(inclusion_probability) as least, max(inclusion_probability) as most
		from traces t left join labels l on l.session_id = t.session_id and l.criterion = 'support-quality' group by 1 order by 1`)
	drawn.match(t, []figure{{"0.language", "en"}, {"0.least", "0.2"}, {"0.most", "0.2"}, {"1.language", "zh"}, {"1.least", "0.9"}, {"1.most", "0.9"}})
	for i, want := range []float64{.2, .9} {
		if got := drawn.number(t, []string{"0.share", "1.share"}[i]); math.Abs(got-want) > .04 {
			t.Errorf("%.3f are drawn with probability %g", got, want)
		}
	}
	ran(t, statusDone, b.args("label", "--labeler", "ann", b.label(t, set, func(int) bool { return true }))...)
	q, _ := b.quality(t, statusHold)
	q.match(t, []figure{{"judge.corrected", "true"}})
	for _, arm := range []string{"control.value", "treatment.value"} {
		if v := q.number(t, arm); math.Abs(v-.6) > .07 {
			t.Errorf("%s is %v, the truth .6", arm, v)
		}
	}
	for text, want := range map[string]string{
		`2% turns > 1`: "below 5 %", `half turns > 1`: "write a rate and a condition", `50%`: "write a rate and a condition",
		`50% verdict == "bad"`: "unknown name verdict; known are attributes",
	} {
		if _, said := ran(t, statusUsage, b.args("export", "--output", set+"2", "--stratum", text)...); !strings.Contains(said, want) {
			t.Errorf("of %s it says %s", text, said)
		}
	}
}
