package reports

import (
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
