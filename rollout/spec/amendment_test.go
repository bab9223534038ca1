package spec

import (
	"reflect"
	"strings"
	"testing"
)

func TestAmendments(t *testing.T) {
	before := parse(t, promised)
	for _, c := range changes {
		got := Amendments(before, parse(t, strings.Replace(promised, c.old, c.new, 1)))
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", c.what, got, c.want)
		}
	}
}

// Beyond the promise, what moves units is an amendment too.
func TestAmendmentsOfAssignment(t *testing.T) {
	const rule = "rules: [{name: qa, when: 'user == \"a\"', version: v2}]\n"
	before := parse(t, promised)
	for _, c := range []struct {
		what, src string
		change    Change
		path      string
	}{
		{"rule", promised + rule, ChangeEpoch, "rules"},
		{"holdout", promised + "holdout: 5%\n", ChangeEpoch, "holdout"},
		{"arm", strings.Replace(promised, "candidate: v2", "candidate: v3", 1), ChangeRefused, "candidate"},
		{"app", strings.Replace(promised, "app: a", "app: b", 1), ChangeRefused, "app"},
	} {
		got := Amendments(before, parse(t, c.src))
		if len(got) != 1 || got[0].Change != c.change || got[0].Path != c.path {
			t.Errorf("%s: got %+v", c.what, got)
		}
	}
}

func TestAmendmentOfDefaultMetrics(t *testing.T) {
	before, after := Default("a", "r", "v1", "v2"), Default("a", "r", "v1", "v2")
	after.MetricsDeclared = true
	want := []Amendment{{ChangeAmended, "metrics", "", "default", "declared"}}
	if got := Amendments(before, after); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Nothing is amended where nothing differs that is promised or assigns.
func TestNoAmendments(t *testing.T) {
	before := parse(t, promised)
	for what, src := range map[string]string{
		"same":       promised,
		"other keys": promised + "rules: []\nenvironment: test\nresponse_header: false\njobs: {timezone: Asia/Shanghai}\n",
	} {
		if got := Amendments(before, parse(t, src)); got != nil {
			t.Errorf("%s: got %+v", what, got)
		}
	}
}
