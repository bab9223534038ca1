package reports

import (
	"slices"
	"testing"

	"weir/analyze"
)

// What a judge rests on is said with its intervals, and few labels are watched.
func TestJudgeText(t *testing.T) {
	j := &analyze.JudgeResult{
		Criterion: "support-quality.resolution", Hashes: []string{"a", "b"}, Judged: analyze.ByArm{Control: 1100, Treatment: 1050}, Labelled: analyze.ByArm{Control: 60, Treatment: 31},
		Lambda: analyze.Unknown, Agreement: &analyze.JudgeAgreement{
			Units: 91, Kappa: analyze.Interval{Value: .62, Lower: .5, Upper: .74},
			Sensitivity: analyze.Interval{Value: .9, Lower: .8, Upper: .95}, Specificity: analyze.Interval{Value: analyze.Unknown, Lower: analyze.Unknown, Upper: analyze.Unknown},
		},
	}
	want := "Judged by support-quality.resolution: 1,100 and 1,050 dialogues, of which people labelled 60 and 31. 2 configurations of the judge are strata of their own. " +
		"On 91 labelled dialogues judge and people agree with kappa 0.62 (0.50 to 0.74); of what people call good the judge does so in 90 % (80 % to 95 %), of what they call bad in unknown."
	if got := judgeText(j); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if judgeText(nil) != "" {
		t.Error("a metric without a judge has one")
	}
	for _, c := range []struct {
		judge *analyze.JudgeResult
		word  string
		n     int
	}{{j, watched.Word, 1}, {&analyze.JudgeResult{Corrected: true}, sound.Word, 1}, {&analyze.JudgeResult{Pairwise: true}, "", 0}, {nil, "", 0}} {
		got := labels([]analyze.MetricResult{{Name: "quality", Judge: c.judge}})
		if len(got) != c.n || c.n == 1 && got[0].Word != c.word {
			t.Errorf("%+v gives %v", c.judge, got)
		}
	}
}

// Drift is said as it is drawn: what is known of it and what is not, and which judge it is.
func TestDrift(t *testing.T) {
	charts, texts := drifts(judged().Drifts)
	if len(charts) != 2 || charts[0].Title != "groundedness" {
		t.Fatalf("%d charts", len(charts))
	}
	want := []string{
		"50 frozen dialogues were scored 0.50 on average by the first run, and again by 1 run since. The last one differs by 0. " +
			"By all runs together the change lies between −0.120 and +0.120; 0.05 are tolerated either way. The judge counts as the same.",
		"80 frozen dialogues were scored 0.64 on average by the first run, and again by 13 runs since. The last one differs by +0.107. " +
			"By all runs together the change lies between +0.054 and +0.130; 0.05 are tolerated either way. The judge counts as another one.",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("%q\nwant %q", texts, want)
	}
	if n := len(charts[1].Marks); n != 7 {
		t.Errorf("%d dots, want one for each of the seven runs that scored any", n)
	}
	if n := len(charts[0].Marks); n != 2 {
		t.Errorf("%d dots, want the first run and the one since", n)
	}
	if n := len(charts[0].Areas); n != 1 {
		t.Errorf("%d areas: the interval of one run is not drawn", n)
	}
}
