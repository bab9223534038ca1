package steering

import (
	"errors"
	"strings"
	"testing"

	"weir/internal/control/ledger"
)

// A release that calls the version before a promotion stable would undo that promotion
// and is refused, at a start as at a reload; so is the name of an earlier release.
func TestSuccession(t *testing.T) {
	next := strings.Replace(plain, "r1", "r2", 1)
	arms := func(stable, candidate string) string {
		return strings.NewReplacer("stable: v1", "stable: "+stable, "candidate: v2", "candidate: "+candidate).Replace(next)
	}
	promote, rollback := Action{Kind: ledger.KindPromote}, Action{Kind: ledger.KindRollback}
	for name, c := range map[string]struct {
		before        []Action
		spec          string
		refused, says string
	}{
		"the promoted one is stable":          {[]Action{promote}, arms("v2", "v3"), "", ""},
		"blue and green":                      {[]Action{promote}, arms("v2", "v1"), "", ""},
		"the one before is stable":            {[]Action{promote}, arms("v1", "v3"), "weir.yaml:4:9: stable: v1 is the version before v2, which release r1 has promoted: everyone would go back to it: write stable: v2; or, to go back to v1, roll release r1 back", ""},
		"it was rolled back after all":        {[]Action{promote, rollback}, arms("v1", "v3"), "", ""},
		"the promotion was rolled back":       {[]Action{promote, rollback}, arms("v2", "v3"), "", "everyone goes from v1 to v2 without a comparison"},
		"nobody knows the stable one":         {[]Action{promote}, arms("v3", "v4"), "", "everyone goes from v2 to v3 without a comparison"},
		"the release before was never proven": {[]Action{share(.2)}, arms("v1", "v3"), "", ""},
	} {
		for _, start := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				g := started(t, plain)
				for _, a := range c.before {
					g.do(t, a)
				}
				before := g.Current().Entry
				var err error
				if start {
					err = g.enter(t, c.spec)
				} else {
					_, err = g.Reload(release(t, c.spec), "anna", nil)
				}
				if c.refused != "" {
					var refusal *Refusal
					if !errors.As(err, &refusal) || !strings.Contains(err.Error(), c.refused) {
						t.Fatalf("got %v", err)
					}
					if last := g.book.Last(); last.Seq != before.Seq {
						t.Errorf("it changed %+v", last)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if e := g.Current().Entry; e.Kind != ledger.KindBegin || c.says == "" && e.Reason != "" || !strings.Contains(e.Reason, c.says) {
					t.Errorf("%s, reason %q, want %q", e.Kind, e.Reason, c.says)
				}
			})
		}
	}
}

func TestANameIsForOneRelease(t *testing.T) {
	g := started(t, plain)
	g.do(t, Action{Kind: ledger.KindRollback})
	if err := g.enter(t, strings.Replace(plain, "r1", "r2", 1)); err != nil {
		t.Fatal(err)
	}
	err := g.enter(t, plain)
	if err == nil || !strings.Contains(err.Error(), "weir.yaml:3:10: release: r1 began on 25 November 2026 already, and r2 came after it: give it another name") {
		t.Errorf("got %v", err)
	}
}
